package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How fast CLIP embeds the pictures of a folder, as docs/benchmarks/embedding.py asks it to: {@code
 * EmbedBenchmark MODEL PICTURES SQUARES THREADS REPEATS}. Prints JSON: seconds a picture from files
 * of any size, and of pictures that have the tower's size; and the vectors of the first ones.
 */
final class EmbedBenchmark {
    private static final int SHOWN = 4;

    private EmbedBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        Path model = Path.of(arguments[0]);
        List<Path> files = files(Path.of(arguments[1]));
        List<Picture> squares = decoded(files(Path.of(arguments[2])));
        int threads = Integer.parseInt(arguments[3]);
        int repeats = Integer.parseInt(arguments[4]);
        ObjectNode report = new ObjectMapper().createObjectNode();
        Path natives = Path.of("target", "onnxruntime");
        RuntimeOptions options = new RuntimeOptions(threads, Optional.empty(), natives);
        try (Runtime runtime = Runtime.open(options);
                ClipModel clip = ClipModel.load(model, model.resolve("cache"), runtime)) {
            report.put("batch", clip.picturesPerRun());
            Figures figures = new Figures(report);
            for (int i = 0; i <= repeats; i++) {
                time(figures, i, "the towers alone", squares.size(), () -> embed(clip, squares));
                time(figures, i, "from files", files.size(), () -> fromFiles(clip, files));
            }
            float[][] rows = embed(clip, decoded(files.subList(0, SHOWN)));
            report.set("embeddings", new ObjectMapper().valueToTree(rows));
        }
        System.out.println(report.toPrettyString());
    }

    /** The first time warms up. */
    private static void time(Figures figures, int round, String name, int parts, Runnable work) {
        Figures.Moment start = Figures.Moment.now();
        work.run();
        if (round > 0) {
            figures.add(name + ", a picture", start, Figures.Moment.now(), parts);
        }
    }

    private static void fromFiles(ClipModel clip, List<Path> files) {
        int step = clip.picturesPerRun();
        for (int start = 0; start < files.size(); start += step) {
            embed(clip, decoded(files.subList(start, Math.min(files.size(), start + step))));
        }
    }

    private static float[][] embed(ClipModel clip, List<Picture> pictures) {
        return clip.images(pictures, Cancellation.none());
    }

    private static List<Picture> decoded(List<Path> files) {
        return files.parallelStream().map(EmbedBenchmark::decoded).toList();
    }

    private static Picture decoded(Path file) {
        try {
            return ImageDecoder.decode(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return new ArrayList<>(files.sorted().toList());
        }
    }
}
