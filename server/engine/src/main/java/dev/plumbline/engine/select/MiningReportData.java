package dev.plumbline.engine.select;

import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRowsWriter;
import dev.plumbline.engine.data.WholeFile;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.List;

/**
 * What lies beside a mined set as {@code FILE.mining.json}: how it was mined, what it is like, some
 * of its rows, what the selector showed, and a map of what was chosen.
 */
public final class MiningReportData {
    /** Rows to look at, evenly spaced: a page need not read the set, whatever its format. */
    private static final int SHOWN = 16;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode document = JsonNodeFactory.instance.objectNode();
    private final MiningSetup setup;

    private MiningReportData(MiningSetup setup) {
        this.setup = setup;
    }

    /**
     * Where a mining's parts come from, as a user would name them.
     *
     * @param pool name or folder
     * @param clip name or folder of the CLIP model, empty where there is none
     */
    public record Origin(String pool, String clip, long seed) {}

    /**
     * Writes the file, as a whole or not at all. The same arguments give the same bytes.
     *
     * @param mined all rows
     * @throws PlumblineException {@code FILE_NOT_WRITABLE}
     */
    public static void write(
            Path file,
            MiningSetup setup,
            Origin origin,
            List<PreferenceExample> mined,
            Showings showings) {
        MiningReportData data = new MiningReportData(setup);
        data.putSetup(origin, mined);
        data.putFigures(MiningFigures.of(mined));
        data.putShown(mined);
        data.putShowings(showings);
        MiningMap.of(setup.source().pool(), mined, origin.seed())
                .ifPresent(map -> data.document.set("map", map.json(data::image)));
        save(file, data.document);
    }

    private void putSetup(Origin origin, List<PreferenceExample> mined) {
        MiningSetup.Strategy strategy = setup.strategy();
        document.put("selector", strategy.selector().name());
        document.put("selector_version", strategy.version());
        ObjectNode options = document.putObject("options");
        strategy.selector()
                .options()
                .forEach(spec ->
                        options.put(
                                spec.name(),
                                strategy.options().getOrDefault(spec.name(), spec.defaultValue())));
        document.put("k", setup.k());
        document.put("seed", origin.seed());
        document.put("pool", origin.pool());
        document.put("pool_size", setup.source().pool().size());
        document.put("clip", origin.clip());
        document.put("rows", mined.size());
        document.put("sampling", mined.isEmpty() ? "" : mined.getLast().mining().sampling());
        document.putObject("guard")
                .put("false_negative_margin", setup.guard().falseNegativeMargin())
                .put("duplicate_margin", setup.guard().duplicateMargin());
    }

    private void putFigures(MiningFigures figures) {
        ObjectNode all = document.putObject("figures");
        figures.byName().forEach(all::put);
        all.put("distinct_negatives", figures.distinctNegatives());
    }

    private void putShown(List<PreferenceExample> mined) {
        ArrayNode shown = document.putArray("shown");
        int count = Math.min(SHOWN, mined.size());
        for (int i = 0; i < count; i++) {
            PreferenceExample row = mined.get((int) ((long) i * mined.size() / count));
            shown.add(PreferenceRowsWriter.json(row));
        }
    }

    private void putShowings(Showings showings) {
        ObjectNode reports = document.putObject("reports");
        showings.reports().forEach(reports::put);
        ArrayNode artefacts = document.putArray("artefacts");
        showings.artefacts().forEach(path -> artefacts.add(path.toString()));
        ArrayNode exhibits = document.putArray("exhibits");
        for (Showings.Exhibit exhibit : showings.exhibits()) {
            exhibits.addObject()
                    .put("what", exhibit.what())
                    .put("image", image(exhibit.candidate()))
                    .put("value", exhibit.value());
        }
    }

    private String image(int candidate) {
        Path file = setup.source().pool().file(candidate);
        return file.toAbsolutePath().normalize().toString();
    }

    private static void save(Path file, ObjectNode document) {
        WholeFile.write(
                file,
                temporary ->
                        JSON.writer(new DefaultPrettyPrinter())
                                .writeValue(temporary.toFile(), document));
    }
}
