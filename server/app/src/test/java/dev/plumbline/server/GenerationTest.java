package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.QUESTION;
import static dev.plumbline.server.DemoServer.image;
import static dev.plumbline.server.DemoServer.question;
import static dev.plumbline.server.DemoServer.refusal;
import static dev.plumbline.server.DemoServer.score;
import static dev.plumbline.server.DemoServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.v1.AnswerScore;
import dev.plumbline.v1.FinishReason;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.GenerateResponse;
import dev.plumbline.v1.Message;
import dev.plumbline.v1.Part;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.TokenizeRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers and scores of the demo's model over gRPC; transformers' figures are the judge. */
@QuarkusTest
class GenerationTest {
    @GrpcClient("plumbline")
    Channel channel;

    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
    }

    @Test
    void scoresAndTokenizesAsTransformersDoes() throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(TestApi.demo().resolve("golden.json").toFile());
        for (JsonNode row : golden.get("llava")) {
            int picture = Integer.parseInt(row.get("image").asText().replaceAll("\\D", ""));
            String prompt = row.get("question").asText();
            String answer = row.get("answer").asText();
            var tokens =
                    server.generation()
                            .tokenize(
                                    TokenizeRequest.newBuilder()
                                            .setModel(DemoServer.MODEL)
                                            .setPrompt(prompt)
                                            .setAnswer(answer)
                                            .addImages(image(picture))
                                            .build());
            assertThat(tokens.getInputIdsList()).isEqualTo(ints(row.get("input_ids")));
            assertThat(tokens.getAnswerStart()).isEqualTo(row.get("answer_start").asInt());
            AnswerScore score = scoreOf(score(image(picture), answer).setPrompt(prompt));
            assertThat(score.getSum()).isCloseTo(row.get("sum").asDouble(), within(1e-3));
            for (int i = 0; i < score.getTokenLogprobsCount(); i++) {
                double logp = row.get("token_logprobs").get(i).asDouble();
                assertThat(score.getTokenLogprobs(i))
                        .isCloseTo(logp, within(1e-4 * Math.max(1, Math.abs(logp))));
            }
        }
    }

    @Test
    void streamsPiecesAndThenHowItEnded() {
        List<GenerateResponse> responses = server.generate(question(image(0)).setTopLogprobs(3));
        assertThat(text(responses)).startsWith("There is").endsWith(".");
        assertThat(responses).hasSizeGreaterThan(5);
        GenerateResponse last = responses.getLast();
        assertThat(last.getFinishReason()).isEqualTo(FinishReason.STOP);
        assertThat(last.getUsage().getImageTokens()).isEqualTo(36);
        long tokens = responses.stream().mapToLong(GenerateResponse::getTokenIdsCount).sum();
        assertThat(last.getUsage().getCompletionTokens()).isEqualTo((int) tokens);
        GenerateResponse first = responses.getFirst();
        assertThat(first.getFinishReason()).isEqualTo(FinishReason.FINISH_REASON_UNSPECIFIED);
        assertThat(first.getTopLogprobs(0).getTokenIdsList()).hasSize(3);
        assertThat(first.getTopLogprobs(0).getLogprobs(0)).isEqualTo(first.getLogprobs(0));
    }

    @Test
    void itsLogprobsAreThoseOfScore() {
        List<GenerateResponse> responses = server.generate(question(image(1)));
        AnswerScore score = scoreOf(score(image(1), text(responses)));
        List<Double> said = responses.stream().flatMap(r -> r.getLogprobsList().stream()).toList();
        assertThat(score.getTokenLogprobsCount()).isEqualTo(said.size());
        for (int i = 0; i < said.size(); i++) {
            assertThat(score.getTokenLogprobs(i)).isCloseTo(said.get(i), within(1e-4));
        }
    }

    @Test
    void seedsAndMessagesDecide() {
        UnaryOperator<GenerateRequest.Builder> hot = r -> r.setTemperature(1.5).setTopK(50);
        String first = text(server.generate(hot.apply(question(image(2))).setSeed(7)));
        assertThat(text(server.generate(hot.apply(question(image(2))).setSeed(7))))
                .isEqualTo(first);
        var others = new ArrayList<String>();
        for (int seed = 8; seed < 14; seed++) {
            others.add(text(server.generate(hot.apply(question(image(2))).setSeed(seed))));
        }
        assertThat(others).anyMatch(o -> !o.equals(first));
        var message = Message.newBuilder().setRole("user");
        message.addParts(Part.newBuilder().setImage(image(2)));
        message.addParts(Part.newBuilder().setText(QUESTION));
        var asMessages =
                GenerateRequest.newBuilder().setModel(DemoServer.MODEL).addMessages(message);
        assertThat(text(server.generate(asMessages)))
                .isEqualTo(text(server.generate(question(image(2)))));
    }

    @Test
    void badPicturesAreRefusedByTheirFieldAndTheServerStaysWell() throws IOException {
        String before = text(server.generate(question(image(0))));
        byte[] good = image(0).getData().toByteArray();
        byte[][] bad = {
            "this is not a picture".getBytes(),
            new byte[0],
            Arrays.copyOf(good, good.length / 2),
            claiming(60_000, 60_000),
            line(20_000)
        };
        for (byte[] bytes : bad) {
            var e = refusal(() -> server.generation().generate(question(image(bytes)).build()));
            check(e, Code.INVALID_ARGUMENT, "parts[0].image");
            assertThat(TestApi.reason(e)).startsWith("IMAGE_");
            e = refusal(() -> server.generation().score(score(image(bytes), "a").build()));
            check(e, Code.INVALID_ARGUMENT, "images[0]");
        }
        assertThat(text(server.generate(question(image(0))))).isEqualTo(before);
    }

    @Test
    void badPromptsAreRefused() {
        var empty = GenerateRequest.newBuilder().setModel(DemoServer.MODEL);
        check(refusedGenerate(empty), Code.INVALID_ARGUMENT, "parts");
        empty.addParts(Part.newBuilder().setText("  "));
        assertThat(TestApi.reason(refusedGenerate(empty))).isEqualTo("PROMPT_EMPTY");
        var parrot = Message.newBuilder().setRole("parrot");
        parrot.addParts(Part.newBuilder().setText("hello"));
        var strange = GenerateRequest.newBuilder().setModel(DemoServer.MODEL).addMessages(parrot);
        check(refusedGenerate(strange), Code.INVALID_ARGUMENT, "messages[0].role");
        var longer = question(image(0)).addParts(Part.newBuilder().setText("word ".repeat(5000)));
        var e = refusedGenerate(longer);
        check(e, Code.INVALID_ARGUMENT, "parts");
        assertThat(TestApi.reason(e)).isEqualTo("PROMPT_TOO_LONG");
    }

    @Test
    void badOptionsAreRefusedByTheirField() {
        check(
                refusedGenerate(question(image(0)).setTemperature(Double.NaN)),
                Code.INVALID_ARGUMENT,
                "temperature");
        var negative = refusedGenerate(question(image(0)).setTemperature(-1));
        check(negative, Code.INVALID_ARGUMENT, "temperature");
        assertThat(TestApi.info(negative).getMetadataMap()).containsEntry("value", "-1.0");
        check(refusedGenerate(question(image(0)).setTopP(2)), Code.INVALID_ARGUMENT, "top_p");
        check(refusedGenerate(question(image(0)).setTopK(-1)), Code.INVALID_ARGUMENT, "top_k");
        check(
                refusedGenerate(question(image(0)).setMaxNewTokens(-1)),
                Code.INVALID_ARGUMENT,
                "max_new_tokens");
        check(
                refusedGenerate(question(image(0)).setTopLogprobs(21)),
                Code.INVALID_ARGUMENT,
                "top_logprobs");
        check(
                refusedGenerate(question(image(0)).setAdapter("adapters/none")),
                Code.NOT_FOUND,
                "adapter");
    }

    private StatusRuntimeException refusedGenerate(GenerateRequest.Builder request) {
        return refusal(() -> server.generation().generate(request.build()));
    }

    private AnswerScore scoreOf(ScoreRequest.Builder request) {
        return server.generation().score(request.build()).getScores(0);
    }

    private static void check(StatusRuntimeException e, Code code, String field) {
        assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(code);
        assertThat(TestApi.field(e)).isEqualTo(field);
    }

    private static List<Integer> ints(JsonNode array) {
        return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).asInt()).toList();
    }

    /** The first bytes of a PNG that says it is so large. */
    private static byte[] claiming(int width, int height) throws IOException {
        var header = new ByteArrayOutputStream();
        var data = new DataOutputStream(header);
        data.writeBytes("IHDR");
        data.writeInt(width);
        data.writeInt(height);
        data.write(new byte[] {8, 2, 0, 0, 0});
        var crc = new CRC32();
        crc.update(header.toByteArray());
        var file = new ByteArrayOutputStream();
        var out = new DataOutputStream(file);
        out.writeLong(0x89504E470D0A1A0AL);
        out.writeInt(13);
        out.write(header.toByteArray());
        out.writeInt((int) crc.getValue());
        out.write(new byte[64]);
        return file.toByteArray();
    }

    /** A picture that is much wider than it is high. */
    private static byte[] line(int width) throws IOException {
        var out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, 1, BufferedImage.TYPE_INT_RGB), "png", out);
        return out.toByteArray();
    }
}
