package dev.plumbline.engine.model;

/**
 * Names and numbers of a model that generation and training need.
 *
 * @param contextLength tokens of prompt, pictures and answer together
 * @param hiddenSize width of embeddings and of picture features
 * @param headDim width of a head as it is cached
 */
public record ModelFacts(
        int contextLength,
        int hiddenSize,
        int vocabSize,
        int layers,
        int keyValueHeads,
        int headDim,
        Pictures pictures) {
    /**
     * How pictures stand among the tokens.
     *
     * @param imageTokenId the id that stands for a piece of a picture
     * @param mostTokens how many of them one picture takes at most
     */
    public record Pictures(int imageTokenId, int mostTokens) {}

    /** The same model with room for fewer tokens; 0 changes nothing. */
    ModelFacts limitedTo(int tokens) {
        return new ModelFacts(
                tokens == 0 ? contextLength : Math.min(tokens, contextLength),
                hiddenSize,
                vocabSize,
                layers,
                keyValueHeads,
                headDim,
                pictures);
    }

    /** Bytes that one token takes in a cache of keys and values, in fp32. */
    public long cacheBytesPerToken() {
        return 2L * layers * keyValueHeads * headDim * Float.BYTES;
    }
}
