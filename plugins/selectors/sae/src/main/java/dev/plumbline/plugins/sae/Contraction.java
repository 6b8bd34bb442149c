package dev.plumbline.plugins.sae;

import static dev.plumbline.plugins.sae.Autoencoder.DECODER;
import static dev.plumbline.plugins.sae.Autoencoder.DECODER_BIAS;
import static dev.plumbline.plugins.sae.Autoencoder.ENCODER;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Compute.Program;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An autoencoder's weights contracted with texts. Rows often ask the same of different pictures, so
 * what came of the latest texts is kept. For one thread, as a chooser is.
 */
final class Contraction implements AutoCloseable {
    /** Texts that are kept: of CLIP's size and 64 latents, 13 MB. */
    static final int KEPT = 32;

    private static final float FULL = 0.75f;

    private final Program program;

    /** By the texts' vectors, bit by bit; the one that was not asked for longest comes first. */
    private final Map<ByteBuffer, Weights> latest = new LinkedHashMap<>(KEPT, FULL, true);

    Contraction(Autoencoder autoencoder, Compute compute) {
        int[] shape = autoencoder.encoder().shape();
        this.program = compute.compile(autoencoder.constants(), v -> contracted(v, shape));
    }

    /**
     * @param encoder [image, latents]
     * @param decoder [image, latents]
     * @param bias the decoder's, [image, 1]
     * @param mean [image, 1]
     */
    record Weights(Array encoder, Array decoder, Array bias, Array mean) {
        private static Weights of(Map<String, Array> outputs) {
            return new Weights(
                    Autoencoder.at(outputs, "encoder"),
                    Autoencoder.at(outputs, "decoder"),
                    Autoencoder.at(outputs, "bias"),
                    Autoencoder.at(outputs, "mean"));
        }
    }

    private static Map<String, Expression> contracted(Variables v, int[] shape) {
        Expression text = v.input("text", shape[2], 1);
        return Map.of(
                "encoder",
                Autoencoder.contracted(v.get(ENCODER), text, shape, 1).reshaped(shape[1], shape[0]),
                "decoder",
                Autoencoder.contracted(v.get(DECODER), text, shape, 1).reshaped(shape[1], shape[0]),
                "bias",
                v.get(DECODER_BIAS).matmul(text),
                "mean",
                v.get("mean").matmul(text));
    }

    /**
     * @param text {@code h_t(x)}
     */
    Weights with(float[] text) {
        ByteBuffer key = ByteBuffer.allocate(text.length * Float.BYTES);
        key.asFloatBuffer().put(text);
        Weights known = latest.get(key);
        if (known == null) {
            known = Weights.of(program.run(Map.of("text", Array.of(text, text.length, 1))));
            latest.put(key, known);
            if (latest.size() > KEPT) {
                latest.remove(latest.keySet().iterator().next());
            }
        }
        return known;
    }

    @Override
    public void close() {
        program.close();
    }
}
