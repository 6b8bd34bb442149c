package dev.plumbline.server.plugin;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a plugin threw, without its classes: an exception of a plugin's that somebody keeps, a log
 * for example, would keep the plugin's class loader.
 */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 500;

    private final String description;

    private Fault(String description) {
        super(description, null, false, true);
        this.description = description;
    }

    static Fault of(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        var fault =
                new Fault(describe(thrown) + place(trace).map(p -> " (at " + p + ")").orElse(""));
        fault.setStackTrace(trace);
        return fault;
    }

    /** The innermost place outside the JDK. */
    static Optional<StackTraceElement> place(StackTraceElement[] trace) {
        return Stream.of(trace).filter(element -> element.getModuleName() == null).findFirst();
    }

    /** Even this is the plugin's own code. */
    private static String describe(Throwable thrown) {
        if (thrown instanceof ExceptionInInitializerError && thrown.getCause() != null) {
            return describe(thrown.getCause());
        }
        try {
            String text = thrown.toString();
            return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
        } catch (RuntimeException | Error again) {
            return thrown.getClass().getName();
        }
    }

    /** As the original's. */
    @Override
    public String toString() {
        return description;
    }
}
