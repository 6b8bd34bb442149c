package dev.plumbline.plugins.sae;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Artefact;
import dev.plumbline.spi.Expression;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A sparse autoencoder over {@code d = vec(u h^T)}, with {@code u} a difference of picture
 * embeddings [image] and {@code h} a text embedding [text]: {@code z = E(d)}, {@code d' = sum_j z_j
 * decoder_j + decoder_bias} (MISP-DPO, arXiv 2509.25717, section 3.2). Nothing of the size of
 * {@code d} is made for a pair: every product with {@code d} is a product with {@code h}, once a
 * text, then with {@code u}.
 *
 * @param encoder [latents, image, text]
 * @param encoderBias [latents]
 * @param decoder [latents, image, text]
 * @param decoderBias [image, text]
 * @param mean [image, text], of {@code d}; what explained variance is counted from
 */
record Autoencoder(Array encoder, Array encoderBias, Array decoder, Array decoderBias, Array mean) {
    static final String ENCODER = "encoder.weight";
    static final String ENCODER_BIAS = "encoder.bias";
    static final String DECODER = "decoder.weight";
    static final String DECODER_BIAS = "decoder.bias";
    private static final String MEAN = "mean";

    int latents() {
        return encoder.shape()[0];
    }

    int image() {
        return encoder.shape()[1];
    }

    int text() {
        return encoder.shape()[2];
    }

    static Autoencoder of(Artefact artefact) {
        Map<String, Array> tensors = artefact.tensors();
        return new Autoencoder(
                at(tensors, ENCODER),
                at(tensors, ENCODER_BIAS),
                at(tensors, DECODER),
                at(tensors, DECODER_BIAS),
                at(tensors, MEAN));
    }

    Artefact artefact(Map<String, String> metadata) {
        Map<String, Array> tensors = new HashMap<>();
        tensors.put(ENCODER, encoder);
        tensors.put(ENCODER_BIAS, encoderBias);
        tensors.put(DECODER, decoder);
        tensors.put(DECODER_BIAS, decoderBias);
        tensors.put(MEAN, mean);
        return new Artefact(tensors, metadata);
    }

    /** [latents, image, text] contracted with texts [text, P]: [P, image, latents]. */
    static Expression contracted(Expression weight, Expression texts, int[] shape, int count) {
        return weight.reshaped(shape[0] * shape[1], shape[2])
                .matmul(texts)
                .reshaped(shape[0], shape[1], count)
                .transposed(2, 1, 0);
    }

    /** Inner products of all decoder directions, [latents, latents]. */
    static Expression gram(Expression decoder, int[] shape) {
        Expression flat = decoder.reshaped(shape[0], shape[1] * shape[2]);
        return flat.matmul(flat.transposed(1, 0));
    }

    /** Inner products of the decoder's directions with its bias, [latents, 1]. */
    static Expression onBias(Expression decoder, Expression bias, int[] shape) {
        int size = shape[1] * shape[2];
        return decoder.reshaped(shape[0], size).matmul(bias.reshaped(size, 1));
    }

    /** The weights as constants of a program. */
    Map<String, Array> constants() {
        return Map.of(ENCODER, encoder, DECODER, decoder, DECODER_BIAS, decoderBias, MEAN, mean);
    }

    static Array at(Map<String, Array> arrays, String name) {
        return Objects.requireNonNull(arrays.get(name), () -> "no array " + name);
    }
}
