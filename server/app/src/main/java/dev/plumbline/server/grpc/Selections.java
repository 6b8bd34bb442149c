package dev.plumbline.server.grpc;

import dev.plumbline.server.service.EncodedImage;
import dev.plumbline.server.service.PreviewUseCase;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.OperationTask;
import dev.plumbline.server.store.SelectionChoice;
import dev.plumbline.server.store.SelectionChoice.Margins;
import dev.plumbline.v1.CreatePoolRequest;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.PreviewNegativesRequest;
import dev.plumbline.v1.SelectionSpec;

/** Selections out of protobuf, with defaults filled in. */
final class Selections {
    private Selections() {}

    static OperationTask.Mining of(MineNegativesRequest request) {
        return new OperationTask.Mining(
                of(request.getSelection()),
                request.getData(),
                DataRows.of(request),
                request.getOutput(),
                ModelChoice.named(request.getModel()));
    }

    static OperationTask.Pool of(CreatePoolRequest request) {
        return new OperationTask.Pool(
                request.getPoolId(),
                ModelChoice.named(request.getClip()),
                request.getPath(),
                request.getExcludeList(),
                request.getExcludeFile(),
                request.getColumn().isEmpty() ? "image" : request.getColumn());
    }

    static PreviewUseCase.Subject of(PreviewNegativesRequest request) {
        return new PreviewUseCase.Subject(
                of(request.getSelection()),
                new EncodedImage("image", request.getImage().getData().toByteArray()),
                request.getPrompt(),
                request.getAnswer(),
                request.getData());
    }

    private static SelectionChoice of(SelectionSpec spec) {
        var margins =
                new Margins(
                        spec.hasFalseNegativeMargin()
                                ? spec.getFalseNegativeMargin()
                                : Margins.DEFAULT,
                        spec.hasDuplicateMargin() ? spec.getDuplicateMargin() : Margins.DEFAULT);
        return new SelectionChoice(
                spec.getPool(),
                ModelChoice.named(spec.getClip()),
                spec.getSelector(),
                spec.getOptionsMap(),
                spec.getK() == 0 ? SelectionChoice.DEFAULT_K : spec.getK(),
                spec.getSeed(),
                margins);
    }
}
