package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

class MiningReportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROWS = 40;
    private static final int LATENTS = 6;
    private static final int PLACES = 25;

    @TempDir Path folder;

    @BeforeEach
    void copyPictures() throws IOException {
        Demo.pictures(folder);
    }

    private String picture(int number) {
        return folder.resolve("%02d.jpg".formatted(number % 20)).toString();
    }

    private Path rows() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int row = 0; row < ROWS; row++) {
            ObjectNode line = JSON.createObjectNode();
            line.put("image", "%02d.jpg".formatted(row % 20));
            line.put("prompt", "Row " + row + ": what is <there>?");
            line.put("chosen", "A dog.").put("rejected", "A cat.");
            ArrayNode negatives = line.putArray("negative_images");
            for (int k = 1; k <= 3; k++) {
                ObjectNode negative = negatives.addObject();
                negative.put("image", picture(row + k)).put("score", 1.5 / k).put("log_q", -2.25);
                negative.put("selector", "sae").put("false_negative_risk", 0.875);
                negative.putArray("latents")
                        .addObject()
                        .put("index", 40 + k)
                        .put("activation", 0.5);
                negative.putArray("flags").add("likely_false_negative");
            }
            lines.append(line).append('\n');
        }
        return Files.writeString(folder.resolve("mined.jsonl"), lines);
    }

    /** All that a mining may tell. */
    private ObjectNode whole() {
        ObjectNode data = bare();
        data.put("clip", "clip-vit").putObject("options").put("latents", "128");
        data.withObject("/figures")
                .put("excluded_false_negatives", 0.0625)
                .put("pairwise_cosine", 0.25)
                .put("latent_cosine", 0.5)
                .put("collapsed_rows", 0.125);
        data.putObject("reports").put("explained_variance", 0.75).put("dead_latents", 3);
        data.putArray("artefacts").add("/pools/sae.safetensors");
        ArrayNode exhibits = data.putArray("exhibits");
        for (int i = 0; i < 5 * LATENTS; i++) {
            exhibits.addObject()
                    .put("what", "latent " + i / 5)
                    .put("image", picture(i))
                    .put("value", 0.9);
        }
        ArrayNode points = data.putObject("map").putArray("points");
        for (int i = 0; i < 2 * PLACES; i++) {
            points.addObject()
                    .put("x", Math.cos(i))
                    .put("y", Math.sin(3 * i))
                    .put("kind", i < PLACES ? "random" : "chosen")
                    .put("image", picture(i))
                    .put("rows", 1);
        }
        return data;
    }

    /** What every mining tells. */
    private static ObjectNode bare() {
        ObjectNode data = JSON.createObjectNode();
        data.put("selector", "sae").put("selector_version", "1.0").put("k", 3).put("seed", 7);
        data.put("pool", "a & b").put("pool_size", 118_287).put("rows", ROWS);
        data.put("sampling", "greedy").putObject("figures").put("distinct_negatives", 20);
        return data;
    }

    private String page(ObjectNode data) throws IOException {
        Path beside = Files.writeString(folder.resolve("mined.mining.json"), data.toString());
        Path page = folder.resolve("mined.html");
        MiningReport.read(rows(), beside).write(page);
        return Files.readString(page);
    }

    @Test
    void showsRowsLatentsMapAndFigures() throws Exception {
        Html html = new Html(page(whole()));
        assertThat(html.texts("h2", ""))
                .containsExactly(
                        "Rows",
                        "What the latents look at",
                        "A map of the choice",
                        "Figures",
                        "Settings");
        assertThat(html.elements("article", "mined")).hasSize(16);
        assertThat(html.texts("p", "prompt"))
                .contains("Row 0: what is <there>?", "latent 0", "latent 5");
        assertThat(html.texts("div", "negative"))
                .contains(
                        "score 1.50log q -2.25risk 0.875latents 41: 0.500saelikely false negative");
        assertThat(html.elements("circle", "spot")).hasSize(2 * PLACES);
        assertThat(html.elements("circle", "spot s1")).hasSize(PLACES);
        assertThat(html.elements("image", "")).hasSize(2 * PLACES);
        assertThat(String.join(" ", html.texts("div", "tile")))
                .contains("6.3 %", "0.250", "0.500", "12.5 %", "0.750", "20");
        assertThat(String.join(" ", html.texts("dl", "facts")))
                .contains("dead latents3", "a & b", "sae.safetensors", "latents128");
    }

    @Test
    void isSelfContained() throws Exception {
        String text = page(whole());
        assertThat(text)
                .doesNotContainIgnoringCase("http")
                .doesNotContain("<script", "<link", "url(", "@import");
        List<Element> images = new Html(text).elements("img", "");
        assertThat(images).hasSize(16 * 4 + 5 * LATENTS);
        assertThat(images)
                .allSatisfy(image ->
                        assertThat(image.getAttribute("src"))
                                .startsWith("data:image/jpeg;base64,/9j/"));
    }

    @Test
    void partsThatAreNotThereAreLeftOut() throws Exception {
        Html html = new Html(page(bare()));
        assertThat(html.texts("h2", "")).containsExactly("Rows", "Figures", "Settings");
        assertThat(html.elements("circle", "spot")).isEmpty();
        assertThat(html.elements("div", "tile")).hasSize(1);
        Path beside = Files.writeString(folder.resolve("other.mining.json"), bare().toString());
        String other = MiningReport.read(folder.resolve("mined.parquet"), beside).html();
        assertThat(new Html(other).texts("h2", "")).containsExactly("Figures", "Settings");
    }

    @Test
    void aParquetSetShowsTheRowsThatLieBesideIt() throws Exception {
        ObjectNode data = bare();
        ArrayNode shown = data.putArray("shown");
        for (String line : Files.readAllLines(rows()).subList(0, 5)) {
            shown.add(JSON.readTree(line));
        }
        Path beside = Files.writeString(folder.resolve("other.mining.json"), data.toString());
        var html = new Html(MiningReport.read(folder.resolve("mined.parquet"), beside).html());
        assertThat(html.texts("h2", "")).containsExactly("Rows", "Figures", "Settings");
        assertThat(html.elements("article", "mined")).hasSize(5);
        assertThat(html.texts("p", "prompt")).contains("Row 4: what is <there>?");
        assertThat(html.elements("img", "")).hasSize(5 * 4);
    }

    /** Wide and narrow. The page's text and structure are tested above without a browser, too. */
    @ParameterizedTest
    @ValueSource(ints = {1200, 500})
    void aBrowserShowsAllOfIt(int width) throws Exception {
        JsonNode seen = browser().open(page(whole()), folder, width);
        assertThat(seen.path("errors")).isEmpty();
        assertThat(seen.path("requests")).isEmpty();
        assertThat(seen.path("console")).isEmpty();
        assertThat(seen.path("images")).hasSize(16 * 4 + 5 * LATENTS);
        assertThat(seen.path("images"))
                .allSatisfy(naturalWidth -> assertThat(naturalWidth.asInt()).isPositive());
        assertThat(seen.path("headings")).hasSize(6);
        assertThat(seen.path("circles").asInt()).isEqualTo(2 * PLACES);
        assertThat(seen.path("thumbnails"))
                .hasSize(2 * PLACES)
                .allSatisfy(naturalWidth -> assertThat(naturalWidth.asInt()).isPositive());
        assertThat(seen.path("overflow").asInt()).isNotPositive();
    }

    /** So that it is known what the browser would say. */
    @Test
    void aBrowserTellsWhatIsWrong() throws Exception {
        String broken =
                """
                <!DOCTYPE html><html><head><title>x</title></head><body><h1>x</h1>
                <div style="width: 3000px">wide</div>
                <img src="data:image/jpeg;base64,AAAA" alt=""/><img src="absent.jpg" alt=""/>
                </body></html>
                """;
        JsonNode seen = browser().open(broken, folder, 1200);
        assertThat(seen.path("errors")).isNotEmpty();
        assertThat(seen.path("requests")).hasSize(1);
        assertThat(seen.path("console")).isNotEmpty();
        assertThat(seen.path("images")).allSatisfy(image -> assertThat(image.asInt()).isZero());
        assertThat(seen.path("overflow").asInt()).isPositive();
    }

    private static Browser browser() {
        Optional<Browser> found = Browser.find();
        if (found.isEmpty()) {
            System.err.println(
                    "NOT TESTED: no chromium, chromium-browser or google-chrome on the PATH; the"
                            + " report of mined sets was not opened in a browser.");
        }
        assumeTrue(found.isPresent(), "no browser on the PATH: the report was not opened in one");
        return found.orElseThrow();
    }
}
