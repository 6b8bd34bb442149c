package dev.plumbline.engine.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One JSON line a step; a figure that there is not is null. */
final class MetricsFile implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedWriter writer;

    MetricsFile(Path file) throws IOException {
        this.writer = Files.newBufferedWriter(file);
    }

    void write(StepMetrics metrics) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("step", metrics.step());
        put(json, "loss", metrics.loss());
        put(json, "image_loss", metrics.imageLoss());
        put(json, "text_loss", metrics.textLoss());
        put(json, "grad_norm", metrics.gradNorm());
        put(json, "learning_rate", metrics.learningRate());
        put(json, "chosen_logps", metrics.chosenLogps());
        put(json, "rejected_logps", metrics.rejectedLogps());
        put(json, "margins", metrics.margins());
        put(json, "ess", metrics.ess());
        put(json, "weight_variance", metrics.weightVariance());
        put(json, "seconds", metrics.seconds());
        put(json, "policy_ess", metrics.policyEss());
        put(json, "policy_weight_variance", metrics.policyWeightVariance());
        writer.write(JSON.writeValueAsString(json));
        writer.write('\n');
        writer.flush();
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
        writer.close();
    }
}
