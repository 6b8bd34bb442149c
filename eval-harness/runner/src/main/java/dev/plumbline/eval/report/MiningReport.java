package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A mined set's page: what was chosen and why, what the selector looks at, and how spread out the
 * choice is.
 */
public final class MiningReport {
    private static final int ROWS = 16;
    private static final int LATENTS = 32;

    private final JsonNode data;
    private final List<MinedRow> rows;

    private MiningReport(JsonNode data, List<MinedRow> rows) {
        this.data = data;
        this.rows = rows;
    }

    /**
     * Reads what a mining wrote.
     *
     * @param mined the rows; only JSON Lines are read, and only where no rows lie beside them
     * @param data what lies beside them, with the rows that are shown
     */
    public static MiningReport read(Path mined, Path data) throws IOException {
        JsonNode told = new ObjectMapper().readTree(data.toFile());
        if (told.has("shown")) {
            return new MiningReport(told, MinedRow.of(mined, told.path("shown")));
        }
        boolean lines = mined.toString().endsWith(".jsonl") && Files.exists(mined);
        return new MiningReport(told, lines ? MinedRow.read(mined, ROWS) : List.of());
    }

    /** Writes the page, as a whole or not at all. */
    public void write(Path page) throws IOException {
        EvaluationFolder.write(page, html());
    }

    /** The whole document. */
    public String html() {
        String lead =
                "K = %d for each of %s rows by the selector %s, out of %s pictures."
                        .formatted(
                                data.path("k").asInt(),
                                count(data.path("rows")),
                                data.path("selector").asText(),
                                count(data.path("pool_size")));
        Page page = new Page("negatives", "What the answers must not fit", lead);
        page.top(Tag.of("div", "tiles many").with(tiles()));
        List<Markup> shown = rows.stream().map(DemoExamples::row).toList();
        if (!shown.isEmpty()) {
            page.section(
                    "Rows",
                    "Evenly spaced over the set. Risk is how near a picture is to being no negative:"
                            + " the guard leaves out those from its margin on.",
                    Tag.of("div", "two").with(shown));
        }
        List<Markup> latents = latents();
        if (!latents.isEmpty()) {
            page.section(
                    "What the latents look at",
                    "The candidates that move each latent most, over held-out rows, with its mean activation.",
                    Tag.of("div", "two").with(latents));
        }
        ScatterMap map = ScatterMap.of(data.path("map"));
        if (!map.isEmpty()) {
            page.section(
                    "A map of the choice",
                    "CLIP embeddings of chosen candidates and of a random sample of the pool, laid out by"
                            + " t-SNE: near is alike. Some of each are shown as pictures.",
                    map.show());
        }
        return page.section("Figures", "", Page.facts(figures()))
                .section("Settings", "", Page.facts(settings()))
                .html();
    }

    private static String count(JsonNode number) {
        return String.format(Locale.ROOT, "%,d", number.asLong());
    }

    private List<Markup> tiles() {
        List<Markup> tiles = new ArrayList<>();
        JsonNode figures = data.path("figures");
        tile(
                tiles,
                "Left out as likely false negatives",
                percent(figures, "excluded_false_negatives"),
                "of the pool, mean over rows");
        tile(
                tiles,
                "Cosine between a row's negatives",
                number(figures, "pairwise_cosine"),
                "CLIP embeddings, mean; 1 is all alike");
        tile(
                tiles,
                "Cosine of their latents",
                number(figures, "latent_cosine"),
                percent(figures, "collapsed_rows") + " of the rows above 0.95");
        tile(
                tiles,
                "Explained variance",
                number(data.path("reports"), "explained_variance"),
                "of difference vectors, on rows not fitted to");
        tile(
                tiles,
                "Different negatives",
                figures.has("distinct_negatives") ? count(figures.path("distinct_negatives")) : "",
                "among all that were chosen");
        return tiles;
    }

    private static void tile(List<Markup> tiles, String name, String value, String note) {
        if (!value.isEmpty()) {
            tiles.add(
                    Tag.of("div", "card tile")
                            .with(
                                    Tag.of("p", "name", name),
                                    Tag.of("p", "big").with(Tag.of("span", "now", value)),
                                    Tag.of("p", "faint", note)));
        }
    }

    private static String number(JsonNode object, String name) {
        JsonNode value = object.path(name);
        return value.isNumber() ? Numbers.significant(value.asDouble()) : "";
    }

    private static String percent(JsonNode object, String name) {
        JsonNode value = object.path(name);
        return value.isNumber()
                ? String.format(Locale.ROOT, "%.1f %%", 100 * value.asDouble())
                : "";
    }

    private List<Markup> latents() {
        Map<String, List<JsonNode>> byLatent = new LinkedHashMap<>();
        for (JsonNode exhibit : data.path("exhibits")) {
            byLatent.computeIfAbsent(exhibit.path("what").asText(), what -> new ArrayList<>())
                    .add(exhibit);
        }
        List<String> shown = Pick.evenly(List.copyOf(byLatent.keySet()), LATENTS);
        List<Markup> cards = new ArrayList<>();
        for (String what : shown) {
            List<Markup> pictures =
                    byLatent.getOrDefault(what, List.of()).stream()
                            .map(MiningReport::exhibit)
                            .toList();
            cards.add(
                    Tag.of("article", "card")
                            .with(
                                    Tag.of("p", "prompt", what),
                                    Tag.of("div", "exhibits").with(pictures)));
        }
        return cards;
    }

    private static Markup exhibit(JsonNode exhibit) {
        String value = Numbers.significant(exhibit.path("value").asDouble());
        return Tag.of("div", "negative")
                .with(
                        Pictures.show(Path.of(exhibit.path("image").asText())),
                        Tag.of("p", "faint", value));
    }

    private Map<String, String> figures() {
        Map<String, String> all = new LinkedHashMap<>();
        data.path("figures").properties().forEach(e -> put(all, e.getKey(), e.getValue()));
        data.path("reports").properties().forEach(e -> put(all, e.getKey(), e.getValue()));
        return all;
    }

    private static void put(Map<String, String> facts, String name, JsonNode value) {
        facts.put(
                name.replace('_', ' '),
                value.isNumber() ? Numbers.significant(value.asDouble()) : value.asText());
    }

    private Map<String, String> settings() {
        Map<String, String> all = new LinkedHashMap<>();
        for (String name :
                List.of("selector", "selector_version", "sampling", "pool", "clip", "seed")) {
            String value = data.path(name).asText();
            if (!value.isEmpty()) {
                all.put(name.replace('_', ' '), value);
            }
        }
        data.path("options").properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
        data.path("guard").properties().forEach(e -> put(all, e.getKey(), e.getValue()));
        data.path("artefacts")
                .forEach(path -> all.merge("artefact", path.asText(), (a, b) -> a + ", " + b));
        return all;
    }
}
