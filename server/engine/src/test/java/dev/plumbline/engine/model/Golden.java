package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What transformers and peft say about one case of resources/llava or resources/qwen. */
record Golden(Path folder, JsonNode json) {
    static final Path FOLDER = Path.of("src/test/resources/llava");
    static final List<String> CASES =
            List.of(
                    "full-untied-f32-old",
                    "grouped-tied-bf16-sharded-new",
                    "grouped-untied-f16-crossing",
                    "full-tied-f32-new",
                    "grouped-tied-f32");

    static Golden read(String name) {
        return read(FOLDER, name);
    }

    static Golden read(Path family, String name) {
        Path folder = family.resolve(name);
        try {
            return new Golden(
                    folder, new ObjectMapper().readTree(folder.resolve("golden.json").toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path model() {
        return folder.resolve("model");
    }

    List<Row> rows() {
        return stream(json.get("rows")).map(Row::new).toList();
    }

    static Picture picture(String file) {
        try {
            byte[] bytes = Files.readAllBytes(FOLDER.resolve("images").resolve(file));
            return ImageDecoder.decode(bytes, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Integer> ids(JsonNode json) {
        return stream(json).map(JsonNode::intValue).toList();
    }

    static List<Double> numbers(JsonNode json) {
        return stream(json).map(JsonNode::doubleValue).toList();
    }

    private static Stream<JsonNode> stream(JsonNode json) {
        return StreamSupport.stream(json.spliterator(), false);
    }

    /** Files of the pictures that the rows ask about. */
    List<String> images() {
        return json.get("images").propertyStream().map(Map.Entry::getKey).toList();
    }

    /** A question, an answer, and perhaps pictures and a system message. */
    record Row(JsonNode json) {
        String question() {
            return json.get("question").asText();
        }

        String answer() {
            return json.get("answer").asText();
        }

        boolean hasSystem() {
            return !json.get("system").isNull();
        }

        List<String> images() {
            if (json.has("images")) {
                return stream(json.get("images")).map(JsonNode::asText).toList();
            }
            return json.get("image").isNull() ? List.of() : List.of(json.get("image").asText());
        }

        List<Picture> pictures() {
            return images().stream().map(Golden::picture).toList();
        }

        List<ChatMessage> messages() {
            return messages(pictures());
        }

        List<ChatMessage> messages(List<Picture> pictures) {
            List<ChatMessage> messages = new ArrayList<>();
            if (hasSystem()) {
                ChatMessage.Part text = new ChatMessage.Part.Text(json.get("system").asText());
                messages.add(new ChatMessage("system", List.of(text)));
            }
            messages.add(ChatMessage.user(pictures, question()));
            return messages;
        }

        List<Integer> promptIds() {
            return ids(json.get("prompt_ids"));
        }

        List<Integer> inputIds() {
            return ids(json.get("input_ids"));
        }

        int answerStart() {
            return json.get("answer_start").asInt();
        }

        Said said(boolean adapted) {
            return new Said(json.get(adapted ? "adapter" : "base"));
        }

        @Override
        public String toString() {
            return "%s on %s".formatted(question(), images());
        }
    }

    /** What one model says about a row. */
    record Said(JsonNode json) {
        List<Double> tokenLogprobs() {
            return numbers(json.get("token_logprobs"));
        }

        double sum() {
            return json.get("sum").asDouble();
        }

        List<Integer> greedyIds() {
            return ids(json.at("/greedy/token_ids"));
        }

        String greedyText() {
            return json.at("/greedy/text").asText();
        }

        /** Steps before the first whose best two logits lie so close that rounding may decide. */
        int certainSteps() {
            List<Double> gaps = numbers(json.at("/greedy/gaps"));
            int steps = 0;
            while (steps < gaps.size() && gaps.get(steps) >= 1e-3) {
                steps++;
            }
            return steps;
        }
    }
}
