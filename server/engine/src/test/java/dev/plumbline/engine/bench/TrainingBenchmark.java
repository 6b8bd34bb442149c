package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.bench.Figures.Moment;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings;
import dev.plumbline.engine.train.LoraSettings;
import dev.plumbline.engine.train.LossCatalog;
import dev.plumbline.engine.train.LossSpec;
import dev.plumbline.engine.train.OptimizerSettings;
import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.engine.train.Trainer;
import dev.plumbline.engine.train.TrainingListener;
import dev.plumbline.engine.train.TrainingSpec;
import dev.plumbline.plugins.dpo.DpoLoss;
import dev.plumbline.plugins.plackettluce.PlackettLuceLoss;
import dev.plumbline.spi.PreferenceLoss;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * Steps of one row each, every row with pictures of its own: a step sees the pictures, the
 * reference, the policy, the gradients and the update.
 */
record TrainingBenchmark(LoadedModel model, Path work, BenchmarkOptions options, Figures figures) {
    private static final String CHOSEN =
            "A large red ball and a blue boat on the left of a green field.";
    private static final String REJECTED = "A small dog and a red car on the right of a gray road.";

    /** The shipped losses. */
    private record Shipped(List<PreferenceLoss> losses) implements LossCatalog {
        @Override
        public Optional<PreferenceLoss> loss(String name) {
            return losses.stream().filter(loss -> loss.name().equals(name)).findFirst();
        }

        @Override
        public List<String> names() {
            return losses.stream().map(PreferenceLoss::name).toList();
        }
    }

    void run() throws IOException {
        List<PreferenceExample> rows = new ArrayList<>();
        for (int i = 0; i < options.number("warm-steps") + options.number("repeats"); i++) {
            rows.add(row(i));
        }
        for (String name : options.passes().split(",", -1)) {
            String constant = name.toUpperCase(Locale.ROOT).replace('-', '_');
            steps(rows, name, BatchSettings.Passes.valueOf(constant));
        }
    }

    private void steps(List<PreferenceExample> rows, String name, BatchSettings.Passes passes) {
        int rank = options.number("rank");
        TrainingSpec spec =
                new TrainingSpec(
                        LossSpec.parse("plackett-luce + 1.0 * dpo", Map.of()),
                        new LoraSettings(Optional.empty(), rank, 2 * rank, List.of()),
                        new OptimizerSettings(1e-3, 0, OptimizerSettings.Schedule.CONSTANT, 1, 0),
                        new BatchSettings(
                                1,
                                1,
                                0,
                                BatchSettings.Order.AS_IS,
                                passes,
                                options.number("micro-batch")),
                        0);
        LossCatalog losses = new Shipped(List.of(new PlackettLuceLoss(), new DpoLoss()));
        new Trainer(model, losses)
                .run(
                        spec,
                        rows,
                        work.resolve("adapter-" + name),
                        listener("training step, " + name),
                        Cancellation.none());
    }

    /** Notes every step but the first ones, from the end of the one before to its own. */
    private TrainingListener listener(String name) {
        return new TrainingListener() {
            private Moment before = Moment.now();
            private int done;

            @Override
            public void phase(String phase, long part, long total) {}

            @Override
            public void step(StepMetrics metrics) {
                Moment now = Moment.now();
                if (done++ >= options.number("warm-steps")) {
                    figures.add(name, before, now, 1);
                }
                before = now;
            }
        };
    }

    private PreferenceExample row(int number) throws IOException {
        List<NegativeImage> negatives = new ArrayList<>();
        for (int i = 0; i < options.number("negatives"); i++) {
            Path image = image(number * 100 + i + 1);
            negatives.add(
                    new NegativeImage(
                            image, 0, Double.NaN, 0, "random", "1", NegativeImage.Details.NONE));
        }
        return new PreferenceExample(
                new PreferenceExample.Place(work.resolve("rows.jsonl"), number + 1),
                image(number * 100),
                "Describe the picture.",
                CHOSEN,
                REJECTED,
                new PreferenceExample.Mining(negatives, "greedy", 0, Double.NaN),
                new ObjectMapper().createObjectNode());
    }

    private Path image(int seed) throws IOException {
        Picture picture = Workload.noise(options.number("side"), 1000L + seed);
        int side = picture.width();
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        byte[] rgb = picture.rgb();
        for (int i = 0; i < side * side; i++) {
            int pixel =
                    (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | (rgb[3 * i + 2] & 255);
            image.setRGB(i % side, i / side, pixel);
        }
        Path file = work.resolve("noise-" + seed + ".png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }
}
