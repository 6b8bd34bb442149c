package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864), scaled as the configuration says: none,
 * {@code linear} or {@code llama3}; others are refused by name.
 *
 * @param inverseFrequencies {@code head_dim / 2} of them
 * @param sections how many of them follow each kind of position ({@code mrope_section}); one number
 *     where there is one kind
 * @param maxPositionEmbeddings how many positions the model knows
 */
@SuppressWarnings("ArrayRecordComponent") // Read when a graph is built, compared by nobody.
record RopeConfig(double[] inverseFrequencies, List<Integer> sections, int maxPositionEmbeddings) {
    static final Defaults LLAMA = new Defaults(10000, 2048, List.of());

    /**
     * What holds where a configuration is silent.
     *
     * @param sections empty for a family that has one kind of position
     */
    record Defaults(double theta, int maxPositionEmbeddings, List<Integer> sections) {}

    static RopeConfig read(ConfigReader config, int headDim, Defaults defaults) {
        // transformers 5 keeps all of it in rope_parameters, 4 in rope_scaling and rope_theta;
        // where both stand, 5 takes rope_scaling.
        ConfigReader parameters = config.child("rope_parameters");
        ConfigReader scaling =
                config.has("rope_scaling") ? config.child("rope_scaling") : parameters;
        double theta =
                scaling.number(
                        "rope_theta",
                        config.number(
                                "rope_theta", parameters.number("rope_theta", defaults.theta)));
        String type = scaling.text("rope_type", scaling.text("type", "default"));
        if (type.equals("mrope") && !defaults.sections.isEmpty()) {
            type = "default"; // Its old name; the sections stand beside it.
        }
        double[] frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            // In float, step by step, as torch does: far positions multiply the last digit.
            frequencies[i] = 1 / (float) Math.pow(theta, 2f * i / headDim);
        }
        switch (type) {
            case "default" -> {}
            case "linear" -> {
                for (int i = 0; i < frequencies.length; i++) {
                    frequencies[i] = (float) frequencies[i] / (float) scaling.number("factor", 1);
                }
            }
            case "llama3" -> scaleAsLlama3(frequencies, scaling);
            default -> throw scaling.unsupported("rope_type", type, "default, linear, llama3");
        }
        return new RopeConfig(
                frequencies,
                sections(scaling, frequencies.length, defaults.sections),
                config.size("max_position_embeddings", defaults.maxPositionEmbeddings));
    }

    private static List<Integer> sections(
            ConfigReader scaling, int frequencies, List<Integer> defaults) {
        if (defaults.isEmpty()) {
            return List.of(frequencies);
        }
        JsonNode value = scaling.node().path("mrope_section");
        List<Integer> sections = new ArrayList<>();
        value.forEach(section -> sections.add(section.isInt() ? section.intValue() : -1));
        List<Integer> found = value.isMissingNode() ? defaults : sections;
        if (found.size() != 3
                || found.stream().anyMatch(section -> section < 0)
                || found.stream().mapToInt(Integer::intValue).sum() != frequencies) {
            throw scaling.unsupported(
                    "mrope_section",
                    value.isMissingNode() ? "absent, so " + defaults : value.toString(),
                    "three whole numbers whose sum is half of head_dim, " + frequencies);
        }
        return found;
    }

    /** Long wavelengths are stretched, short ones kept, those between blended (Llama 3.1). */
    private static void scaleAsLlama3(double[] frequencies, ConfigReader scaling) {
        double factor = scaling.number("factor", 8);
        double low = scaling.number("low_freq_factor", 1);
        double high = scaling.number("high_freq_factor", 4);
        double original = scaling.number("original_max_position_embeddings", 8192);
        for (int i = 0; i < frequencies.length; i++) {
            double wavelength = 2 * Math.PI / frequencies[i];
            if (wavelength > original / low) {
                frequencies[i] /= factor;
            } else if (wavelength >= original / high) {
                double smooth = (original / wavelength - low) / (high - low);
                frequencies[i] = (1 - smooth) * frequencies[i] / factor + smooth * frequencies[i];
            }
        }
    }

    RotaryTable table() {
        return new RotaryTable(
                inverseFrequencies, sections.stream().mapToInt(Integer::intValue).toArray());
    }
}
