package dev.plumbline.engine.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One JSON line a step; a figure that there is not is null. */
final class MetricsFile implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileChannel channel;

    /**
     * @param steps whose lines an earlier try wrote, and which are kept
     */
    MetricsFile(Path file, int steps) throws IOException {
        long kept = steps == 0 || !Files.exists(file) ? 0 : length(file, steps);
        this.channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                        .truncate(kept)
                        .position(kept);
    }

    /** Bytes of the first lines; the last may lack its end where a crash cut it off. */
    private static long length(Path file, int lines) throws IOException {
        long length = 0;
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String line = reader.readLine();
            for (int i = 0; i < lines && line != null; i++, line = reader.readLine()) {
                length += line.getBytes(UTF_8).length + 1;
            }
        }
        return Math.min(length, Files.size(file));
    }

    void write(StepMetrics metrics) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("step", metrics.step());
        StepFigures.of(metrics).forEach((name, value) -> put(json, name, value));
        metrics.details().gate().forEach((name, value) -> put(json, "gate_" + name, value));
        ArrayNode alarms = json.putArray("alarms");
        for (Alarm alarm : metrics.details().alarms()) {
            alarms.addObject().put("name", alarm.name()).put("message", alarm.message());
        }
        ByteBuffer line = UTF_8.encode(JSON.writeValueAsString(json) + "\n");
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** What was written is on disk afterwards. */
    void force() throws IOException {
        channel.force(false);
    }

    private static void put(ObjectNode json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        } else {
            json.putNull(name);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
