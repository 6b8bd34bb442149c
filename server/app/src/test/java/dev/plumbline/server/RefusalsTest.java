package dev.plumbline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.GenerationServiceGrpc;
import dev.plumbline.v1.GetRunRequest;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.ModelServiceGrpc;
import dev.plumbline.v1.Part;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.TrainingServiceGrpc;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.UnloadAdapterRequest;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is wrong with a request comes back as status, reason and field. */
@QuarkusTest
class RefusalsTest {
    @GrpcClient("plumbline")
    Channel channel;

    @Test
    void anUnknownModelIsNamed() {
        var request =
                ScoreRequest.newBuilder()
                        .setModel("models/nobody")
                        .setPrompt("a")
                        .setAnswer("b")
                        .build();
        var e = refused(() -> GenerationServiceGrpc.newBlockingStub(channel).score(request));
        check(e, Code.NOT_FOUND, "MODEL_NOT_FOUND", "model");
        assertThat(TestApi.info(e).getDomain()).isEqualTo("plumbline.dev");
        assertThat(TestApi.info(e).getMetadataMap()).containsEntry("model", "models/nobody");
    }

    @Test
    void anUnknownModelOfAStreamIsNamed() {
        var request =
                GenerateRequest.newBuilder()
                        .setModel("models/nobody")
                        .addParts(Part.newBuilder().setText("hello"))
                        .build();
        var e = refused(() -> generation().generate(request).next());
        check(e, Code.NOT_FOUND, "MODEL_NOT_FOUND", "model");
    }

    @Test
    void emptyTextsAreRefused() {
        var score = ScoreRequest.newBuilder().setModel("models/m").setAnswer("b");
        var e = refused(() -> generation().score(score.build()));
        check(e, Code.INVALID_ARGUMENT, "PROMPT_EMPTY", "prompt");
        score.setPrompt("a").setAnswer(" ");
        e = refused(() -> generation().score(score.build()));
        check(e, Code.INVALID_ARGUMENT, "ANSWER_EMPTY", "answer");
    }

    @Test
    void aFolderThatIsNotGivenIsRefused() {
        var e =
                refused(() ->
                        ModelServiceGrpc.newBlockingStub(channel)
                                .loadModel(LoadModelRequest.getDefaultInstance()));
        check(e, Code.INVALID_ARGUMENT, "FIELD_MISSING", "path");
    }

    @Test
    void unknownRunsAndAdaptersAreNamed() {
        var runs = TrainingServiceGrpc.newBlockingStub(channel);
        var get = GetRunRequest.newBuilder().setName("runs/none").build();
        check(refused(() -> runs.getRun(get)), Code.NOT_FOUND, "RUN_NOT_FOUND", "name");
        var watch = WatchRunRequest.newBuilder().setName("runs/none").build();
        check(refused(() -> runs.watchRun(watch).next()), Code.NOT_FOUND, "RUN_NOT_FOUND", "name");
        var unload = UnloadAdapterRequest.newBuilder().setName("adapters/none").build();
        check(
                refused(() -> AdapterServiceGrpc.newBlockingStub(channel).unloadAdapter(unload)),
                Code.NOT_FOUND,
                "ADAPTER_NOT_FOUND",
                "name");
    }

    @Test
    void settingsOutOfRangeAreRefusedByTheirField() {
        refusedField("spec.learning_rate", s -> s.setLearningRate(Double.NaN));
        refusedField("spec.learning_rate", s -> s.setLearningRate(-1));
        refusedField("spec.warmup", s -> s.setWarmup(1.5));
        refusedField("spec.warmup", s -> s.setWarmup(Double.NaN));
        refusedField("spec.schedule", s -> s.setSchedule("linear"));
        refusedField("spec.max_grad_norm", s -> s.setMaxGradNorm(Double.POSITIVE_INFINITY));
        refusedField("spec.weight_decay", s -> s.setWeightDecay(-0.1));
        refusedField("spec.passes", s -> s.setPasses("three"));
        refusedField("spec.order", s -> s.setOrder("random"));
        refusedField("spec.batch_size", s -> s.setBatchSize(0));
        refusedField("spec.epochs", s -> s.setEpochs(0));
        refusedField("spec.max_steps", s -> s.setMaxSteps(-1));
        refusedField("spec.micro_batch", s -> s.setMicroBatch(-1));
        refusedField("spec.rank", s -> s.setRank(0));
        refusedField("spec.alpha", s -> s.setAlpha(Double.NaN));
        refusedField("spec.beta", s -> s.setBeta(Double.NaN));
        refusedField("spec.k", s -> s.setK(0));
        refusedField("spec.pool", s -> s.setSelector("random"));
        refusedField("spec.selector", s -> s.setPool("/pool"));
        refusedField("spec.model", s -> s.setModel(""));
        refusedField("spec.data", s -> s.setData(""));
    }

    @Test
    void aRefusalListsWhatIsValid() {
        var e = create(spec().setSchedule("linear"));
        assertThat(e.getStatus().getDescription()).contains("cosine", "constant", "linear");
        assertThat(TestApi.info(e).getMetadataMap()).containsEntry("value", "\"linear\"");
    }

    @Test
    void pluginsThatAreNotThereAreNamed() {
        var e = create(spec().setLoss("plackett-luce + 0.5 * hinge"));
        check(e, Code.NOT_FOUND, "LOSS_NOT_FOUND", "spec.loss");
        assertThat(e.getStatus().getDescription()).contains("hinge", "dpo", "plackett-luce");
        e = create(spec().setSelector("oracle").setPool("/pool"));
        check(e, Code.NOT_FOUND, "SELECTOR_NOT_FOUND", "spec.selector");
        assertThat(e.getStatus().getDescription()).contains("oracle", "random");
    }

    @Test
    void optionsOfLossesAreChecked() {
        for (String key : List.of("weight", "dpo.weighting", "plackett-luce.nothing", "hinge.x")) {
            var e = create(spec().putLossOptions(key, "1"));
            check(e, Code.INVALID_ARGUMENT, "UNKNOWN_OPTION", "spec.loss_options");
        }
        var e = create(spec().putLossOptions("weighting", "sometimes"));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.field(e)).isEqualTo("spec.loss_options");
        e = create(spec().putLossOptions("beta", "NaN"));
        assertThat(TestApi.field(e)).isEqualTo("spec.loss_options");
        e = create(spec().setSelector("random").setPool("/pool").putSelectorOptions("luck", "1"));
        check(e, Code.INVALID_ARGUMENT, "UNKNOWN_OPTION", "spec.selector_options");
    }

    @Test
    void aRunOfAnUnknownModelIsRefused() {
        check(create(spec()), Code.NOT_FOUND, "MODEL_NOT_FOUND", "spec.model");
    }

    private void refusedField(String field, Consumer<TrainingSpec.Builder> change) {
        TrainingSpec.Builder spec = spec();
        change.accept(spec);
        var e = create(spec);
        assertThat(e.getStatus().getCode()).as(field).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.field(e)).isEqualTo(field);
        assertThat(e.getStatus().getDescription()).contains(field);
    }

    private StatusRuntimeException create(TrainingSpec.Builder spec) {
        var request = CreateRunRequest.newBuilder().setSpec(spec).setValidateOnly(true).build();
        return refused(() -> TrainingServiceGrpc.newBlockingStub(channel).createRun(request));
    }

    private static TrainingSpec.Builder spec() {
        return TrainingSpec.newBuilder().setModel("models/nobody").setData("/rows.jsonl");
    }

    private GenerationServiceGrpc.GenerationServiceBlockingStub generation() {
        return GenerationServiceGrpc.newBlockingStub(channel);
    }

    private static StatusRuntimeException refused(Runnable call) {
        var e = catchThrowableOfType(StatusRuntimeException.class, call::run);
        assertThat(e).isNotNull();
        return e;
    }

    private static void check(StatusRuntimeException e, Code code, String reason, String field) {
        assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(code);
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(TestApi.field(e)).isEqualTo(field);
    }
}
