package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.train.Examination;
import dev.plumbline.engine.train.GateSettings;
import dev.plumbline.engine.train.GateSettings.Better;
import dev.plumbline.eval.benchmarks.EvaluationException;
import dev.plumbline.eval.benchmarks.PopeReader;
import dev.plumbline.eval.benchmarks.PopeSet;
import dev.plumbline.server.store.GateChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Opens what runs are examined with. */
final class Gates {
    private static final String DATA = "spec.gate_data";

    private Gates() {}

    /**
     * Reads the questions and looks for their pictures.
     *
     * @throws PlumblineException what is wrong with them, before the run has begun
     */
    static Examination open(GateChoice choice, ServedModel served, PopeGate.Progress progress) {
        Path data = Paths.of(choice.data(), DATA);
        List<PopeSet> sets = read(data);
        Path images = images(choice, data);
        sets.stream()
                .flatMap(set -> set.items().stream())
                .map(item -> item.question().image())
                .distinct()
                .forEach(image -> requirePicture(images.resolve(image)));
        var gate = new PopeGate(served.generator(), sets, images, progress);
        return new Examination(
                gate,
                new GateSettings(
                        choice.every(),
                        choice.metric(),
                        choice.metric().equals("false_yes") ? Better.LOWER : Better.HIGHER,
                        choice.keepBest(),
                        choice.patience()));
    }

    private static List<PopeSet> read(Path data) {
        try {
            return PopeReader.read(data);
        } catch (EvaluationException e) {
            Map<String, String> metadata = new HashMap<>(e.metadata());
            metadata.put("field", DATA);
            ErrorCode code =
                    e.code() == EvaluationException.Code.NOT_FOUND
                            ? ErrorCode.NOT_FOUND
                            : ErrorCode.INVALID_ARGUMENT;
            throw new PlumblineException(code, e.reason(), String.valueOf(e.getMessage()), metadata)
                    .causedBy(e);
        }
    }

    private static Path images(GateChoice choice, Path data) {
        if (!choice.images().isEmpty()) {
            return Paths.of(choice.images(), "spec.gate_images");
        }
        Path folder = Files.isDirectory(data) ? data : data.resolveSibling("");
        Path beside = folder.resolve("images");
        return Files.isDirectory(beside) ? beside : folder;
    }

    private static void requirePicture(Path file) {
        try {
            var _ = ImageDecoder.size(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw PopeGate.unreadable(file, e);
        } catch (PlumblineException e) {
            throw Failures.at(e, "spec.gate_images");
        }
    }
}
