package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.server.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The packaged server with the demo's checkpoint, called as a user calls it. The judge is
 * golden.json.
 */
class EndToEndTest extends PackagedServer {
    private static final int END = 2;

    private JsonNode golden(int index) throws IOException {
        return mapper.readTree(DEMO.resolve("golden.json").toFile()).get("llava").get(index);
    }

    private static String picture(JsonNode row) {
        return DEMO.resolve("data").resolve(row.get("image").asText()).toString();
    }

    @Test
    void generatesWhatTransformersGenerates() throws IOException {
        JsonNode row = golden(1);
        String prompt = row.get("question").asText();
        JsonNode answer =
                json("generate", "--model", LLAVA, "--image", picture(row), "--prompt", prompt);
        assertThat(answer.get("token_ids")).isEqualTo(row.get("greedy").get("token_ids"));
        assertThat(answer.get("text").asText().strip())
                .isEqualTo(row.get("greedy").get("text").asText());
        assertThat(answer.get("finish_reason").asText()).isEqualTo("stop");
        assertThat(answer.get("token_logprobs")).hasSameSizeAs(answer.get("token_ids"));
        JsonNode usage = answer.get("usage");
        assertThat(usage.get("image_tokens").asInt()).isEqualTo(36);
        assertThat(usage.get("prompt_tokens").asInt()).isEqualTo(row.get("answer_start").asInt());
        assertThat(usage.get("completion_tokens").asInt())
                .isEqualTo(answer.get("token_ids").size());
    }

    @Test
    void withoutJsonTheAnswerAloneIsOnStandardOutput() throws IOException {
        JsonNode row = golden(1);
        var run =
                run(
                        "generate",
                        "--model",
                        LLAVA,
                        "--image",
                        picture(row),
                        "--prompt",
                        row.get("question").asText());
        assertThat(run.out().strip()).isEqualTo(row.get("greedy").get("text").asText());
    }

    @Test
    void stopsAtTheLimitOfTokens() throws IOException {
        JsonNode answer =
                json(
                        "generate",
                        "--model",
                        LLAVA,
                        "--prompt",
                        "Describe the image.",
                        "--image",
                        picture(golden(0)),
                        "--max-new-tokens",
                        "3",
                        "--logprobs",
                        "2");
        assertThat(answer.get("finish_reason").asText()).isEqualTo("length");
        assertThat(answer.get("token_ids")).hasSize(3);
        assertThat(answer.get("top_logprobs")).hasSize(3).allMatch(token -> token.size() == 2);
    }

    @Test
    void scoresAsTransformersDoesInTheOrderOfTheImages() throws IOException {
        JsonNode row = golden(0);
        String other = picture(golden(4));
        JsonNode scores =
                json(
                                "score",
                                "--model",
                                LLAVA,
                                "--prompt",
                                row.get("question").asText(),
                                "--answer",
                                row.get("answer").asText(),
                                "--image",
                                other,
                                "--image",
                                picture(row))
                        .get("scores");
        assertThat(scores).hasSize(2);
        assertThat(scores.get(0).get("image").asText()).isEqualTo(other);
        assertThat(scores.get(1).get("sum").asDouble())
                .isCloseTo(row.get("sum").asDouble(), within(1e-3));
        assertThat(scores.get(0).get("sum").asDouble()).isLessThan(row.get("sum").asDouble() - 1);
        JsonNode ids = scores.get(1).get("token_ids");
        assertThat(ids.get(ids.size() - 1).asInt()).isEqualTo(END);
        assertThat(scores.get(1).get("token_logprobs")).hasSameSizeAs(ids);
    }

    @Test
    void tokenizesAsTransformersDoes() throws IOException {
        JsonNode row = golden(0);
        JsonNode tokens =
                json(
                        "tokenize",
                        "--model",
                        LLAVA,
                        "--prompt",
                        row.get("question").asText(),
                        "--answer",
                        row.get("answer").asText(),
                        "--image",
                        picture(row));
        assertThat(tokens.get("input_ids")).isEqualTo(row.get("input_ids"));
        assertThat(tokens.get("answer_start")).isEqualTo(row.get("answer_start"));
        assertThat(tokens.get("prompt").asText()).contains("<image>");
    }

    /** The first rows of the demo's preferences, with absolute paths. */
    private Path rows(int count) throws IOException {
        Path file = directory.resolve("rows-" + count + ".jsonl");
        var lines = new ArrayList<String>();
        try (Stream<String> all = Files.lines(DEMO.resolve("data/preferences.jsonl"))) {
            for (String line : all.limit(count).toList()) {
                var row = (ObjectNode) mapper.readTree(line);
                lines.add(row.put("image", picture(row)).toString());
            }
        }
        return Files.write(file, lines);
    }

    private List<String> training(Path rows, Path out) {
        String pool = DEMO.resolve("data/pool").toString();
        return List.of(
                "train",
                "--model",
                LLAVA,
                "--data",
                rows.toString(),
                "--out",
                out.toString(),
                "--selector",
                "random",
                "--pool",
                pool,
                "-k",
                "2",
                "--rank",
                "4",
                "--alpha",
                "8",
                "--targets",
                "q_proj,v_proj",
                "--learning-rate",
                "1e-2",
                "--warmup",
                "0");
    }

    private static String[] with(List<String> arguments, String... more) {
        return Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void trainsAnAdapterThatChangesAnswers() throws IOException {
        Path out = directory.resolve("cured");
        JsonNode result = json(with(training(rows(4), out), "--batch-size", "2"));
        assertThat(result.get("steps").asInt()).isEqualTo(2);
        assertThat(result.get("run").asText()).startsWith("runs/");
        assertThat(result.get("adapter").asText()).isEqualTo(out.toString());
        assertThat(result.get("last").get("step").asInt()).isEqualTo(2);
        assertThat(result.get("last").get("grad_norm").asDouble()).isPositive();
        assertThat(out.resolve("adapter_config.json")).exists();
        assertThat(out.resolve("adapter_model.safetensors")).exists();
        assertThat(Files.readAllLines(out.resolve("metrics.jsonl"))).hasSize(2);

        assertThat(sum("--adapter", out.toString())).isNotCloseTo(sum(), within(1e-3));
        JsonNode run = json("runs", "get", result.get("run").asText());
        assertThat(run.get("state").asText()).isEqualTo("SUCCEEDED");
    }

    private double sum(String... more) throws IOException {
        JsonNode row = golden(0);
        List<String> score =
                List.of(
                        "score",
                        "--model",
                        LLAVA,
                        "--prompt",
                        row.get("question").asText(),
                        "--answer",
                        row.get("answer").asText(),
                        "--image",
                        picture(row));
        return json(with(score, more)).get("scores").get(0).get("sum").asDouble();
    }

    @Test
    void aPlanTrainsNothing() throws IOException {
        Path out = directory.resolve("planned");
        JsonNode plan = json(with(training(rows(5), out), "--batch-size", "2", "--plan"));
        assertThat(plan.get("rows").asInt()).isEqualTo(5);
        assertThat(plan.get("steps").asInt()).isEqualTo(3);
        assertThat(plan.get("trainable_parameters").asLong()).isPositive();
        assertThat(out.resolve("adapter_model.safetensors")).doesNotExist();
    }

    @Test
    void rowsOfOtherToolsAreTrainedOnAndBadOnesSkippedWhereAskedFor() throws IOException {
        // Made by the engine's make_data_fixtures.py.
        Path data = ROOT.resolve("server/engine/src/test/resources/data/hostile.parquet");
        Path out = directory.resolve("skipping");
        List<String> training = training(data, out);
        assertThat(error(with(training)).get("reason").asText()).isEqualTo("IMAGE_NOT_FOUND");
        String[] skipping = with(training, "--on-bad-row", "skip");
        JsonNode plan = json(with(List.of(skipping), "--plan"));
        assertThat(plan.get("rows").asInt()).isEqualTo(2);
        assertThat(plan.get("skipped_total").asInt()).isEqualTo(8);
        assertThat(plan.get("skipped").get(0).asText()).contains("hostile.parquet row 1", "gone");
        assertThat(json(skipping).get("steps").asInt()).isEqualTo(1);
        assertThat(Files.readAllLines(out.resolve("skipped.jsonl"))).hasSize(8);
    }

    @Test
    void ctrlCCancelsTheRunOnTheServer() throws Exception {
        var interruption = new Interruption(Thread.currentThread());
        Path out = directory.resolve("cancelled");
        String[] arguments =
                with(training(rows(64), out), "--epochs", "1000", "--batch-size", "8", "--json");
        var command =
                BackgroundRun.start(
                        directory,
                        ROOT,
                        interruption,
                        with(List.of(arguments), "--server", server.target()));
        String run = command.awaitOnStandardError(Pattern.compile("Started (runs/\\S+)\n"));
        Thread.ofPlatform().start(interruption::interrupt);
        CommandLineRun ended = command.end();
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.json().get("error").get("reason").asText()).isEqualTo("RUN_CANCELLED");
        assertThat(json("runs", "get", run).get("state").asText()).isEqualTo("CANCELLED");
    }

    @Test
    void evaluatesPope() throws IOException {
        Path data = directory.resolve("pope_random.jsonl");
        Path out = directory.resolve("pope");
        try (Stream<String> all = Files.lines(DEMO.resolve("data/dev/pope_random.jsonl"))) {
            Files.write(data, all.limit(12).toList());
        }
        JsonNode result =
                json(
                        "eval",
                        "--model",
                        LLAVA,
                        "--benchmark",
                        "pope",
                        "--data",
                        data.toString(),
                        "--images",
                        DEMO.resolve("data/dev/images").toString(),
                        "--out",
                        out.toString());
        assertThat(result.get("benchmark").asText()).isEqualTo("pope");
        assertThat(result.get("n").asInt()).isEqualTo(12);
        // The base model answers 97 % of these rightly.
        assertThat(result.get("metrics").get("accuracy").asDouble()).isGreaterThan(0.7);
        assertThat(result.get("intervals").get("accuracy").get("low").isNumber()).isTrue();
        assertThat(out.resolve("report.html")).isNotEmptyFile();
        assertThat(out.resolve("results.json")).isNotEmptyFile();
        assertThat(Files.readAllLines(out.resolve("answers.jsonl"))).hasSize(12);
    }

    @Test
    void evaluatesChair() throws IOException {
        Path data = directory.resolve("captions.jsonl");
        try (Stream<String> all = Files.lines(DEMO.resolve("data/dev/captions.jsonl"))) {
            Files.write(data, all.limit(8).toList());
        }
        JsonNode result =
                json(
                        "eval",
                        "--model",
                        LLAVA,
                        "--benchmark",
                        "chair",
                        "--data",
                        data.toString(),
                        "--images",
                        DEMO.resolve("data/dev/images").toString(),
                        "--objects",
                        DEMO.resolve("data/dev/objects.json").toString(),
                        "--synonyms",
                        DEMO.resolve("data/synonyms.txt").toString());
        assertThat(result.get("n").asInt()).isEqualTo(8);
        assertThat(result.get("metrics").get("recall").asDouble()).isGreaterThan(0.7);
        assertThat(result.get("metrics").get("words").asDouble()).isBetween(5.0, 40.0);
    }

    @Test
    void loadsAndUnloadsAnAdapter() throws IOException {
        String folder = DEMO.resolve("adapter").toString();
        JsonNode adapter =
                json("adapters", "load", "--model", LLAVA, folder, "--name", "reference");
        assertThat(adapter.get("name").asText()).isEqualTo("adapters/reference");
        assertThat(adapter.get("rank").asInt()).isEqualTo(8);
        assertThat(sum("--adapter", "reference")).isNotCloseTo(sum(), within(1e-3));
        json("adapters", "unload", "reference");
        assertThat(json("adapters", "get", "reference").get("state").asText()).isEqualTo("STORED");
        json("adapters", "delete", "reference");
        assertThat(error("adapters", "get", "reference").get("code").asText())
                .isEqualTo("NOT_FOUND");
    }

    @Test
    void errorsOfTheServerKeepTheirCodeAndReason() throws IOException {
        JsonNode unknown = error("generate", "--model", "nobody", "--prompt", "p");
        assertThat(unknown.get("code").asText()).isEqualTo("NOT_FOUND");
        assertThat(unknown.get("reason").asText()).isEqualTo("MODEL_NOT_FOUND");
        JsonNode loss =
                error(with(training(rows(2), directory.resolve("never")), "--loss", "no-such"));
        assertThat(loss.get("reason").asText()).isEqualTo("LOSS_NOT_FOUND");
        assertThat(loss.get("message").asText()).contains("no-such", "plackett-luce");
    }
}
