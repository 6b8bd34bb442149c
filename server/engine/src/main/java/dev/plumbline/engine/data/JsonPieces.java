package dev.plumbline.engine.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Cuts a file into its rows without reading them: lines, or the elements of an array. That happens
 * on bytes, so that a row which is no JSON, or no UTF-8, spoils no other. One row is in memory.
 */
final class JsonPieces implements AutoCloseable {
    /** Longer ones are cut off and told. */
    private static final int LONGEST = 64 << 20;

    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final boolean array;
    private int index;
    private boolean ended;
    private int ahead;

    /**
     * A row as bytes.
     *
     * @param index line from 1, or element from 0
     * @param fault why it is not whole, or empty
     */
    record Piece(int index, byte[] bytes, String fault) {
        boolean isBlank() {
            for (byte b : bytes) {
                if (!isSpace(b)) {
                    return false;
                }
            }
            return fault.isEmpty();
        }
    }

    private JsonPieces(InputStream in) throws IOException {
        this.in = in;
        this.ahead = in.read();
        skipByteOrderMark();
        while (isSpace(ahead)) {
            index += ahead == '\n' ? 1 : 0;
            ahead = in.read();
        }
        this.array = ahead == '[';
        if (array) {
            index = 0;
            ahead = in.read();
        }
    }

    static JsonPieces open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        try {
            return new JsonPieces(in);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private void skipByteOrderMark() throws IOException {
        if (ahead == 0xef) {
            in.skipNBytes(2);
            ahead = in.read();
        }
    }

    /** Whether rows are elements of an array. */
    boolean isArray() {
        return array;
    }

    /** The next row, empty lines included; nothing at the end. */
    Optional<Piece> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        return array ? element() : line();
    }

    private Optional<Piece> line() throws IOException {
        if (ahead < 0) {
            ended = true;
            return Optional.empty();
        }
        var bytes = new Bounded();
        while (ahead >= 0 && ahead != '\n') {
            bytes.add(ahead);
            ahead = in.read();
        }
        if (ahead >= 0) {
            ahead = in.read();
        }
        index++;
        return Optional.of(bytes.piece(index, ""));
    }

    private Optional<Piece> element() throws IOException {
        while (isSpace(ahead)) {
            ahead = in.read();
        }
        if (ahead == ']') {
            ended = true;
            return Optional.empty();
        }
        var bytes = new Bounded();
        var nesting = new Nesting();
        while (ahead >= 0 && !(nesting.outside() && (ahead == ',' || ahead == ']'))) {
            bytes.add(ahead);
            nesting.take(ahead);
            ahead = in.read();
        }
        String fault = "";
        if (ahead < 0) {
            ended = true;
            fault = "is the last one: the file ends within its array";
        } else if (ahead == ',') {
            ahead = in.read();
        }
        Optional<Piece> piece = Optional.of(bytes.piece(index, fault));
        index++;
        return piece;
    }

    private static boolean isSpace(int b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** How deep in strings and brackets a byte stands. */
    private static final class Nesting {
        private int depth;
        private boolean text;
        private boolean escaped;

        boolean outside() {
            return depth == 0 && !text;
        }

        void take(int b) {
            if (text) {
                text = escaped || b != '"';
                escaped = !escaped && b == '\\';
            } else if (b == '"') {
                text = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
            }
        }
    }

    /** Bytes, as many as a row may have. */
    private static final class Bounded {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean tooLong;

        void add(int b) {
            if (bytes.size() < LONGEST) {
                bytes.write(b);
            } else {
                tooLong = true;
            }
        }

        Piece piece(int index, String fault) {
            return tooLong
                    ? new Piece(index, new byte[0], "is longer than %d bytes".formatted(LONGEST))
                    : new Piece(index, bytes.toByteArray(), fault);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
