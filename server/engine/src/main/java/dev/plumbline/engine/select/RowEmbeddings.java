package dev.plumbline.engine.select;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** CLIP's vectors of a data set's rows, each computed once, when it is first asked for. */
final class RowEmbeddings {
    /** Rows embedded together; one block is computed at a time. */
    private static final int BLOCK = 16;

    private final Optional<Embedder> embedder;
    private final List<PreferenceExample> rows;
    private final Cancellation cancellation;
    private final Map<Path, float[]> images = new HashMap<>();
    private final Map<String, float[]> texts = new HashMap<>();

    RowEmbeddings(
            Optional<Embedder> embedder, List<PreferenceExample> rows, Cancellation cancellation) {
        this.embedder = embedder;
        this.rows = rows;
        this.cancellation = cancellation;
    }

    boolean available() {
        return embedder.isPresent();
    }

    float[] image(int row) {
        Path wanted = rows.get(row).image();
        if (!images.containsKey(wanted)) {
            List<Path> block =
                    block(row).stream()
                            .map(PreferenceExample::image)
                            .filter(path -> !images.containsKey(path))
                            .distinct()
                            .toList();
            List<Picture> pictures = block.stream().map(RowEmbeddings::picture).toList();
            float[][] vectors = embedder().images(pictures, cancellation);
            for (int i = 0; i < vectors.length; i++) {
                images.put(block.get(i), vectors[i]);
            }
        }
        return Objects.requireNonNull(images.get(wanted)).clone();
    }

    float[] prompt(int row) {
        List<String> block = block(row).stream().map(PreferenceExample::prompt).toList();
        return text(rows.get(row).prompt(), block);
    }

    float[] chosen(int row) {
        List<String> block = block(row).stream().map(PreferenceExample::chosen).toList();
        return text(rows.get(row).chosen(), block);
    }

    /** Of a picture that is in no row. */
    float[] of(Picture picture) {
        return embedder().images(List.of(picture), cancellation)[0];
    }

    private float[] text(String wanted, List<String> block) {
        if (!texts.containsKey(wanted)) {
            List<String> fresh =
                    block.stream().filter(t -> !texts.containsKey(t)).distinct().toList();
            float[][] vectors = embedder().texts(fresh, cancellation);
            for (int i = 0; i < vectors.length; i++) {
                texts.put(fresh.get(i), vectors[i]);
            }
        }
        return Objects.requireNonNull(texts.get(wanted)).clone();
    }

    private List<PreferenceExample> block(int row) {
        int from = row / BLOCK * BLOCK;
        return rows.subList(from, Math.min(rows.size(), from + BLOCK));
    }

    static Picture picture(Path image) {
        try {
            return ImageDecoder.decode(Files.readAllBytes(image), image.toString());
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.INVALID_ARGUMENT,
                            "IMAGE_UNREADABLE",
                            "the image " + image + " cannot be read",
                            Map.of("field", "data", "image", image.toString()))
                    .causedBy(e);
        }
    }

    private Embedder embedder() {
        return embedder.orElseThrow(RowEmbeddings::missing);
    }

    static PlumblineException missing() {
        return PlumblineException.invalid(
                "clip",
                "CLIP_MISSING",
                "this selector needs CLIP embeddings: give a pool that is embedded, or a CLIP model"
                        + " (--clip)");
    }
}
