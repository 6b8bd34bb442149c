package dev.plumbline.server.service;

import dev.plumbline.engine.data.PartialRows;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRowsParquet;
import dev.plumbline.engine.data.UnusableRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.select.MiningFigures;
import dev.plumbline.engine.select.MiningReportData;
import dev.plumbline.engine.select.Showings;
import dev.plumbline.server.service.OperationJobs.Assignment;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.SelectionChoice;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The files of one mining: the rows, what is known beside them, and the pictures it made. */
final class MinedOutput {
    private static final String LINES = ".jsonl";
    private static final String PARQUET = ".parquet";

    private final Path output;
    private final Path partial;
    private final Path origin;

    MinedOutput(Path output, Assignment assignment) {
        this.output = output;
        this.partial =
                output.resolveSibling(
                        ".%s.%s.partial".formatted(output.getFileName(), assignment.id()));
        this.origin = assignment.folder().resolve("origin");
    }

    /** Refuses a file of another kind, and one that cannot be written. */
    static void check(Path output) {
        Path name = output.getFileName();
        Path folder = output.getParent();
        String text = name == null ? "" : name.toString();
        if (folder == null || !(text.endsWith(LINES) || text.endsWith(PARQUET))) {
            throw PlumblineException.invalid(
                    "output",
                    "OUTPUT_UNSUITABLE",
                    "output is %s: its name must end with %s or %s"
                            .formatted(output, LINES, PARQUET),
                    Map.of("path", output.toString()));
        }
        Outputs.create(folder, "output");
    }

    /** Of the pictures that are no files elsewhere. */
    Path pictures() {
        return beside(".images");
    }

    private Path reportData() {
        return beside(".mining.json");
    }

    private Path beside(String ending) {
        String name = String.valueOf(output.getFileName());
        return output.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ending);
    }

    PartialRows open(String fingerprint) {
        return PartialRows.open(partial, origin, fingerprint);
    }

    Path partial() {
        return partial;
    }

    void discard() {
        PartialRows.discard(partial, origin);
    }

    /** Tells of rows that were left out, in a file beside the others. */
    void skipped(UnusableRows rows) {
        if (rows.count() > 0) {
            rows.write(beside(".skipped.jsonl"));
        }
    }

    /** Puts everything in its place, the rows last. */
    OperationOutcome.Mined finish(
            PartialRows rows,
            List<PreferenceExample> all,
            SelectionChoice choice,
            OpenSelection selection,
            Showings showings) {
        MiningReportData.write(
                reportData(),
                selection.setup(),
                new MiningReportData.Origin(choice.pool(), selection.clip(), choice.seed()),
                all,
                showings);
        if (output.toString().endsWith(PARQUET)) {
            PreferenceRowsParquet.write(output, all);
            discard();
        } else {
            rows.moveTo(output);
        }
        List<String> artefacts = showings.artefacts().stream().map(Path::toString).toList();
        return new OperationOutcome.Mined(
                all.size(), output, reportData(), artefacts, figures(MiningFigures.of(all)));
    }

    private static Map<String, Double> figures(MiningFigures figures) {
        Map<String, Double> all = new HashMap<>(figures.byName());
        all.put("distinct_negatives", (double) figures.distinctNegatives());
        return all;
    }
}
