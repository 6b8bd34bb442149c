package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A sampling analysis as files: the document, a table for spreadsheets, and a page. */
public final class SamplingFolder {
    private static final List<String> COLUMNS =
            List.of(
                    "selector",
                    "sampling",
                    "k",
                    "weighting",
                    "sum_bias",
                    "sum_deviation",
                    "sigmoid_bias",
                    "sigmoid_deviation",
                    "gradient_bias",
                    "gradient_bias_noise",
                    "gradient_deviation",
                    "cosine",
                    "mean_cosine",
                    "pool_cosine",
                    "norm_ratio",
                    "ess",
                    "weight_variance",
                    "policy_ess",
                    "policy_weight_variance");

    private SamplingFolder() {}

    /**
     * Writes {@code sampling.json}, {@code sampling.csv} and {@code sampling.html}.
     *
     * @return the page
     */
    public static Path write(Path folder, JsonNode document) throws IOException {
        Files.createDirectories(folder);
        String json =
                new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document);
        EvaluationFolder.write(folder.resolve("sampling.json"), json + "\n");
        EvaluationFolder.write(folder.resolve("sampling.csv"), csv(document));
        Path page = folder.resolve("sampling.html");
        EvaluationFolder.write(page, new SamplingPage(document).html());
        return page;
    }

    /** One line an estimator. */
    static String csv(JsonNode document) {
        List<String> lines = new ArrayList<>(List.of(String.join(",", COLUMNS)));
        for (JsonNode estimator : document.path("estimators")) {
            lines.add(
                    COLUMNS.stream()
                            .map(column -> estimator.path(column).asText())
                            .collect(Collectors.joining(",")));
        }
        return String.join("\n", lines) + "\n";
    }
}
