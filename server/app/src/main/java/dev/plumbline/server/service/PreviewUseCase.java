package dev.plumbline.server.service;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.select.Showings;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.store.RowsChoice;
import dev.plumbline.server.store.SelectionChoice;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The negatives of one row, before anything is written. */
@Singleton
public final class PreviewUseCase {
    /** Reports of a selector that warn where they are not 0. */
    private static final List<String> NOTES = List.of("fitted_on_other_rows", "poor_fit");

    private final Selections selections;
    private final Datasets datasets;
    private final Pictures pictures;
    private final Path folder;

    public PreviewUseCase(
            Selections selections, Datasets datasets, Pictures pictures, Folders folders) {
        this.selections = selections;
        this.datasets = datasets;
        this.pictures = pictures;
        this.folder = folders.cache().resolve("previews");
    }

    /**
     * A row of which nothing is on disk yet.
     *
     * @param data rows that a selector may be fitted on, or empty
     */
    public record Subject(
            SelectionChoice selection,
            EncodedImage image,
            String prompt,
            String answer,
            String data) {
        public Subject {
            required("prompt", prompt);
            required("answer", answer);
        }

        private static void required(String field, String text) {
            if (text.isBlank()) {
                throw PlumblineException.invalid(
                        field, "FIELD_MISSING", field + " must not be empty");
            }
        }
    }

    /**
     * The row with its negatives.
     *
     * @param artefacts files that the selector read or wrote
     * @param notes what makes the choice less than it seems
     */
    public record Preview(PreferenceExample row, List<Path> artefacts, List<String> notes) {
        public Preview {
            artefacts = List.copyOf(artefacts);
            notes = List.copyOf(notes);
        }

        private static Preview of(PreferenceExample row, Showings showings) {
            List<String> notes =
                    NOTES.stream()
                            .filter(note -> showings.reports().getOrDefault(note, 0.0) != 0)
                            .toList();
            return new Preview(row, showings.artefacts(), notes);
        }
    }

    public Preview preview(Subject subject, Cancellation cancellation) {
        var _ = pictures.decode(subject.image(), picture -> {});
        SelectionChoice selection =
                selections.prepare(subject.selection(), SelectionFields.SELECTION);
        List<PreferenceExample> rows = new ArrayList<>();
        if (!subject.data().isEmpty()) {
            rows.addAll(datasets.rows(subject.data(), "data", RowsChoice.DEFAULT).rows());
        }
        rows.add(row(subject));
        MiningListener listener = listener(cancellation);
        try (OpenSelection open =
                        selections.open(selection, SelectionFields.SELECTION, folder, listener);
                Miner miner = open.miner(rows)) {
            PreferenceExample mined = open.mine(miner, rows.size() - 1);
            return Preview.of(mined, miner.showings());
        }
    }

    private PreferenceExample row(Subject subject) {
        Path image = kept(subject.image().bytes());
        return new PreferenceExample(
                new Place(image, 1),
                image,
                subject.prompt(),
                subject.answer(),
                "",
                Mining.NONE,
                JsonNodeFactory.instance.objectNode());
    }

    /** Selectors read a row's picture from its file. */
    private Path kept(byte[] image) {
        Path file = folder.resolve(ContentDigests.of(image) + ".image");
        try {
            Files.createDirectories(folder);
            if (!Files.isRegularFile(file)) {
                Path temporary = folder.resolve(TimeOrderedIds.next());
                Files.write(temporary, image);
                Files.move(temporary, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
            }
            return file;
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.RESOURCE_EXHAUSTED,
                            "FILE_NOT_WRITABLE",
                            "cannot write %s: %s".formatted(file, e.getMessage()),
                            Map.of("file", file.toString()))
                    .causedBy(e);
        }
    }

    private static MiningListener listener(Cancellation cancellation) {
        return new MiningListener() {
            @Override
            public void progress(String phase, long done, long total) {
                cancellation.check();
            }

            @Override
            public Cancellation cancellation() {
                return cancellation;
            }
        };
    }
}
