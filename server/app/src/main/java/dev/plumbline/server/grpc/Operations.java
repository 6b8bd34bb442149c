package dev.plumbline.server.grpc;

import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.OperationRecord;
import dev.plumbline.server.store.OperationTask;
import dev.plumbline.v1.AnalysisProgress;
import dev.plumbline.v1.MinedNegatives;
import dev.plumbline.v1.MiningProgress;
import dev.plumbline.v1.PoolProgress;
import io.grpc.protobuf.StatusProto;
import java.util.Map;

/** Operations as protobuf. */
final class Operations {
    /** The phase in which rows are counted. */
    private static final String MINING = "mining";

    private Operations() {}

    static Operation of(OperationRecord operation) {
        var message =
                Operation.newBuilder()
                        .setName(operation.name())
                        .setMetadata(Any.pack(metadata(operation)))
                        .setDone(operation.state().ended());
        var failure = operation.failure();
        var outcome = operation.outcome();
        if (outcome != null) {
            message.setResponse(Any.pack(response(outcome)));
        } else if (failure != null) {
            message.setError(
                    status(
                            new PlumblineException(
                                    ErrorCode.valueOf(failure.code()),
                                    failure.reason(),
                                    failure.message(),
                                    failure.metadata())));
        } else if (operation.state().ended()) {
            message.setError(
                    status(
                            new PlumblineException(
                                    ErrorCode.CANCELLED,
                                    "OPERATION_CANCELLED",
                                    operation.name() + " was cancelled",
                                    Map.of("operation", operation.name()))));
        }
        return message.build();
    }

    private static Status status(PlumblineException failure) {
        Status status = StatusProto.fromThrowable(Statuses.of(failure));
        return status == null ? Status.getDefaultInstance() : status;
    }

    private static Message metadata(OperationRecord operation) {
        OperationRecord.Progress progress = operation.progress();
        return switch (operation.task()) {
            case OperationTask.Mining task ->
                    MiningProgress.newBuilder()
                            .setPhase(progress.phase())
                            .setDone(progress.done())
                            .setTotal(progress.total())
                            .setRowsPerSecond(
                                    progress.phase().equals(MINING) ? progress.perSecond() : 0)
                            .setRemainingSeconds(progress.remainingSeconds())
                            .build();
            case OperationTask.Pool task ->
                    PoolProgress.newBuilder()
                            .setDone(progress.done())
                            .setTotal(progress.total())
                            .setImagesPerSecond(progress.perSecond())
                            .setSkipped(progress.skipped())
                            .setRemainingSeconds(progress.remainingSeconds())
                            .build();
            case OperationTask.Sampling task ->
                    AnalysisProgress.newBuilder()
                            .setPhase(progress.phase())
                            .setDone(progress.done())
                            .setTotal(progress.total())
                            .setPerSecond(progress.perSecond())
                            .setRemainingSeconds(progress.remainingSeconds())
                            .build();
        };
    }

    private static Message response(OperationOutcome outcome) {
        return switch (outcome) {
            case OperationOutcome.Mined mined ->
                    MinedNegatives.newBuilder()
                            .setRows(mined.rows())
                            .setOutput(mined.output().toString())
                            .setReportData(mined.reportData().toString())
                            .addAllArtefacts(mined.artefacts())
                            .putAllFigures(mined.figures())
                            .build();
            case OperationOutcome.Pooled pooled -> PoolMessages.of(pooled.pool());
            case OperationOutcome.Sampled sampled -> Analyses.of(sampled);
        };
    }
}
