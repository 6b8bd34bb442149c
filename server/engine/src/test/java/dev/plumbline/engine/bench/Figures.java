package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Samples of named durations, by the clock and by the processor time of all our threads. */
record Figures(ObjectNode report) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** A moment. */
    record Moment(long nanos, long processorNanos) {
        static Moment now() {
            return new Moment(System.nanoTime(), SYSTEM.getProcessCpuTime());
        }

        double secondsTo(Moment later) {
            return (later.nanos - nanos) / 1e9;
        }
    }

    /** Runs once to warm up, then so many times. */
    void time(String name, int repeats, Runnable action) {
        action.run();
        for (int i = 0; i < repeats; i++) {
            Moment start = Moment.now();
            action.run();
            add(name, start, Moment.now(), 1);
        }
    }

    /**
     * @param parts among which the time is divided
     */
    void add(String name, Moment start, Moment end, double parts) {
        ObjectNode figure = report.withObject("/figures").withObject("/" + name);
        figure.withArray("seconds").add(start.secondsTo(end) / parts);
        figure.withArray("cpu").add((end.processorNanos - start.processorNanos) / 1e9 / parts);
    }
}
