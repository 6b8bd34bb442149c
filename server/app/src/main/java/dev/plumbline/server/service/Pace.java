package dev.plumbline.server.service;

/** How fast one phase of some work goes; what was done before it began does not count. */
final class Pace {
    private static final double NANOS = 1e9;

    private String phase = "";
    private long begun;
    private long before;

    /** Of the phase so far, 0 at its beginning. */
    double perSecond(String now, long done) {
        long time = System.nanoTime();
        if (!now.equals(phase) || done < before) {
            phase = now;
            begun = time;
            before = done;
        }
        double seconds = (time - begun) / NANOS;
        return seconds > 0 ? (done - before) / seconds : 0;
    }
}
