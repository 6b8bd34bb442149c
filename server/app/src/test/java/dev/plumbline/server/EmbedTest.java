package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.image;
import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.plumbline.v1.EmbedRequest;
import dev.plumbline.v1.EmbedResponse;
import dev.plumbline.v1.Embedding;
import dev.plumbline.v1.GetModelRequest;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.ListModelsRequest;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.Model;
import dev.plumbline.v1.UnloadModelRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The demo's CLIP over gRPC; transformers' figures are the judge. */
@QuarkusTest
class EmbedTest {
    private static final String CLIP = "models/clip";

    @GrpcClient("plumbline")
    Channel channel;

    private DemoServer server;
    private Model clip;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        clip = server.models().loadModel(loading().setModelId("clip").build());
    }

    @Test
    void embeddingsAreTransformers() throws IOException {
        JsonNode golden =
                new ObjectMapper()
                        .readTree(TestApi.demo().resolve("golden.json").toFile())
                        .get("clip");
        var request = EmbedRequest.newBuilder().setModel(CLIP);
        golden.get("images")
                .forEach(name ->
                        request.addImages(
                                image(Integer.parseInt(name.asText().replaceAll("\\D", "")))));
        golden.get("texts").forEach(text -> request.addTexts(text.asText()));
        EmbedResponse response = server.generation().embed(request.build());
        assertClose(response.getImagesList(), golden.get("image_embeddings"));
        assertClose(response.getTextsList(), golden.get("text_embeddings"));
    }

    @Test
    void itIsListedAsTheOthersAre() {
        assertThat(clip.getFamily()).isEqualTo("clip");
        assertThat(clip.getContextLength()).isEqualTo(77);
        assertThat(clip.getPrecision()).isEqualTo("fp32");
        assertThat(clip.getParameters() * Float.BYTES)
                .isGreaterThanOrEqualTo(clip.getWeightBytes());
        assertThat(clip.getMemory().getNeededBytes()).isGreaterThan(clip.getWeightBytes());
        var list = server.models().listModels(ListModelsRequest.getDefaultInstance());
        assertThat(list.getModelsList()).contains(clip);
        assertThat(server.models().getModel(GetModelRequest.newBuilder().setName(CLIP).build()))
                .isEqualTo(clip);
        Model need = server.models().loadModel(loading().setValidateOnly(true).build());
        assertThat(need.getMemory().getWeightsBytes()).isEqualTo(clip.getWeightBytes());
    }

    @Test
    void anotherNameIsLoadedAndUnloadedAlone() {
        server.models().loadModel(loading().setModelId("other").build());
        var unload = UnloadModelRequest.newBuilder().setName("models/other").build();
        assertThat(server.models().unloadModel(unload)).isNotNull();
        var request = EmbedRequest.newBuilder().addTexts("a ball");
        assertRefused(request.setModel("other"), Code.NOT_FOUND, "MODEL_NOT_FOUND", "model");
        assertThat(server.generation().embed(request.setModel(CLIP).build()).getTextsCount())
                .isEqualTo(1);
    }

    @Test
    void eachKindIsRefusedInThePlaceOfTheOther() {
        server.loadModel();
        var embed = EmbedRequest.newBuilder().setModel(DemoServer.MODEL).addTexts("a ball");
        assertRefused(embed, Code.FAILED_PRECONDITION, "MODEL_NOT_CLIP", "model");
        StatusRuntimeException e =
                refusal(() ->
                        server.generation()
                                .generate(DemoServer.question(image(0)).setModel(CLIP).build()));
        assertRefusal(e, Code.FAILED_PRECONDITION, "MODEL_IS_CLIP", "model");
        e =
                refusal(() ->
                        server.generation()
                                .score(DemoServer.score(image(0), "Yes").setModel(CLIP).build()));
        assertRefusal(e, Code.FAILED_PRECONDITION, "MODEL_IS_CLIP", "model");
    }

    @Test
    void wrongRequestsAreRefusedByField() {
        var request = EmbedRequest.newBuilder().setModel(CLIP);
        assertRefused(request, Code.INVALID_ARGUMENT, "FIELD_MISSING", "images");
        Image nothing = Image.getDefaultInstance();
        assertRefused(
                request.addImages(image(0)).addImages(nothing),
                Code.INVALID_ARGUMENT,
                "IMAGE_EMPTY",
                "images[1]");
        Image noise = Image.newBuilder().setData(ByteString.copyFromUtf8("no picture")).build();
        StatusRuntimeException e =
                refusal(() ->
                        server.generation()
                                .embed(
                                        EmbedRequest.newBuilder()
                                                .setModel(CLIP)
                                                .addImages(noise)
                                                .build()));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        var many = EmbedRequest.newBuilder().setModel(CLIP);
        for (int i = 0; i < 65; i++) {
            many.addImages(image(0));
        }
        assertRefused(many, Code.INVALID_ARGUMENT, "TOO_MANY_IMAGES", "images");
        e =
                refusal(() ->
                        server.models()
                                .loadModel(
                                        loading().setModelId("int8").setPrecision("int8").build()));
        assertRefusal(e, Code.INVALID_ARGUMENT, "MODEL_UNSUPPORTED", "path");
    }

    private void assertRefused(
            EmbedRequest.Builder request, Code code, String reason, String field) {
        var e = refusal(() -> server.generation().embed(request.build()));
        assertRefusal(e, code, reason, field);
    }

    private static void assertRefusal(
            StatusRuntimeException e, Code code, String reason, String field) {
        assertThat(e.getStatus().getCode()).as("%s", e).isEqualTo(code);
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(TestApi.field(e)).isEqualTo(field);
    }

    private static LoadModelRequest.Builder loading() {
        return LoadModelRequest.newBuilder().setPath(TestApi.demo().resolve("clip").toString());
    }

    private static void assertClose(List<Embedding> embeddings, JsonNode golden) {
        assertThat(embeddings).hasSize(golden.size());
        for (int row = 0; row < golden.size(); row++) {
            assertThat(embeddings.get(row).getValuesCount()).isEqualTo(golden.get(row).size());
            for (int i = 0; i < golden.get(row).size(); i++) {
                assertThat((double) embeddings.get(row).getValues(i))
                        .isCloseTo(golden.get(row).get(i).asDouble(), within(1e-5));
            }
        }
    }
}
