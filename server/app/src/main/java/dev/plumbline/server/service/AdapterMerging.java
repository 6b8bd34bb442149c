package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.MergedFolder;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.service.AdapterSources.Source;
import jakarta.inject.Singleton;
import java.nio.file.Path;

/** Writes checkpoints with an adapter in their weights. */
@Singleton
public final class AdapterMerging {
    private final ModelRegistry models;
    private final AdapterSources sources;

    public AdapterMerging(ModelRegistry models, AdapterSources sources) {
        this.models = models;
        this.sources = sources;
    }

    /**
     * What is merged into what.
     *
     * @param model resource name, or empty
     * @param modelPath folder where there is no name
     * @param source resource name of an adapter or a run, or empty
     * @param path PEFT folder where there is no source
     */
    public record Merge(
            String model, String modelPath, String source, String path, String output) {}

    /** Answers with the new folder. */
    public Path merge(Merge request, Cancellation cancellation) {
        Path output = Paths.of(request.output(), "output");
        PeftAdapter adapter = read(sources.find(request.path(), request.source(), "source"));
        if (request.model().isEmpty()) {
            Path folder = Paths.of(request.modelPath(), "model_path");
            write(folder, "model_path", adapter, output, cancellation);
        } else {
            if (!request.modelPath().isEmpty()) {
                throw PlumblineException.invalid(
                        "model_path", "FIELDS_CONFLICT", "give model or model_path, not both");
            }
            try (ModelLease lease = models.lease(request.model(), "model")) {
                Path folder = lease.served().model().folder();
                write(folder, "model", adapter, output, cancellation);
            }
        }
        return output;
    }

    private static PeftAdapter read(Source source) {
        try {
            return PeftAdapter.read(source.folder());
        } catch (PlumblineException e) {
            throw Failures.at(e, source.field());
        }
    }

    private static void write(
            Path model, String field, PeftAdapter adapter, Path output, Cancellation cancellation) {
        try {
            MergedFolder.write(model, adapter, output, cancellation::check);
        } catch (PlumblineException e) {
            boolean ours = e.reason().equals("FOLDER_NOT_EMPTY");
            throw Failures.at(e, ours ? "output" : field);
        }
    }
}
