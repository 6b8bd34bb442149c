package dev.plumbline.eval.report;

import dev.plumbline.eval.benchmarks.EvaluationException;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.runner.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Writes {@code answers.jsonl}, {@code report.html} and, last, {@code results.json}; each whole or
 * not at all.
 */
public final class EvaluationFolder {
    private EvaluationFolder() {}

    /**
     * Writes an evaluation into a folder, which is made where it does not exist.
     *
     * @param images the folder of the pictures
     * @param settings how it was asked, shown in the report
     */
    public static void write(
            Path folder,
            Evaluation evaluation,
            Map<String, Interval> intervals,
            Map<String, String> settings,
            Path images) {
        write(folder.resolve("answers.jsonl"), AnswerLines.of(evaluation.answers()));
        write(
                folder.resolve("report.html"),
                EvaluationReport.html(evaluation, intervals, settings, images));
        write(
                folder.resolve("results.json"),
                ResultDocument.of(evaluation, intervals, settings).toPrettyString() + "\n");
    }

    /** Writes a text file beside its place and moves it there. */
    public static void write(Path file, String text) {
        Path absolute = file.toAbsolutePath();
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + ".part");
        try {
            Files.createDirectories(absolute.resolveSibling(""));
            Files.writeString(temporary, text);
            Files.move(
                    temporary,
                    absolute,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new EvaluationException(
                    EvaluationException.Code.INVALID_ARGUMENT,
                    "OUTPUT_NOT_WRITABLE",
                    file + " cannot be written: " + e + ". Give another output folder.",
                    Map.of("file", file.toString()),
                    e);
        }
    }
}
