package dev.plumbline.engine.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * TensorBoard's {@code Event} message, as much of it as scalars need: {@code wall_time = 1, step =
 * 2, file_version = 3, summary = 5 {value = 1 {tag = 1, simple_value = 2}}}.
 */
final class ScalarEvent {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;

    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;

    private ScalarEvent() {}

    /** What a file begins with. */
    static byte[] fileVersion(double wallTime) {
        Message event = new Message();
        event.fixed64(WALL_TIME, wallTime);
        event.bytes(FILE_VERSION, "brain.Event:2".getBytes(UTF_8));
        return event.toByteArray();
    }

    /** All of a step's figures. */
    static byte[] of(double wallTime, int step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach((tag, number) -> {
            Message value = new Message();
            value.bytes(TAG, tag.getBytes(UTF_8));
            value.fixed32(SIMPLE_VALUE, number.floatValue());
            summary.bytes(VALUE, value.toByteArray());
        });
        Message event = new Message();
        event.fixed64(WALL_TIME, wallTime);
        event.tag(STEP, VARINT);
        event.varint(step);
        event.bytes(SUMMARY, summary.toByteArray());
        return event.toByteArray();
    }

    /** The step of an event that was made here; 0 of the one that a file begins with. */
    static int step(byte[] event) {
        int at = 1 + Double.BYTES;
        if (event.length <= at || event[at] != (STEP << 3 | VARINT)) {
            return 0;
        }
        int step = 0;
        for (int shift = 0; ++at < event.length; shift += 7) {
            step |= (event[at] & 0x7f) << shift;
            if (event[at] >= 0) {
                break;
            }
        }
        return step;
    }

    /** A protobuf message as it is written. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        void tag(int field, int wireType) {
            varint(field << 3 | wireType);
        }

        void varint(int value) {
            int rest = value;
            while ((rest & ~0x7f) != 0) {
                out.write(rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            out.write(rest);
        }

        void bytes(int field, byte[] content) {
            tag(field, DELIMITED);
            varint(content.length);
            out.writeBytes(content);
        }

        void fixed64(int field, double value) {
            tag(field, FIXED_64);
            out.writeBytes(little(Double.BYTES).putDouble(value).array());
        }

        void fixed32(int field, float value) {
            tag(field, FIXED_32);
            out.writeBytes(little(Float.BYTES).putFloat(value).array());
        }

        private static ByteBuffer little(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }
    }
}
