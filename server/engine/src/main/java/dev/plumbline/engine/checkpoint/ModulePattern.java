package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression from an adapter's configuration, which may come from anyone: its matcher
 * gives up after so many steps instead of searching for hours.
 */
final class ModulePattern {
    private static final int MAX_STEPS = 1_000_000;

    private final Function<String, PlumblineException> fault;
    private final Pattern pattern;

    private ModulePattern(Function<String, PlumblineException> fault, Pattern pattern) {
        this.fault = fault;
        this.pattern = pattern;
    }

    /**
     * @param fault makes an error of what is wrong with the expression
     */
    static ModulePattern compile(String expression, Function<String, PlumblineException> fault) {
        try {
            return new ModulePattern(fault, Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw fault.apply(
                            "'%s' is not a regular expression: %s"
                                    .formatted(expression, e.getDescription()))
                    .causedBy(e);
        }
    }

    /** As peft's {@code get_pattern_key} matches: the end of a name, from a dot on. */
    static ModulePattern suffix(String expression, Function<String, PlumblineException> fault) {
        return compile("(?:.*\\.)?(?:" + expression + ")", fault);
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
        return fault.apply("matching '%s' takes too long".formatted(pattern));
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
