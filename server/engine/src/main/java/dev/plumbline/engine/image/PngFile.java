package dev.plumbline.engine.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A PNG file taken apart (ISO/IEC 15948): its size, and the file again with its critical chunks
 * only, so that no metadata can upset the decoder.
 *
 * @param coded signature, IHDR, PLTE, IDAT and IEND
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record PngFile(int width, int height, Orientation orientation, byte[] coded) {
    static PngFile read(byte[] encoded, String name) {
        return new Reader(encoded, name).read();
    }

    private static final class Reader {
        private static final int SIGNATURE_BYTES = 8;
        private static final int HEADER_BYTES = 13;
        private static final String XMP = "XML:com.adobe.xmp\0";

        private final byte[] bytes;
        private final ByteBuffer buffer;
        private final String name;
        private final ByteArrayOutputStream coded;
        private int width;
        private int height;
        private boolean pixels;
        private byte @Nullable [] exif;
        private byte @Nullable [] xmp;

        Reader(byte[] bytes, String name) {
            this.bytes = bytes;
            this.buffer = ByteBuffer.wrap(bytes);
            this.name = name;
            this.coded = new ByteArrayOutputStream(bytes.length);
        }

        PngFile read() {
            coded.write(bytes, 0, SIGNATURE_BYTES);
            int position = SIGNATURE_BYTES;
            String type = "";
            while (!type.equals("IEND")) {
                int end = chunkEnd(position);
                type = new String(bytes, position + 4, 4, StandardCharsets.ISO_8859_1);
                if (position == SIGNATURE_BYTES && !type.equals("IHDR")) {
                    throw ImageFailure.unreadable(name, "the PNG does not begin with its header");
                }
                chunk(type, position, end);
                position = end;
            }
            if (!pixels) {
                throw ImageFailure.unreadable(name, "the PNG holds no picture");
            }
            return new PngFile(width, height, Orientation.of(exif, xmp), coded.toByteArray());
        }

        /** Length, type, data and checksum. */
        private int chunkEnd(int position) {
            long length = position + 8 > bytes.length ? -1 : buffer.getInt(position);
            if (position + 8 <= bytes.length && length < 0) {
                throw ImageFailure.unreadable(name, "a chunk of the PNG has a negative length");
            }
            if (length < 0 || position + length + 12 > bytes.length) {
                throw ImageFailure.truncated(name, "the PNG ends before its last chunk");
            }
            return (int) (position + length + 12);
        }

        private void chunk(String type, int position, int end) {
            int start = position + 8;
            switch (type) {
                case "IHDR" -> header(start, end);
                case "IDAT" -> pixels = true;
                case "eXIf" -> exif = Arrays.copyOfRange(bytes, start, end - 4);
                case "iTXt" -> {
                    if (ImageDecoder.startsWith(bytes, start, XMP)) {
                        xmp = Arrays.copyOfRange(bytes, start, end - 4);
                    }
                }
                default -> {}
            }
            boolean critical = Character.isUpperCase(type.charAt(0));
            if (critical) {
                checkSum(type, position, end);
                coded.write(bytes, position, end - position);
            }
        }

        private void header(int start, int end) {
            if (end - 4 - start != HEADER_BYTES || width != 0) {
                throw ImageFailure.unreadable(name, "the PNG's header is damaged");
            }
            width = buffer.getInt(start);
            height = buffer.getInt(start + 4);
        }

        private void checkSum(String type, int position, int end) {
            CRC32 sum = new CRC32();
            sum.update(bytes, position + 4, end - position - 8);
            if ((int) sum.getValue() != buffer.getInt(end - 4)) {
                throw ImageFailure.unreadable(
                        name, "the PNG's chunk " + type + " fails its checksum");
            }
        }
    }
}
