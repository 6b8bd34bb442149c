package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression from an adapter's configuration, which may come from anyone: its matcher
 * gives up after so many steps instead of searching for hours.
 */
final class ModulePattern {
    private static final int MAX_STEPS = 1_000_000;

    private final Path file;
    private final Pattern pattern;

    private ModulePattern(Path file, Pattern pattern) {
        this.file = file;
        this.pattern = pattern;
    }

    static ModulePattern compile(Path file, String expression) {
        try {
            return new ModulePattern(file, Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw PeftFaults.config(
                            file,
                            "'%s' is not a regular expression: %s"
                                    .formatted(expression, e.getDescription()))
                    .causedBy(e);
        }
    }

    /** Whether the whole text matches. */
    boolean matches(String text) {
        try {
            return pattern.matcher(new Counted(text)).matches();
        } catch (TooManySteps | StackOverflowError e) {
            throw tooCostly().causedBy(e);
        }
    }

    private PlumblineException tooCostly() {
        return PeftFaults.config(file, "matching '%s' takes too long".formatted(pattern));
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Counted implements CharSequence {
        private final String text;
        private int steps;

        Counted(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++steps > MAX_STEPS) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
