package dev.plumbline.plugins.sae;

import static dev.plumbline.plugins.sae.Autoencoder.DECODER;
import static dev.plumbline.plugins.sae.Autoencoder.DECODER_BIAS;
import static dev.plumbline.plugins.sae.Autoencoder.ENCODER;
import static dev.plumbline.plugins.sae.Autoencoder.ENCODER_BIAS;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute.Fitting;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.Workshop;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Fits an autoencoder to difference vectors of the rows against the pool: Eq. 11, {@code ||d -
 * D(E(d))||^2 + gamma sum_j KL(rho || rho_hat_j)}, the first averaged over the batch.
 *
 * <p>The weights of Eq. 11 are {@code scale * parameter}: Adam moves every parameter by about its
 * learning rate, and {@code d} has hundreds of thousands of small entries, so that without scales
 * the sums would jump with each step, and the more the larger the CLIP model.
 */
final class SaeFit {
    /** How far a step at the usual rate may move the sum before the sigmoid, in thousandths. */
    private static final double REACH = 30;

    /** At the start, the sum before the sigmoid of a difference of length 1 along the direction. */
    private static final double SPREAD = 6;

    /** Difference vectors whose mixture a latent's direction starts as. */
    private static final int MIXED = 4;

    private static final int SAMPLE = 512;
    private static final double LEAST = 1e-6;

    private final Workshop workshop;
    private final SaeOptions options;
    private final int[] trainingRows;
    private final int image;
    private final int text;

    /**
     * @param trainingRows the rows to fit to
     */
    SaeFit(Workshop workshop, SaeOptions options, int[] trainingRows) {
        this.workshop = workshop;
        this.options = options;
        this.trainingRows = trainingRows.clone();
        this.image = workshop.pool().dimension();
        this.text = workshop.promptEmbedding(trainingRows[0]).length;
    }

    Autoencoder run() {
        RandomGenerator random = new SplittableRandom(options.fitSeed());
        float[] mean = mean(random);
        Map<String, Array> start = start(random, mean);
        Fitting fitting =
                Fitting.adam(
                        options.steps(),
                        options.learningRate(),
                        (step, loss) ->
                                workshop.progress(
                                        "fitting the autoencoder", step + 1L, options.steps()));
        Map<String, Array> fitted =
                workshop.compute().fit(this::loss, start, step -> batch(random), fitting);
        return new Autoencoder(
                scaled(Autoencoder.at(fitted, ENCODER), encoderScale()),
                Autoencoder.at(fitted, ENCODER_BIAS),
                scaled(Autoencoder.at(fitted, DECODER), decoderScale()),
                scaled(Autoencoder.at(fitted, DECODER_BIAS), decoderScale()),
                Array.of(mean, image, text));
    }

    private double encoderScale() {
        return REACH / Math.sqrt((double) image * text);
    }

    private double decoderScale() {
        return 1 / Math.sqrt((double) image * text);
    }

    private static Array scaled(Array array, double scale) {
        float[] values = array.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) scale;
        }
        return Array.of(values, array.shape());
    }

    /** Of a batch: texts [P, text], differences [P, n, image], squared lengths [P n]. */
    Expression loss(Variables v) {
        int prompts = options.prompts();
        int pairs = options.pairs();
        int count = prompts * pairs;
        int latents = options.latents();
        int[] shape = {latents, image, text};
        Expression texts = v.input("texts", prompts, text).transposed(1, 0);
        Expression differences = v.input("differences", prompts, pairs, image);
        Expression decoder = v.get(DECODER).times(decoderScale());
        Expression bias = v.get(DECODER_BIAS).times(decoderScale());
        Expression sums =
                differences
                        .matmul(Autoencoder.contracted(v.get(ENCODER), texts, shape, prompts))
                        .times(encoderScale())
                        .plus(v.get(ENCODER_BIAS));
        Expression z =
                options.activation()
                        .of(sums.reshaped(count, latents), v.get(ENCODER_BIAS), latents);
        Expression onDecoder =
                differences
                        .matmul(Autoencoder.contracted(decoder, texts, shape, prompts))
                        .reshaped(count, latents);
        Expression onBias =
                differences.matmul(bias.matmul(texts).transposed(1, 0).reshaped(prompts, image, 1));
        // ||d - Dz - b||^2 = ||d||^2 - 2 z B u - 2 d b + z G z + 2 z D b + ||b||^2
        Expression perLatent =
                z.matmul(Autoencoder.gram(decoder, shape))
                        .minus(onDecoder.times(2))
                        .plus(
                                Autoencoder.onBias(decoder, bias, shape)
                                        .reshaped(1, latents)
                                        .times(2));
        Expression error =
                v.input("squares", count)
                        .sum()
                        .plus(z.times(perLatent).sum())
                        .minus(onBias.sum().times(2))
                        .times(1.0 / count)
                        .plus(bias.times(bias).sum());
        Expression mean = z.sum(0).times(1.0 / count);
        return switch (options.activation().kind()) {
            case KL -> error.plus(divergence(mean).times(options.gamma()));
            case L1 -> error.plus(mean.times(lengths(decoder, shape)).sum().times(options.gamma()));
            case TOP_K -> error;
        };
    }

    /** Of the decoder's directions: without them the sum could shrink while these grow. */
    private static Expression lengths(Expression decoder, int[] shape) {
        Expression flat = decoder.reshaped(shape[0], shape[1] * shape[2]);
        return flat.times(flat).sum(1).atLeast(LEAST).log().times(0.5).exp();
    }

    private Expression divergence(Expression mean) {
        double rho = options.rho();
        Expression rare = mean.atLeast(LEAST).log().times(-rho);
        Expression common = mean.times(-1).plus(1).atLeast(LEAST).log().times(rho - 1);
        double entropy = rho * Math.log(rho) + (1 - rho) * Math.log(1 - rho);
        return rare.plus(common).plus(entropy).sum();
    }

    private Map<String, Array> batch(RandomGenerator random) {
        int prompts = options.prompts();
        int pairs = options.pairs();
        float[] texts = new float[prompts * text];
        float[] differences = new float[prompts * pairs * image];
        float[] squares = new float[prompts * pairs];
        for (int p = 0; p < prompts; p++) {
            int row = trainingRows[random.nextInt(trainingRows.length)];
            float[] h = workshop.promptEmbedding(row);
            System.arraycopy(h, 0, texts, p * text, text);
            double squaredText = Vectors.dot(h, h);
            for (int i = 0; i < pairs; i++) {
                float[] u = difference(row, random);
                int at = p * pairs + i;
                System.arraycopy(u, 0, differences, at * image, image);
                squares[at] = (float) (squaredText * Vectors.dot(u, u));
            }
        }
        return Map.of(
                "texts", Array.of(texts, prompts, text),
                "differences", Array.of(differences, prompts, pairs, image),
                "squares", Array.of(squares, prompts * pairs));
    }

    private float[] difference(int row, RandomGenerator random) {
        int candidate = random.nextInt(workshop.pool().size());
        return Vectors.minus(workshop.imageEmbedding(row), workshop.pool().embedding(candidate));
    }

    /** Of a sample of difference vectors, [image, text]. */
    private float[] mean(RandomGenerator random) {
        float[] mean = new float[image * text];
        for (int i = 0; i < SAMPLE; i++) {
            int row = trainingRows[random.nextInt(trainingRows.length)];
            addOuter(mean, difference(row, random), workshop.promptEmbedding(row), 1f / SAMPLE);
            workshop.progress("sampling differences", i + 1L, SAMPLE);
        }
        return mean;
    }

    private static void addOuter(float[] sum, float[] u, float[] h, float weight) {
        for (int i = 0; i < u.length; i++) {
            float factor = weight * u[i];
            int at = i * h.length;
            for (int j = 0; j < h.length; j++) {
                sum[at + j] += factor * h[j];
            }
        }
    }

    /** Latents look along mixtures of difference vectors, so that all see something of the data. */
    private Map<String, Array> start(RandomGenerator random, float[] mean) {
        int latents = options.latents();
        int size = image * text;
        float[] encoder = new float[latents * size];
        float[] decoder = new float[latents * size];
        float[] biases = new float[latents];
        for (int latent = 0; latent < latents; latent++) {
            float[] direction = new float[size];
            for (int i = 0; i < MIXED; i++) {
                int row = trainingRows[random.nextInt(trainingRows.length)];
                addOuter(
                        direction,
                        difference(row, random),
                        workshop.promptEmbedding(row),
                        (float) random.nextGaussian());
            }
            double length = Math.sqrt(Vectors.dot(direction, direction));
            double along = SPREAD / (length * encoderScale());
            for (int i = 0; i < size; i++) {
                encoder[latent * size + i] = (float) (direction[i] * along);
                decoder[latent * size + i] = (float) (direction[i] / length / decoderScale());
            }
            biases[latent] = startBias();
            workshop.progress("starting the autoencoder", latent + 1L, latents);
        }
        float[] decoderBias = mean.clone();
        for (int i = 0; i < size; i++) {
            decoderBias[i] /= (float) decoderScale();
        }
        Map<String, Array> start = new HashMap<>();
        start.put(ENCODER, Array.of(encoder, latents, image, text));
        start.put(ENCODER_BIAS, Array.of(biases, latents));
        start.put(DECODER, Array.of(decoder, latents, image, text));
        start.put(DECODER_BIAS, Array.of(decoderBias, image, text));
        return start;
    }

    /** A sigmoid begins at the activation that it is held to; a rectifier must begin open. */
    private float startBias() {
        return options.activation().kind() == Activation.Kind.KL
                ? (float) Math.log(options.rho() / (1 - options.rho()))
                : 0;
    }
}
