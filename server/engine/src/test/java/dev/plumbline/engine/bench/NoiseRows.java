package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Rows with pictures of their own, which are noise.
 *
 * @param folder where the pictures are written
 * @param side of a picture
 * @param negatives of a row
 */
record NoiseRows(Path folder, int side, int negatives) {
    private static final String CHOSEN =
            "A large red ball and a blue boat on the left of a green field.";
    private static final String REJECTED = "A small dog and a red car on the right of a gray road.";

    List<PreferenceExample> write(int rows) throws IOException {
        List<PreferenceExample> written = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            written.add(row(i));
        }
        return written;
    }

    private PreferenceExample row(int number) throws IOException {
        List<NegativeImage> shown = new ArrayList<>();
        for (int i = 0; i < negatives; i++) {
            Path image = image(number * 100 + i + 1);
            shown.add(
                    new NegativeImage(
                            image, 0, Double.NaN, 0, "random", "1", NegativeImage.Details.NONE));
        }
        return new PreferenceExample(
                new PreferenceExample.Place(folder.resolve("rows.jsonl"), number + 1),
                image(number * 100),
                "Describe the picture.",
                CHOSEN,
                REJECTED,
                new PreferenceExample.Mining(shown, "greedy", 0, Double.NaN),
                new ObjectMapper().createObjectNode());
    }

    private Path image(int seed) throws IOException {
        byte[] rgb = Workload.noise(side, 1000L + seed).rgb();
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            int pixel =
                    (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | (rgb[3 * i + 2] & 255);
            image.setRGB(i % side, i / side, pixel);
        }
        Path file = folder.resolve("noise-" + seed + ".png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }
}
