package dev.plumbline.engine.checkpoint;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.plumbline.engine.error.PlumblineException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Text to token ids and back, as transformers' {@code AutoTokenizer} does it for the
 * vision-language families: the pipeline of {@code tokenizer.json}, with the tokens of {@code
 * tokenizer_config.json} added. (transformers ignores {@code add_bos_token} where there is a {@code
 * tokenizer.json}, and so do we: its post-processor decides.)
 *
 * <p>May be used by several threads at once, but by none after {@link #close}.
 */
public final class Tokenizer implements AutoCloseable {
    static {
        // The library would otherwise ask the network for a CUDA build, and report its use.
        System.setProperty("ai.djl.offline", "true");
    }

    private final TokenizerFiles files;
    private final HuggingFaceTokenizer tokenizer;

    private Tokenizer(TokenizerFiles files, HuggingFaceTokenizer tokenizer) {
        this.files = files;
        this.tokenizer = tokenizer;
    }

    /**
     * Reads a Hugging Face folder.
     *
     * @throws PlumblineException NOT_FOUND with the reason TOKENIZER_MISSING, or
     *     FAILED_PRECONDITION with TOKENIZER_INVALID
     */
    public static Tokenizer read(Path folder) {
        TokenizerFiles files = TokenizerFiles.read(folder);
        byte[] json = files.json().getBytes(StandardCharsets.UTF_8);
        // Truncates at 512 tokens and pads unless told not to.
        Map<String, String> options = Map.of("truncation", "false", "padding", "false");
        try {
            return new Tokenizer(
                    files,
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options));
        } catch (IOException | RuntimeException failure) {
            throw TokenizerFiles.invalid(
                            folder.resolve(TokenizerFiles.TOKENIZER),
                            String.valueOf(failure.getMessage()))
                    .causedBy(failure);
        }
    }

    /** Token ids with what the post-processor adds: {@code tokenizer(text).input_ids}. */
    public int[] encode(String text) {
        return encode(text, true);
    }

    /** As {@code tokenizer(text, add_special_tokens=addSpecialTokens).input_ids}. */
    public int[] encode(String text, boolean addSpecialTokens) {
        long[] ids = tokenizer.encode(wellFormed(text), addSpecialTokens, false).getIds();
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = Math.toIntExact(ids[i]);
        }
        return result;
    }

    /**
     * Text of token ids; ids beyond the vocabulary, which a padded output layer can give, have no
     * text.
     */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0) {
                throw new IllegalArgumentException("token id " + ids[i] + " is negative");
            }
            wide[i] = ids[i];
        }
        return tokenizer.decode(wide, skipSpecialTokens);
    }

    /** As {@link #decode(int[], boolean)}. */
    public String decode(List<Integer> ids, boolean skipSpecialTokens) {
        return decode(ids.stream().mapToInt(Integer::intValue).toArray(), skipSpecialTokens);
    }

    /** The id of a token as it stands in the vocabulary. */
    public OptionalInt idOf(String token) {
        Integer id = files.ids().get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    public OptionalInt beginId() {
        return named("bos_token");
    }

    public OptionalInt endId() {
        return named("eos_token");
    }

    public OptionalInt paddingId() {
        return named("pad_token");
    }

    /** Tokens, added ones included: {@code len(tokenizer)}. */
    public int vocabularySize() {
        return files.ids().size();
    }

    /** Whether the token stands for one byte of a character that the vocabulary lacks. */
    boolean isByte(int id) {
        return files.byteTokens().get(id);
    }

    /** Whether the token has no text once special tokens are left out. */
    boolean isSilent(int id) {
        return !files.textual().get(id);
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private OptionalInt named(String name) {
        return Optional.ofNullable(files.special().get(name))
                .map(this::idOf)
                .orElse(OptionalInt.empty());
    }

    /** Replaces lone surrogates, which have no place in UTF-8. */
    private static String wellFormed(String text) {
        StringBuilder builder = new StringBuilder(text.length());
        text.codePoints()
                .map(point -> point >= 0xd800 && point <= 0xdfff ? 0xfffd : point)
                .forEach(builder::appendCodePoint);
        return builder.toString();
    }
}
