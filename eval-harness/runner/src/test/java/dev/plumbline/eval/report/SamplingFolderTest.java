package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplingFolderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    private static ObjectNode document() {
        ObjectNode document = JSON.createObjectNode();
        ArrayNode estimators = document.putArray("estimators");
        for (int k : List.of(1, 3)) {
            estimators.add(estimator("sae", "with_replacement", k, "raw"));
            estimators.add(estimator("sae", "with_replacement", k, "printed"));
            estimators.add(estimator("sae", "greedy", k, "none"));
            estimators.add(estimator("ran<dom", "without_replacement", k, "none"));
        }
        document.putArray("correlations")
                .add(JSON.createObjectNode().put("selector", "sae").put("policy_share", 0.25))
                .add(JSON.createObjectNode().put("selector", "random"));
        document.putArray("rows").addObject().put("line", 7).put("candidates", 40);
        ObjectNode timing = document.putObject("timing");
        timing.put("row_seconds", 2.5).put("candidates", 40.0);
        timing.putArray("selectors").addObject().put("selector", "sae").put("ready_seconds", 3.0);
        return document;
    }

    private static ObjectNode estimator(String selector, String sampling, int k, String weighting) {
        return JSON.createObjectNode()
                .put("selector", selector)
                .put("sampling", sampling)
                .put("k", k)
                .put("weighting", weighting)
                .put("sum_bias", 0.125)
                .put("cosine", 0.5 + k / 10.0)
                .put("ess", (double) k);
    }

    @Test
    void writesTheDocumentATableAndAPage() throws IOException {
        Path page = SamplingFolder.write(folder.resolve("out"), document());
        assertThat(page).isEqualTo(folder.resolve("out/sampling.html"));
        assertThat(JSON.readTree(folder.resolve("out/sampling.json").toFile()))
                .isEqualTo(document());
        List<String> lines = Files.readAllLines(folder.resolve("out/sampling.csv"));
        assertThat(lines).hasSize(1 + 8);
        assertThat(lines.getFirst()).startsWith("selector,sampling,k,weighting,sum_bias,");
        assertThat(lines.get(1)).startsWith("sae,with_replacement,1,raw,0.125,");
        assertThat(lines).allSatisfy(line -> assertThat(line.split(",", -1)).hasSize(19));
    }

    @Test
    void thePageHasACurveForEachWayAndEveryFigure() throws IOException {
        String html = Files.readString(SamplingFolder.write(folder, document()));
        assertThat(html)
                .contains("sae, with replacement", "ran&lt;dom, without replacement")
                .doesNotContain("ran<dom", "sae, greedy", "<script")
                // A selector and a mode have six charts; the greedy choice is a curve in each.
                .contains("greedy 0.800 at K = 3", "raw 0.600 at K = 1")
                .contains("undefined: one score for all");
        assertThat(html.split("<figure", -1)).hasSize(1 + 2 * 6);
        assertThat(html.split("<tr>", -1)).hasSize(1 + 1 + 8);
    }
}
