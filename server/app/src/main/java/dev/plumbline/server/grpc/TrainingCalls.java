package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.TrainingSession;
import dev.plumbline.server.service.SessionRecord;
import dev.plumbline.server.service.TrainingSessions;
import dev.plumbline.v1.AnswerLogProbabilities;
import dev.plumbline.v1.ForwardBackwardRequest;
import dev.plumbline.v1.ForwardBackwardResponse;
import dev.plumbline.v1.OptimStepRequest;
import dev.plumbline.v1.OptimStepResponse;
import dev.plumbline.v1.RowDerivatives;
import dev.plumbline.v1.RowLogProbabilities;
import dev.plumbline.v1.SaveStateRequest;
import dev.plumbline.v1.SaveStateResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** What clients do with training sessions, from protobuf and back. */
final class TrainingCalls {
    private TrainingCalls() {}

    static dev.plumbline.v1.TrainingSession session(SessionRecord session) {
        return dev.plumbline.v1.TrainingSession.newBuilder()
                .setName(session.name())
                .setSpec(SpecMessages.of(session.spec()))
                .setPlan(Runs.plan(session.plan()))
                .setSteps(session.steps())
                .build();
    }

    static ForwardBackwardResponse forwardBackward(
            TrainingSession session, ForwardBackwardRequest request, Cancellation cancellation) {
        List<Integer> rows = request.getRowsList();
        var response = ForwardBackwardResponse.newBuilder();
        if (request.getLogProbabilitiesOnly()) {
            refuseBatchSize(request);
            if (request.getDerivativesCount() > 0) {
                throw PlumblineException.invalid(
                        "derivatives",
                        "CONFLICTING_FIELDS",
                        "derivatives come in a second call, without log_probabilities_only");
            }
            add(rows, session.logProbabilities(rows, cancellation), response);
        } else if (request.getDerivativesCount() > 0) {
            refuseBatchSize(request);
            List<double[]> derivatives =
                    request.getDerivativesList().stream().map(TrainingCalls::array).toList();
            session.backward(rows, derivatives, cancellation);
        } else {
            int size = request.hasBatchSize() ? request.getBatchSize() : rows.size();
            TrainingSession.Pass pass = session.forwardBackward(rows, size, cancellation);
            response.setLoss(pass.loss())
                    .setImageLoss(pass.imageLoss())
                    .setTextLoss(pass.textLoss());
            add(rows, pass.logps(), response);
        }
        return response.build();
    }

    private static void refuseBatchSize(ForwardBackwardRequest request) {
        if (request.hasBatchSize()) {
            throw PlumblineException.invalid(
                    "batch_size",
                    "CONFLICTING_FIELDS",
                    "batch_size is for the spec's loss: put it into your own loss's derivatives");
        }
    }

    private static double[] array(RowDerivatives row) {
        return DoubleStream.concat(
                        DoubleStream.of(row.getChosen(), row.getRejected()),
                        row.getNegativesList().stream().mapToDouble(Double::doubleValue))
                .toArray();
    }

    private static void add(
            List<Integer> indices, List<RowLogps> rows, ForwardBackwardResponse.Builder response) {
        for (int i = 0; i < rows.size(); i++) {
            RowLogps row = rows.get(i);
            response.addRows(
                    RowLogProbabilities.newBuilder()
                            .setRow(indices.get(i))
                            .setPolicy(answers(row.policy()))
                            .setReference(answers(row.reference()))
                            .addAllLogWeights(list(row.proposal().logWeights())));
        }
    }

    private static AnswerLogProbabilities answers(RowLogps.Answers answers) {
        return AnswerLogProbabilities.newBuilder()
                .setChosen(answers.chosen())
                .setRejected(answers.rejected())
                .addAllNegatives(list(answers.negatives()))
                .build();
    }

    private static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    static OptimStepResponse optimStep(TrainingSession session, OptimStepRequest request) {
        double most = request.hasMaxGradNorm() ? request.getMaxGradNorm() : session.maxGradNorm();
        TrainingSession.Update update = session.optimStep(request.getLearningRate(), most);
        return OptimStepResponse.newBuilder()
                .setStep(update.step())
                .setGradNorm(update.gradNorm())
                .setUpdated(update.updated())
                .build();
    }

    static SaveStateResponse save(TrainingSession session, SaveStateRequest request) {
        Path folder = TrainingSessions.output(request.getOutput());
        session.save(folder);
        return SaveStateResponse.newBuilder()
                .setAdapter(folder.toString())
                .setState(folder.resolve(TrainingSession.STATE).toString())
                .setSteps(session.steps())
                .build();
    }
}
