package dev.plumbline.engine.checkpoint;

import java.util.Arrays;

/**
 * The text of a growing list of token ids, piece by piece. No piece ends within a character, and
 * all pieces together are the text of all ids, special tokens left out.
 *
 * <p>Only the last tokens are decoded again: decoders look no further back than to the beginning of
 * a word. Not for several threads.
 */
public final class StreamDecoder {
    private static final char REPLACEMENT = '\ufffd';
    private static final int WINDOW = 48;
    private static final int KEPT = 12;

    private final Tokenizer tokenizer;
    private int[] window = new int[2 * WINDOW];
    private int size;
    private int shorteningAt = WINDOW;

    /** Characters of the window's text that were given out. */
    private int given;

    public StreamDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text that this token makes certain; empty while a character is incomplete. */
    public String push(int id) {
        if (tokenizer.isSilent(id)) {
            return "";
        }
        if (size == window.length) {
            window = Arrays.copyOf(window, 2 * size);
        }
        window[size++] = id;
        if (tokenizer.isByte(id)) {
            // A run of bytes is decoded as a whole: one wrong byte changes all of them.
            return "";
        }
        String text = text(0);
        int end = text.length();
        while (end > given && text.charAt(end - 1) == REPLACEMENT) {
            end--;
        }
        String piece = take(text, end);
        if (end == text.length() && size >= shorteningAt) {
            shorten(text);
        }
        return piece;
    }

    /** What is still held back, when no token follows. */
    public String finish() {
        String text = text(0);
        return take(text, text.length());
    }

    private String take(String text, int end) {
        if (end <= given) {
            return "";
        }
        String piece = text.substring(given, end);
        given = end;
        return piece;
    }

    /** Forgets the oldest tokens, where the text of the others stays what it was. */
    private void shorten(String text) {
        int from = size - KEPT;
        String kept = text(from);
        // Without a visible character in front, a decoder could take the next space for the first.
        if (!kept.isBlank() && text.endsWith(kept) && !tokenizer.isByte(window[from])) {
            System.arraycopy(window, from, window, 0, KEPT);
            size = KEPT;
            given = kept.length();
            shorteningAt = WINDOW;
        } else {
            shorteningAt = 2 * size;
        }
    }

    private String text(int from) {
        return tokenizer.decode(Arrays.copyOfRange(window, from, size), true);
    }
}
