package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.image;
import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.checkpoint.LoraPair;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterProof;
import dev.plumbline.v1.DeleteAdapterRequest;
import dev.plumbline.v1.GetAdapterRequest;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.ProbeRow;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.UnloadAdapterRequest;
import dev.plumbline.v1.VerifyAdapterRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found out about an adapter before it answers anybody. */
@QuarkusTest
class AdapterProofsTest {
    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
        server.forgetAdapters();
    }

    private static LoadAdapterRequest.Builder load(Path path) {
        return LoadAdapterRequest.newBuilder().setModel(MODEL).setPath(path.toString());
    }

    private static VerifyAdapterRequest.Builder verify(Path path) {
        return VerifyAdapterRequest.newBuilder().setModel(MODEL).setPath(path.toString());
    }

    private StatusRuntimeException refused(LoadAdapterRequest.Builder request) {
        return refusal(() -> server.adapters().loadAdapter(request.build()));
    }

    @Test
    void tellsWhatFitsAndWhatChanges() {
        Adapter cure =
                server.adapters()
                        .loadAdapter(load(AdapterFolders.CURE).setAdapterId("cure").build());
        assertThat(cure.getState()).isEqualTo(Adapter.State.LOADED);
        assertThat(cure.getBaseModel()).isEqualTo("../llava");
        assertThat(cure.getEffect().getProbeRows()).isEqualTo(4);
        assertThat(cure.getEffect().getProbeTokens()).isGreaterThan(20);
        assertThat(cure.getEffect().getMean()).isGreaterThan(0.01);
        assertThat(cure.getEffect().getMax()).isGreaterThan(cure.getEffect().getMean());
        AdapterProof loaded =
                server.adapters()
                        .verifyAdapter(
                                VerifyAdapterRequest.newBuilder().setName(cure.getName()).build());
        AdapterProof unloaded =
                server.adapters().verifyAdapter(verify(AdapterFolders.CURE).build());
        assertThat(loaded.getAdapter()).isEqualTo(cure.getName());
        assertThat(unloaded.getAdapter()).isEmpty();
        assertThat(loaded.toBuilder().clearAdapter().build()).isEqualTo(unloaded);
        assertThat(loaded.getDigest()).isEqualTo(cure.getDigest());
        assertThat(loaded.getModel()).isEqualTo(MODEL);
        assertThat(loaded.getMatchedCount()).isEqualTo(2 * 4 * 7);
        assertThat(loaded.getMatchedList())
                .contains("language_model.model.layers.0.self_attn.q_proj.lora_A.weight");
        assertThat(loaded.getUnmatchedList()).isEmpty();
        assertThat(loaded.getMissingList()).isEmpty();
        assertThat(loaded.getEffect()).isEqualTo(cure.getEffect());
        assertThat(loaded.getEffective()).isTrue();
    }

    @Test
    void theProbeMayBeTheClients() {
        String answer = "There is a ball.";
        ProbeRow row =
                ProbeRow.newBuilder()
                        .setPrompt(DemoServer.QUESTION)
                        .setAnswer(answer)
                        .setImage(image(0))
                        .build();
        Adapter cure =
                server.adapters()
                        .loadAdapter(
                                load(AdapterFolders.CURE)
                                        .setAdapterId("own")
                                        .addProbe(row)
                                        .build());
        ScoreRequest.Builder score = DemoServer.score(image(0), answer);
        List<Double> plain = logprobs(score);
        List<Double> cured = logprobs(score.setAdapter(cure.getName()));
        double sum = 0;
        double max = 0;
        for (int i = 0; i < plain.size(); i++) {
            sum += Math.abs(cured.get(i) - plain.get(i));
            max = Math.max(max, Math.abs(cured.get(i) - plain.get(i)));
        }
        assertThat(cure.getEffect().getProbeRows()).isEqualTo(1);
        assertThat(cure.getEffect().getProbeTokens()).isEqualTo(plain.size());
        assertThat(cure.getEffect().getMean()).isCloseTo(sum / plain.size(), within(1e-6));
        assertThat(cure.getEffect().getMax()).isCloseTo(max, within(1e-6));
        var e =
                refused(
                        load(AdapterFolders.CURE)
                                .setAdapterId("bad-probe")
                                .addProbe(row)
                                .addProbe(ProbeRow.newBuilder().setPrompt("What?")));
        assertThat(TestApi.reason(e)).isEqualTo("ANSWER_EMPTY");
        assertThat(TestApi.field(e)).isEqualTo("probe[1]");
    }

    private List<Double> logprobs(ScoreRequest.Builder request) {
        return server.generation().score(request.build()).getScores(0).getTokenLogprobsList();
    }

    @Test
    void anAdapterThatChangesNothingIsRefused() {
        Path nothing = AdapterFolders.scaled(folder.resolve("nothing"), 0);
        var e = refused(load(nothing));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_CHANGES_NOTHING");
        assertThat(e.getStatus().getDescription())
                .contains(nothing.toString(), "all zero", "allow_no_effect");
        assertThat(TestApi.info(e).getMetadataMap()).containsEntry("matched", "56");
        AdapterProof proof = server.adapters().verifyAdapter(verify(nothing).build());
        assertThat(proof.getEffective()).isFalse();
        assertThat(proof.getEffect().getMax()).isLessThan(1e-5);
        assertThat(proof.getMatchedCount()).isEqualTo(56);
        Adapter allowed =
                server.adapters().loadAdapter(load(nothing).setAllowNoEffect(true).build());
        assertThat(allowed.getState()).isEqualTo(Adapter.State.LOADED);
        assertThat(allowed.getEffect().getMax()).isLessThan(1e-5);
    }

    @Test
    void oneThatIsTooWeakToBeSeenIsRefusedWithItsFigure() {
        Path weak = AdapterFolders.scaled(folder.resolve("weak"), 1e-9f);
        var e = refused(load(weak));
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_CHANGES_NOTHING");
        assertThat(e.getStatus().getDescription()).contains("mean |delta log p| is");
        assertThat(TestApi.info(e).getMetadataMap()).containsKeys("mean", "max", "probe_tokens");
    }

    @Test
    void layersThatTheModelDoesNotHaveAreNamed() {
        Path other =
                AdapterFolders.changed(
                        folder.resolve("other"),
                        modules -> {
                            var pair = modules.get("language_model.model.layers.0.mlp.up_proj");
                            modules.put("language_model.model.layers.9.mlp.up_proj", pair);
                            return modules;
                        });
        var e = refused(load(other));
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_MISMATCH");
        assertThat(TestApi.field(e)).isEqualTo("path");
        assertThat(e.getStatus().getDescription())
                .contains("2 of its 58 tensors", "layers.9.mlp.up_proj", "../llava");
        AdapterProof proof = server.adapters().verifyAdapter(verify(other).build());
        assertThat(proof.getMatchedCount()).isEqualTo(56);
        assertThat(proof.getUnmatchedList())
                .extracting(AdapterProof.Unmatched::getTensor)
                .containsExactly(
                        "language_model.model.layers.9.mlp.up_proj.lora_A.weight",
                        "language_model.model.layers.9.mlp.up_proj.lora_B.weight");
        assertThat(proof.hasEffect()).isFalse();
        assertThat(proof.getEffective()).isFalse();
    }

    @Test
    void layersOfAnotherSizeAreNamed() {
        Path wide =
                AdapterFolders.changed(
                        folder.resolve("wide"),
                        modules -> {
                            String name = "language_model.model.layers.1.self_attn.q_proj";
                            LoraPair pair = modules.get(name);
                            Shape shape = Shape.of(pair.rank(), pair.a().shape().get(1) + 8);
                            Tensor a = Tensor.zeros(DType.F32, shape);
                            modules.put(name, new LoraPair(a, pair.b(), pair.alpha(), false));
                            return modules;
                        });
        var e = refused(load(wide));
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_MISMATCH");
        assertThat(e.getStatus().getDescription())
                .contains(
                        "1 of its 56 tensors", "layers.1.self_attn.q_proj.lora_A", "its shape is");
    }

    @Test
    void layersWithoutTensorsAreNamed() throws IOException {
        Path few =
                AdapterFolders.changed(
                        folder.resolve("few"),
                        modules -> {
                            modules.remove("language_model.model.layers.3.self_attn.v_proj");
                            return modules;
                        });
        // What it was trained with; the writer tells only what there is.
        Files.copy(
                AdapterFolders.CURE.resolve(AdapterFolders.CONFIG),
                few.resolve(AdapterFolders.CONFIG),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        var e = refused(load(few));
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_TENSOR_MISSING");
        assertThat(e.getStatus().getDescription())
                .contains("no tensors for 1 layers", "layers.3.self_attn.v_proj");
        assertThat(server.adapters().verifyAdapter(verify(few).build()).getMissingList())
                .containsExactly("language_model.model.layers.3.self_attn.v_proj");
    }

    @Test
    void filesThatAreNoAdapterAreNamed() throws IOException {
        Path damaged = AdapterFolders.copy(folder.resolve("damaged"));
        byte[] tensors = Files.readAllBytes(damaged.resolve(AdapterFolders.TENSORS));
        Files.write(
                damaged.resolve(AdapterFolders.TENSORS),
                java.util.Arrays.copyOf(tensors, tensors.length / 2));
        assertThat(TestApi.reason(refused(load(damaged)))).isEqualTo("SAFETENSORS_INVALID");
        Path wordy = AdapterFolders.copy(folder.resolve("wordy"));
        Files.writeString(wordy.resolve(AdapterFolders.CONFIG), "no json");
        assertThat(refused(load(wordy)).getStatus().getDescription())
                .contains(AdapterFolders.CONFIG);
        Path dora = AdapterFolders.copy(folder.resolve("dora"));
        String config = Files.readString(dora.resolve(AdapterFolders.CONFIG));
        Files.writeString(
                dora.resolve(AdapterFolders.CONFIG),
                config.replace("\"use_dora\": false", "\"use_dora\": true"));
        assertThat(TestApi.reason(refused(load(dora)))).isEqualTo("ADAPTER_UNSUPPORTED");
        Files.delete(wordy.resolve(AdapterFolders.TENSORS));
        for (Path path : List.of(wordy, folder.resolve("none"))) {
            var e = refused(load(path));
            assertThat(e.getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
            assertThat(TestApi.field(e)).isEqualTo("path");
        }
        assertThat(server.adapterNames()).isEmpty();
    }

    @Test
    void namesAndSourcesThatAreUnknownAreRefused() {
        for (Map.Entry<String, String> one :
                Map.of(
                                "adapters/none", "ADAPTER_NOT_FOUND",
                                "runs/none", "RUN_NOT_FOUND",
                                "models/llava", "RESOURCE_NAME_INVALID")
                        .entrySet()) {
            var request = LoadAdapterRequest.newBuilder().setModel(MODEL).setSource(one.getKey());
            var e = refused(request);
            assertThat(TestApi.reason(e)).isEqualTo(one.getValue());
            assertThat(TestApi.field(e)).isEqualTo("source");
        }
        var both = load(AdapterFolders.CURE).setSource("adapters/none");
        assertThat(TestApi.reason(refused(both))).isEqualTo("SOURCE_TWICE");
        assertThat(TestApi.reason(refused(LoadAdapterRequest.newBuilder().setModel(MODEL))))
                .isEqualTo("FIELD_MISSING");
        var verify = VerifyAdapterRequest.newBuilder().setName("adapters/none").build();
        assertThat(TestApi.reason(refusal(() -> server.adapters().verifyAdapter(verify))))
                .isEqualTo("ADAPTER_NOT_FOUND");
        var delete = DeleteAdapterRequest.newBuilder().setName("adapters/none").build();
        assertThat(TestApi.reason(refusal(() -> server.adapters().deleteAdapter(delete))))
                .isEqualTo("ADAPTER_NOT_FOUND");
    }

    @Test
    void whatIsUnloadedIsKeptAndWhatIsTemporaryIsNot() {
        Adapter kept =
                server.adapters()
                        .loadAdapter(load(AdapterFolders.CURE).setAdapterId("kept").build());
        Path twice = AdapterFolders.scaled(folder.resolve("twice"), 2);
        Adapter passing = server.adapters().loadAdapter(load(twice).setTemporary(true).build());
        assertThat(passing.getTemporary()).isTrue();
        assertThat(server.adapterNames()).containsExactly("adapters/kept", "adapters/twice");
        AdapterProof proof =
                server.adapters()
                        .verifyAdapter(
                                VerifyAdapterRequest.newBuilder()
                                        .setName("adapters/twice")
                                        .build());
        assertThat(proof.getEffect()).isEqualTo(passing.getEffect());
        assertThat(proof.getDigest()).isEqualTo(passing.getDigest());
        for (String name : List.of("adapters/kept", "adapters/twice")) {
            server.adapters()
                    .unloadAdapter(UnloadAdapterRequest.newBuilder().setName(name).build());
        }
        assertThat(server.adapterNames()).containsExactly("adapters/kept");
        Adapter stored =
                server.adapters()
                        .getAdapter(GetAdapterRequest.newBuilder().setName("kept").build());
        assertThat(stored).isEqualTo(kept.toBuilder().setState(Adapter.State.STORED).build());
        var score = DemoServer.score(image(0), "A ball.").setAdapter("adapters/kept").build();
        var e = refusal(() -> server.generation().score(score));
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_NOT_LOADED");
        Adapter again =
                server.adapters()
                        .loadAdapter(
                                LoadAdapterRequest.newBuilder()
                                        .setModel(MODEL)
                                        .setSource("adapters/kept")
                                        .build());
        assertThat(again).isEqualTo(kept);
        assertThat(server.generation().score(score).getScoresCount()).isEqualTo(1);
        var temporary = load(twice).setAdapterId("kept").setTemporary(true);
        assertThat(TestApi.reason(refused(temporary))).isEqualTo("ADAPTER_EXISTS");
    }
}
