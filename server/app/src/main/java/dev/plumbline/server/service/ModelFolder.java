package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.MemoryEstimate;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.tensor.Precision;
import java.nio.file.Path;
import java.util.Map;

/**
 * A checkpoint on disk and how it is to be loaded: a vision-language model, or CLIP.
 *
 * @param cache where digests and converted weights are kept
 */
record ModelFolder(Path folder, Path cache, LoadOptions options) {
    boolean isClip() {
        return ClipModel.isAt(folder);
    }

    /** What loading it would take. */
    MemoryEstimate estimate() {
        requireOffered();
        return isClip() ? ClipModel.estimate(folder) : LoadedModel.estimate(folder, options);
    }

    String digest() {
        return isClip()
                ? ClipModel.digest(folder, cache, options.progress())
                : LoadedModel.digest(folder, cache, options);
    }

    /** Loads it, under no name yet. */
    Hosted load(Runtime runtime, ServingSettings settings, ReferenceCaches references) {
        if (isClip()) {
            return new ServedClip("", ClipModel.load(folder, cache, runtime, options.progress()));
        }
        LoadedModel model = LoadedModel.load(folder, cache, runtime, options);
        Generator generator = new Generator(model, settings.limits(model.facts()));
        return new ServedModel("", model, generator, new Scorer(model, references.of(model)));
    }

    /** Whether a model was loaded from here in this way. */
    boolean isOrigin(Hosted hosted) {
        return Paths.same(hosted.folder(), folder)
                && switch (hosted) {
                    case ServedModel served -> served.model().precision() == options.precision();
                    case ServedClip served -> true;
                };
    }

    /** The same with someone who listens. */
    ModelFolder heardBy(LoadLog log) {
        return new ModelFolder(folder, cache, options.heardBy(log));
    }

    /** Refuses what CLIP models are not loaded in. */
    void requireOffered() {
        boolean usual = options.precision() == Precision.FP32 && options.contextLength() == 0;
        if (usual || !isClip()) {
            return;
        }
        throw new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "MODEL_UNSUPPORTED",
                "%s is a CLIP model, which is kept in fp32 with its own length: leave %s out"
                        .formatted(
                                folder,
                                options.precision() == Precision.FP32
                                        ? "context_length"
                                        : "precision"),
                Map.of("path", folder.toString()));
    }
}
