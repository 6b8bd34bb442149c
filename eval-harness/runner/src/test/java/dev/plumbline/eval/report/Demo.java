package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.eval.benchmarks.ChairSet;
import dev.plumbline.eval.benchmarks.PairedBootstrap;
import dev.plumbline.eval.benchmarks.PopeReader;
import dev.plumbline.eval.report.DemoTable.Measurement;
import dev.plumbline.eval.runner.Cancellation;
import dev.plumbline.eval.runner.Evaluator;
import dev.plumbline.eval.runner.Progress;
import dev.plumbline.eval.runner.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * The scorers' fixture, answered as the fixture says, with pictures of the demo under its names.
 */
final class Demo {
    static final Path FIXTURE = Path.of("../benchmarks/src/test/resources/scorer");
    private static final Path PICTURES = Path.of("../demo/data/test/images");

    private Demo() {}

    /** Copies twenty pictures. */
    static Path pictures(Path folder) throws IOException {
        for (int i : IntStream.range(0, 20).toArray()) {
            Files.copy(
                    PICTURES.resolve("%04d.jpg".formatted(i)),
                    folder.resolve("%02d.jpg".formatted(i)));
        }
        return folder;
    }

    /** POPE and CHAIR of one of the fixture's two arms. */
    static Measurement measure(String arm, Path pictures) throws IOException {
        JsonNode answers =
                new ObjectMapper().readTree(FIXTURE.resolve("answers.json").toFile()).path(arm);
        Evaluator evaluator =
                new Evaluator(
                        (image, prompt, tokens) ->
                                answers.path(prompt)
                                        .path(image.getFileName().toString())
                                        .textValue(),
                        Progress.NONE,
                        new Cancellation());
        Path split = FIXTURE.resolve("split");
        return new Measurement(
                evaluator.pope(PopeReader.read(split), pictures, RunOptions.pope()),
                evaluator.chair(ChairSet.read(split, null, null), pictures, RunOptions.chair()));
    }

    static DemoTable table(Path pictures) throws IOException {
        return DemoTable.compare(
                measure("before", pictures), measure("after", pictures), new PairedBootstrap(0));
    }
}
