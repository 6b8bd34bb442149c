package dev.plumbline.engine.train;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.ImageFeatures.Identified;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.PictureGrid;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Rows to sequences: the chosen and the rejected answer on the row's image, then the chosen one on
 * each negative. Chosen and rejected are always there, for the metrics.
 */
final class RowSequences {
    private final LoadedModel model;
    private final boolean negatives;

    /**
     * @param inputs what the losses read
     */
    RowSequences(LoadedModel model, Set<LossInput> inputs) {
        this.model = model;
        this.negatives = inputs.contains(LossInput.NEGATIVES);
    }

    /**
     * The two answers of a row and, where the losses read them, one a negative, as token ids.
     *
     * @throws PlumblineException naming the row
     */
    List<EncodedAnswer> encode(PreferenceExample row) {
        return encode(row, new HashMap<>());
    }

    private List<EncodedAnswer> encode(PreferenceExample row, Map<Path, byte[]> files) {
        PictureGrid own = grid(row, row.image(), files);
        List<EncodedAnswer> answers = new ArrayList<>();
        answers.add(encode(row, "chosen", row.chosen(), own));
        answers.add(encode(row, "rejected", row.rejected(), own));
        for (Path image : negatives(row)) {
            PictureGrid grid = grid(row, image, files);
            answers.add(
                    grid.equals(own)
                            ? answers.getFirst()
                            : encode(row, "chosen", row.chosen(), grid));
        }
        return answers;
    }

    /** The same with their pictures, one tensor an image. */
    List<AnswerSequence> of(PreferenceExample row, Cancellation cancellation) {
        Map<Path, byte[]> files = new HashMap<>();
        return of(row, files, image -> features(row, image, files, cancellation));
    }

    /** The same with something else in the place of the pictures, to count with. */
    List<AnswerSequence> outline(PreferenceExample row) {
        return of(
                row,
                new HashMap<>(),
                image -> new Identified("", Tensor.zeros(DType.F32, Shape.of(1))));
    }

    private List<AnswerSequence> of(
            PreferenceExample row, Map<Path, byte[]> files, Function<Path, Identified> pictures) {
        List<EncodedAnswer> answers = encode(row, files);
        List<Path> images = new ArrayList<>(List.of(row.image(), row.image()));
        images.addAll(negatives(row));
        // One tensor an image: sequences of the same tensors may share a row of a batch, and which
        // do must not depend on what a cache has kept.
        Map<Path, Identified> known = new HashMap<>();
        List<AnswerSequence> sequences = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            Identified picture = known.computeIfAbsent(images.get(i), pictures);
            sequences.add(
                    new AnswerSequence(
                            answers.get(i),
                            List.of(picture.features()),
                            List.of(picture.digest())));
        }
        return sequences;
    }

    private List<Path> negatives(PreferenceExample row) {
        return negatives ? row.negatives().stream().map(NegativeImage::image).toList() : List.of();
    }

    private EncodedAnswer encode(
            PreferenceExample row, String field, String answer, PictureGrid grid) {
        return named(
                row,
                field,
                () -> model.prompts().encodeAnswer(row.prompt(), answer, List.of(grid)));
    }

    private PictureGrid grid(PreferenceExample row, Path image, Map<Path, byte[]> files) {
        return named(row, () -> model.features().grid(bytes(image, files), image.toString()));
    }

    private Identified features(
            PreferenceExample row, Path image, Map<Path, byte[]> files, Cancellation cancellation) {
        return named(
                row,
                () ->
                        model.features()
                                .identified(bytes(image, files), image.toString(), cancellation));
    }

    /** A file's bytes, read once a row. */
    private static byte[] bytes(Path image, Map<Path, byte[]> files) {
        return files.computeIfAbsent(image, RowSequences::bytes);
    }

    private static byte[] bytes(Path image) {
        try {
            return Files.readAllBytes(image);
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.INVALID_ARGUMENT,
                            "IMAGE_NOT_FOUND",
                            "the image " + image + " cannot be read",
                            Map.of("image", image.toString()))
                    .causedBy(e);
        }
    }

    /** As below, of a picture. */
    private static <T> T named(PreferenceExample row, Supplier<T> work) {
        return named(row, "image", work);
    }

    /** Puts file and line, and the row's field, before what went wrong. */
    private static <T> T named(PreferenceExample row, String field, Supplier<T> work) {
        try {
            return work.get();
        } catch (PlumblineException e) {
            if (e.code() != ErrorCode.INVALID_ARGUMENT) {
                throw e;
            }
            Map<String, String> metadata = new HashMap<>(e.metadata());
            String asked = metadata.getOrDefault("field", "");
            metadata.put("field", "data");
            metadata.put("row_field", asked.equals("prompt") ? asked : field);
            metadata.put("file", row.place().file().toString());
            metadata.put(row.place().unit(), Integer.toString(row.place().line()));
            throw new PlumblineException(
                            e.code(),
                            e.reason(),
                            "%s: %s: %s"
                                    .formatted(
                                            row.place(), metadata.get("row_field"), e.getMessage()),
                            metadata)
                    .causedBy(e);
        }
    }
}
