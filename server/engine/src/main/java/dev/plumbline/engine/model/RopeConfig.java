package dev.plumbline.engine.model;

/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864), scaled as the configuration says: none,
 * {@code linear} or {@code llama3}; others are refused by name.
 *
 * @param inverseFrequencies {@code head_dim / 2} of them
 * @param maxPositionEmbeddings how many positions the model knows
 */
@SuppressWarnings("ArrayRecordComponent") // Read when a graph is built, compared by nobody.
record RopeConfig(double[] inverseFrequencies, int maxPositionEmbeddings) {
    static RopeConfig read(ConfigReader config, int headDim) {
        // transformers 5 keeps all of it in rope_parameters, 4 in rope_scaling and rope_theta;
        // where both stand, 5 takes rope_scaling.
        ConfigReader parameters = config.child("rope_parameters");
        ConfigReader scaling =
                config.has("rope_scaling") ? config.child("rope_scaling") : parameters;
        double theta =
                scaling.number(
                        "rope_theta",
                        config.number("rope_theta", parameters.number("rope_theta", 10000)));
        String type = scaling.text("rope_type", scaling.text("type", "default"));
        double[] frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(theta, -2.0 * i / headDim);
        }
        switch (type) {
            case "default" -> {}
            case "linear" -> {
                for (int i = 0; i < frequencies.length; i++) {
                    frequencies[i] /= scaling.number("factor", 1);
                }
            }
            case "llama3" -> scaleAsLlama3(frequencies, scaling);
            default -> throw scaling.unsupported("rope_type", type, "default, linear, llama3");
        }
        return new RopeConfig(frequencies, config.size("max_position_embeddings", 2048));
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
        return new RotaryTable(inverseFrequencies, new int[] {inverseFrequencies.length});
    }
}
