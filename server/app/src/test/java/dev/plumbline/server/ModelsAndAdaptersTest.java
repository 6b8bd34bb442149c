package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.image;
import static dev.plumbline.server.DemoServer.question;
import static dev.plumbline.server.DemoServer.refusal;
import static dev.plumbline.server.DemoServer.score;
import static dev.plumbline.server.DemoServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.GetAdapterRequest;
import dev.plumbline.v1.GetModelRequest;
import dev.plumbline.v1.ListAdaptersRequest;
import dev.plumbline.v1.ListModelsRequest;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.Model;
import dev.plumbline.v1.ModelMemory;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.UnloadAdapterRequest;
import dev.plumbline.v1.UnloadModelRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading, naming, sharing and taking away. */
@QuarkusTest
class ModelsAndAdaptersTest {
    private static final Path LLAVA = TestApi.demo().resolve("llava");
    private static final Path CURE = TestApi.demo().resolve("adapter");

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;
    private Model model;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        model = server.loadModel();
        server.forgetAdapters();
    }

    @Test
    void tellsWhatItLoaded() {
        assertThat(model.getName()).isEqualTo(MODEL);
        assertThat(model.getFamily()).isEqualTo("llava");
        assertThat(model.getParameters()).isEqualTo(2_034_624);
        assertThat(model.getImageTokens()).isEqualTo(36);
        assertThat(model.getDigest()).hasSize(64);
        assertThat(server.models().getModel(GetModelRequest.newBuilder().setName(MODEL).build()))
                .isEqualTo(model);
        assertThat(server.models().listModels(ListModelsRequest.getDefaultInstance()))
                .satisfies(l -> assertThat(l.getModelsList()).contains(model));
    }

    @Test
    void aFolderOfTheSameDigestIsNotLoadedTwice() throws IOException {
        Path copy = copy("copy");
        assertThat(server.models().loadModel(path(copy).build())).isEqualTo(model);
        Model alias = server.models().loadModel(path(copy).setModelId("alias").build());
        assertThat(alias.getName()).isEqualTo("models/alias");
        assertThat(alias.getDigest()).isEqualTo(model.getDigest());
        server.models().unloadModel(unload("models/alias"));
        var gone = refusal(() -> server.models().unloadModel(unload("models/alias")));
        assertThat(TestApi.reason(gone)).isEqualTo("MODEL_NOT_FOUND");
        assertThat(text(server.generate(question(image(0))))).isNotBlank();
    }

    @Test
    void aNameIsNotGivenToAnotherModel() throws IOException {
        Path other = other("llava");
        var e = refusal(() -> server.models().loadModel(path(other).build()));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.ALREADY_EXISTS);
        assertThat(TestApi.reason(e)).isEqualTo("MODEL_EXISTS");
        e = refusal(() -> server.models().loadModel(path(other).setModelId("No Good").build()));
        assertThat(TestApi.reason(e)).isEqualTo("RESOURCE_ID_INVALID");
        assertThat(TestApi.field(e)).isEqualTo("model_id");
    }

    @Test
    void saysWhatItWouldNeedWithoutLoading() {
        Model need =
                server.models()
                        .loadModel(path(LLAVA).setModelId("planned").setValidateOnly(true).build());
        assertThat(need.getName()).isEqualTo("models/planned");
        assertThat(need.getWeightBytes()).isGreaterThan(8_000_000);
        var get = GetModelRequest.newBuilder().setName("models/planned").build();
        assertThat(TestApi.reason(refusal(() -> server.models().getModel(get))))
                .isEqualTo("MODEL_NOT_FOUND");
    }

    @Test
    void aFolderMayBeLoadedInSeveralPrecisions() {
        LoadModelRequest request = path(LLAVA).setPrecision("int4").build();
        Model few = server.models().loadModel(request);
        assertThat(few.getName()).isEqualTo("models/llava-int4");
        assertThat(few.getPrecision()).isEqualTo("int4");
        assertThat(model.getPrecision()).isEqualTo("fp32");
        assertThat(few.getDigest()).hasSize(64).isNotEqualTo(model.getDigest());
        assertThat(few.getWeightBytes()).isLessThan(model.getWeightBytes());
        assertThat(server.models().loadModel(request)).isEqualTo(few);
        var score = score(image(0), "There is a ball.");
        double plain = sum(score.build());
        double rounded = sum(score.setModel(few.getName()).build());
        assertThat(rounded).isNotEqualTo(plain).isCloseTo(plain, within(0.5 * Math.abs(plain)));
        server.adapters().loadAdapter(cure().setAdapterId("exact").build());
        var foreign = score.setAdapter("adapters/exact").build();
        assertThat(TestApi.reason(refusal(() -> server.generation().score(foreign))))
                .isEqualTo("ADAPTER_OF_ANOTHER_MODEL");
        server.models().unloadModel(unload(few.getName()));
    }

    private double sum(ScoreRequest request) {
        return server.generation().score(request).getScores(0).getSum();
    }

    @Test
    void anUnknownPrecisionIsRefusedWithThoseThatThereAre() {
        var e = refusal(() -> server.models().loadModel(path(LLAVA).setPrecision("int5").build()));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.reason(e)).isEqualTo("PRECISION_UNKNOWN");
        assertThat(TestApi.field(e)).isEqualTo("precision");
        assertThat(e.getStatus().getDescription()).contains("'int5'", "fp32, int8, int4");
    }

    @Test
    void tellsMemoryByPartBeforeLoading() {
        var request = path(LLAVA).setValidateOnly(true);
        ModelMemory exact = server.models().loadModel(request.build()).getMemory();
        ModelMemory few =
                server.models().loadModel(request.setPrecision("int4").build()).getMemory();
        ModelMemory shorter =
                server.models().loadModel(request.setContextLength(64).build()).getMemory();
        assertThat(exact.getNeededBytes())
                .isEqualTo(
                        exact.getWeightsBytes()
                                + exact.getPackedBytes()
                                + exact.getCacheBytes()
                                + exact.getPrefillBytes()
                                + exact.getVisionBytes());
        assertThat(exact.getPackedBytes()).isZero();
        assertThat(few.getPackedBytes()).isPositive();
        assertThat(few.getNeededBytes()).isLessThan(exact.getNeededBytes());
        assertThat(shorter.getContextLength()).isEqualTo(64);
        assertThat(shorter.getCacheBytes()).isLessThan(few.getCacheBytes());
        assertThat(few.getTrainingBytes()).isPositive();
    }

    @Test
    void foldersThatAreNoModelsAreRefused() throws IOException {
        var e = refusal(() -> server.models().loadModel(path(folder.resolve("none")).build()));
        assertThat(TestApi.reason(e)).isEqualTo("MODEL_NOT_FOUND");
        assertThat(TestApi.field(e)).isEqualTo("path");
        Path damaged = copy("damaged");
        byte[] weights = Files.readAllBytes(damaged.resolve("model.safetensors"));
        Files.write(
                damaged.resolve("model.safetensors"),
                java.util.Arrays.copyOf(weights, weights.length - 1000));
        e = refusal(() -> server.models().loadModel(path(damaged).build()));
        assertThat(e.getStatus().getCode())
                .isIn(Code.DATA_LOSS, Code.FAILED_PRECONDITION, Code.INVALID_ARGUMENT);
        assertThat(e.getStatus().getDescription()).contains("model.safetensors");
    }

    @Test
    void anAdapterIsChosenByTheCall() {
        Adapter cure = server.adapters().loadAdapter(cure().setAdapterId("cure").build());
        assertThat(cure.getName()).isEqualTo("adapters/cure");
        assertThat(cure.getModel()).isEqualTo(MODEL);
        assertThat(cure.getRank()).isPositive();
        assertThat(cure.getTargetModulesList()).contains("q_proj");
        var request = score(image(0), "There is a ball.");
        double plain = server.generation().score(request.build()).getScores(0).getSum();
        double cured =
                server.generation()
                        .score(request.setAdapter("adapters/cure").build())
                        .getScores(0)
                        .getSum();
        assertThat(Math.abs(cured - plain)).isGreaterThan(0.1);
        var get = GetAdapterRequest.newBuilder().setName("adapters/cure").build();
        assertThat(server.adapters().getAdapter(get)).isEqualTo(cure);
        assertThat(
                        server.adapters()
                                .listAdapters(ListAdaptersRequest.getDefaultInstance())
                                .getAdaptersList())
                .contains(cure);
        assertThat(server.adapters().loadAdapter(cure().build())).isEqualTo(cure);
        server.adapters()
                .unloadAdapter(UnloadAdapterRequest.newBuilder().setName("adapters/cure").build());
        var e = refusal(() -> server.generation().score(request.build()));
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_NOT_LOADED");
        assertThat(TestApi.field(e)).isEqualTo("adapter");
    }

    @Test
    void aNameIsReplacedAtOnceAndAFoldersNameIsNumbered() throws IOException {
        Path first = adapterCopy("one/adapter", "1.0");
        Path second = adapterCopy("two/adapter", "3.0");
        Adapter one = server.adapters().loadAdapter(cure().setPath(first.toString()).build());
        Adapter two = server.adapters().loadAdapter(cure().setPath(second.toString()).build());
        assertThat(two.getName()).isEqualTo(one.getName() + "-2");
        assertThat(server.adapters().loadAdapter(cure().setPath(first.toString()).build()))
                .isEqualTo(one);
        String id = one.getName().substring("adapters/".length());
        Adapter replaced =
                server.adapters()
                        .loadAdapter(cure().setPath(second.toString()).setAdapterId(id).build());
        assertThat(replaced.getName()).isEqualTo(one.getName());
        assertThat(replaced.getAlpha()).isEqualTo(3);
        var get = GetAdapterRequest.newBuilder().setName(one.getName()).build();
        assertThat(server.adapters().getAdapter(get)).isEqualTo(replaced);
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() throws IOException {
        Model other = server.models().loadModel(path(other("stranger")).build());
        assertThat(other.getName()).isEqualTo("models/stranger");
        server.adapters()
                .loadAdapter(cure().setModel(other.getName()).setAdapterId("foreign").build());
        var request = score(image(0), "A cat.").setAdapter("adapters/foreign").build();
        var e = refusal(() -> server.generation().score(request));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_OF_ANOTHER_MODEL");
        // It is kept for when its model is there again.
        server.models().unloadModel(unload(other.getName()));
        e = refusal(() -> server.generation().score(request));
        assertThat(TestApi.reason(e)).isEqualTo("ADAPTER_OF_ANOTHER_MODEL");
    }

    @Test
    void foldersThatAreNoAdaptersAreRefused() {
        var e =
                refusal(() ->
                        server.adapters().loadAdapter(cure().setPath(folder.toString()).build()));
        assertThat(TestApi.field(e)).isEqualTo("path");
        assertThat(e.getStatus().getDescription()).contains(folder.toString());
    }

    /** The demo's adapter with another alpha. */
    private Path adapterCopy(String name, String alpha) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name));
        Files.copy(
                CURE.resolve("adapter_model.safetensors"),
                copy.resolve("adapter_model.safetensors"));
        String config = Files.readString(CURE.resolve("adapter_config.json"));
        Files.writeString(
                copy.resolve("adapter_config.json"),
                config.replaceFirst("\"lora_alpha\": *[0-9.]+", "\"lora_alpha\": " + alpha));
        return copy;
    }

    private static LoadAdapterRequest.Builder cure() {
        return LoadAdapterRequest.newBuilder().setModel(MODEL).setPath(CURE.toString());
    }

    private static LoadModelRequest.Builder path(Path path) {
        return LoadModelRequest.newBuilder().setPath(path.toString());
    }

    private static UnloadModelRequest unload(String name) {
        return UnloadModelRequest.newBuilder().setName(name).build();
    }

    /** The demo's model with one word changed in a file that counts. */
    private Path other(String name) throws IOException {
        Path copy = copy(name);
        Path file = copy.resolve("config.json");
        Files.writeString(
                file, Files.readString(file).replaceFirst("\\{", "{\"note\": \"other\","));
        return copy;
    }

    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name));
        try (Stream<Path> files = Files.list(LLAVA)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }
}
