package dev.plumbline.engine.expr;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Options as a plugin declared them, with what a user gave and defaults for the rest. */
public final class DeclaredOptions implements Options {
    private final String owner;
    private final Map<String, OptionSpec> declared;
    private final Map<String, String> values;

    private DeclaredOptions(
            String owner, Map<String, OptionSpec> declared, Map<String, String> values) {
        this.owner = owner;
        this.declared = declared;
        this.values = values;
    }

    /**
     * Checks what was given against what is declared.
     *
     * @param owner the plugin's name, for messages
     * @throws PlumblineException INVALID_ARGUMENT: {@code UNKNOWN_OPTION}, {@code
     *     OPTION_NOT_A_NUMBER}, {@code OPTION_OUT_OF_RANGE} or {@code OPTION_NOT_A_CHOICE}; the
     *     message says what is valid
     */
    public static DeclaredOptions of(
            String owner, List<OptionSpec> declared, Map<String, String> given) {
        Map<String, OptionSpec> byName = new HashMap<>();
        Map<String, String> values = new HashMap<>();
        for (OptionSpec spec : declared) {
            byName.put(spec.name(), spec);
            values.put(spec.name(), spec.defaultValue());
        }
        given.forEach((name, value) -> {
            OptionSpec spec = byName.get(name);
            if (spec == null) {
                throw invalid(owner, name, "UNKNOWN_OPTION", "is " + OptionTexts.noneOf(declared));
            }
            check(owner, spec, value);
            values.put(name, value);
        });
        return new DeclaredOptions(owner, byName, values);
    }

    private static void check(String owner, OptionSpec spec, String value) {
        switch (spec.type()) {
            case NUMBER, INTEGER -> checkNumber(owner, spec, value);
            case CHOICE -> {
                if (!spec.choices().contains(value)) {
                    throw invalid(
                            owner,
                            spec.name(),
                            "OPTION_NOT_A_CHOICE",
                            "must be one of " + spec.choices() + ", not '" + value + "'");
                }
            }
            case TEXT -> {}
        }
    }

    private static void checkNumber(String owner, OptionSpec spec, String value) {
        boolean whole = spec.type() == OptionSpec.Type.INTEGER;
        double number;
        try {
            number = whole ? Integer.parseInt(value.strip()) : Double.parseDouble(value.strip());
        } catch (NumberFormatException e) {
            throw invalid(
                            owner,
                            spec.name(),
                            "OPTION_NOT_A_NUMBER",
                            "must be %s%s, not '%s'"
                                    .formatted(
                                            whole ? "a whole number" : "a number",
                                            OptionTexts.range(spec),
                                            value))
                    .causedBy(e);
        }
        // Written so that NaN fails.
        if (!(number >= spec.minimum() && number <= spec.maximum())) {
            throw invalid(
                    owner,
                    spec.name(),
                    "OPTION_OUT_OF_RANGE",
                    "must be%s, not %s".formatted(OptionTexts.range(spec), value));
        }
    }

    private static PlumblineException invalid(
            String owner, String name, String reason, String what) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                reason,
                "option %s of %s %s".formatted(name, owner, what),
                Map.of("field", "options." + name, "option", name, "plugin", owner));
    }

    @Override
    public double number(String name) {
        return Double.parseDouble(value(name, OptionSpec.Type.NUMBER).strip());
    }

    @Override
    public int integer(String name) {
        return Integer.parseInt(value(name, OptionSpec.Type.INTEGER).strip());
    }

    @Override
    public String text(String name) {
        return value(name, OptionSpec.Type.TEXT);
    }

    private String value(String name, OptionSpec.Type type) {
        OptionSpec spec = declared.get(name);
        String value = values.get(name);
        boolean text = type == OptionSpec.Type.TEXT;
        boolean fits =
                spec != null
                        && (spec.type() == type || (text && spec.type() == OptionSpec.Type.CHOICE));
        if (!fits || value == null) {
            throw new IllegalArgumentException(
                    owner + " asks for an option that it does not declare so: " + name);
        }
        return value;
    }
}
