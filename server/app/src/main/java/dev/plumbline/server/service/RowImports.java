package dev.plumbline.server.service;

import dev.plumbline.engine.data.BadRowPolicy;
import dev.plumbline.engine.data.DataFormat;
import dev.plumbline.engine.data.PreferenceData;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.store.RowsChoice;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;

/** Reads data files of every format; what was read once is found in the cache. */
@Singleton
public final class RowImports {
    private final Path cache;

    public RowImports(Folders folders) {
        this.cache = folders.cache().resolve("data");
    }

    /**
     * The rows as the choice has it.
     *
     * @param field of the request that names the file; those of the choice stand beside it
     */
    PreferenceData read(Path file, String field, RowsChoice choice) {
        String beside = field.substring(0, field.lastIndexOf('.') + 1);
        Optional<DataFormat> format = format(choice.format(), beside + "data_format");
        Optional<Path> images =
                choice.images().isEmpty()
                        ? Optional.empty()
                        : Optional.of(Paths.of(choice.images(), beside + "images"));
        BadRowPolicy policy = choice.skips() ? BadRowPolicy.SKIP : BadRowPolicy.STOP;
        try {
            return PreferenceData.read(new PreferenceData.Source(file, format, images), cache)
                    .under(policy);
        } catch (PlumblineException e) {
            throw Failures.at(e, field);
        }
    }

    private static Optional<DataFormat> format(String name, String field) {
        try {
            return DataFormat.named(name);
        } catch (PlumblineException e) {
            throw Failures.at(e, field);
        }
    }
}
