package dev.plumbline.plugins.sae;

import static dev.plumbline.plugins.sae.Autoencoder.DECODER;
import static dev.plumbline.plugins.sae.Autoencoder.DECODER_BIAS;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Compute.Program;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import java.util.HashMap;
import java.util.Map;

/**
 * Scores a pool for one row: the weights are contracted with the text, {@code A = W_e h}, once for
 * rows that share it, and {@code E(d_i) = act(A u_i + b)} is one small product for the whole pool;
 * the reconstruction error follows from inner products. Activations are in single precision, the
 * sums that cancel in double.
 */
final class SaeScorer implements AutoCloseable {
    private final Autoencoder autoencoder;
    private final Contraction contraction;
    private final Program scoring;
    private final Array gram;
    private final Array onBias;
    private final double squaredBias;

    SaeScorer(Autoencoder autoencoder, Activation activation, Compute compute) {
        this.autoencoder = autoencoder;
        int[] shape = autoencoder.encoder().shape();
        float[] bias = autoencoder.decoderBias().floats();
        this.squaredBias = Vectors.dot(bias, bias);
        try (Program once =
                compute.compile(
                        Map.of(
                                DECODER,
                                autoencoder.decoder(),
                                DECODER_BIAS,
                                autoencoder.decoderBias()),
                        v ->
                                Map.of(
                                        "gram",
                                        Autoencoder.gram(v.get(DECODER), shape),
                                        "on_bias",
                                        Autoencoder.onBias(
                                                        v.get(DECODER), v.get(DECODER_BIAS), shape)
                                                .times(2)
                                                .reshaped(1, shape[0])))) {
            Map<String, Array> products = once.run(Map.of());
            this.gram = Autoencoder.at(products, "gram");
            this.onBias = Autoencoder.at(products, "on_bias");
        }
        this.contraction = new Contraction(autoencoder, compute);
        try {
            this.scoring =
                    compute.compile(
                            Map.of("gram", gram, "on_bias", onBias),
                            v -> scoring(v, shape, activation));
        } catch (RuntimeException | Error e) {
            contraction.close();
            throw e;
        }
    }

    /**
     * What follows for each candidate [n, image], of which the row's own picture is {@code u = own
     * - candidate}.
     */
    private static Map<String, Expression> scoring(
            Variables v, int[] shape, Activation activation) {
        int latents = shape[0];
        int image = shape[1];
        Expression candidates = v.input("candidates", -1, image);
        Expression sums =
                v.input("own_encoder", 1, latents)
                        .minus(candidates.matmul(v.input("encoder", image, latents)));
        Expression z = activation.of(sums, v.input("own_encoder", 1, latents), latents);
        Expression onDecoder =
                v.input("own_decoder", 1, latents)
                        .minus(candidates.matmul(v.input("decoder", image, latents)));
        Expression wide = z.inDoubles();
        Expression perLatent =
                wide.matmul(v.get("gram").inDoubles())
                        .minus(onDecoder.inDoubles().times(2))
                        .plus(v.get("on_bias").inDoubles());
        Expression error = wide.times(perLatent).sum(1);
        return Map.of(
                "z",
                z,
                "error",
                error,
                "along",
                candidates.matmul(v.input("along", image, 3)),
                "squares",
                candidates.times(candidates).sum(1));
    }

    /**
     * Of one row's candidates.
     *
     * @param z [N, latents]
     * @param errors {@code l_i}, squared lengths of what the autoencoder does not reconstruct
     * @param spreads {@code ||d_i - mean||^2}
     */
    record Scored(Array z, double[] errors, double[] spreads) {
        int latents() {
            return z.shape()[1];
        }

        int size() {
            return errors.length;
        }

        /** {@code v_i = ||E(d_i)||_1}. */
        double activation(int candidate) {
            double sum = 0;
            int latents = latents();
            for (int j = 0; j < latents; j++) {
                sum += Math.abs(z.get(candidate * latents + j));
            }
            return sum;
        }

        /** Eq. 12: {@code s_i = l_i / max_j l_j + v_i / max_j v_j}. */
        double[] scores() {
            double[] activations = new double[size()];
            double mostError = 0;
            double mostActivation = 0;
            for (int i = 0; i < activations.length; i++) {
                activations[i] = activation(i);
                mostError = Math.max(mostError, errors[i]);
                mostActivation = Math.max(mostActivation, activations[i]);
            }
            double[] scores = new double[size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] =
                        (mostError > 0 ? errors[i] / mostError : 0)
                                + (mostActivation > 0 ? activations[i] / mostActivation : 0);
            }
            return scores;
        }
    }

    /**
     * @param own {@code h_v(m_p)}
     * @param text {@code h_t(x)}
     */
    Scored score(float[] own, float[] text, Candidates candidates) {
        Contraction.Weights weights = contraction.with(text);
        double[] sums = product(own, weights.encoder());
        float[] biases = autoencoder.encoderBias().floats();
        for (int j = 0; j < sums.length; j++) {
            sums[j] += biases[j];
        }
        int image = own.length;
        float[] along = new float[3 * image];
        for (int i = 0; i < image; i++) {
            along[3 * i] = own[i];
            along[3 * i + 1] = (float) weights.bias().get(i);
            along[3 * i + 2] = (float) weights.mean().get(i);
        }
        Map<String, Array> inputs = new HashMap<>();
        inputs.put("encoder", weights.encoder());
        inputs.put("decoder", weights.decoder());
        inputs.put("own_encoder", Array.of(sums, 1, sums.length));
        inputs.put("own_decoder", Array.of(product(own, weights.decoder()), 1, sums.length));
        inputs.put("along", Array.of(along, image, 3));
        return scored(candidates.compute(scoring, inputs), own, text, weights);
    }

    private Scored scored(
            Map<String, Array> outputs, float[] own, float[] text, Contraction.Weights weights) {
        Array errors = Autoencoder.at(outputs, "error");
        Array along = Autoencoder.at(outputs, "along");
        Array squares = Autoencoder.at(outputs, "squares");
        double squaredText = Vectors.dot(text, text);
        double squaredOwn = Vectors.dot(own, own);
        double ownBias = product(own, weights.bias())[0];
        double ownMean = product(own, weights.mean())[0];
        float[] means = autoencoder.mean().floats();
        double squaredMean = Vectors.dot(means, means);
        double[] all = new double[errors.size()];
        double[] spreads = new double[errors.size()];
        for (int i = 0; i < all.length; i++) {
            double squared = squaredText * (squaredOwn + squares.get(i) - 2 * along.get(3 * i));
            double onBiases = ownBias - along.get(3 * i + 1);
            double onMean = ownMean - along.get(3 * i + 2);
            all[i] = Math.max(0, squared - 2 * onBiases + squaredBias + errors.get(i));
            spreads[i] = squared - 2 * onMean + squaredMean;
        }
        return new Scored(Autoencoder.at(outputs, "z"), all, spreads);
    }

    /** A vector [image] with [image, n], sums in double precision. */
    private static double[] product(float[] vector, Array matrix) {
        int width = matrix.size() / vector.length;
        double[] sums = new double[width];
        for (int i = 0; i < vector.length; i++) {
            for (int j = 0; j < width; j++) {
                sums[j] += vector[i] * matrix.get(i * width + j);
            }
        }
        return sums;
    }

    @Override
    public void close() {
        contraction.close();
        scoring.close();
    }
}
