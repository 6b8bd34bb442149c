package dev.plumbline.engine.data;

import static dev.plumbline.engine.data.DataFormatsTest.DATA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.data.PreferenceData.Source;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a row may look like, and what it cannot hold. */
class RowLayoutsTest {
    private static final String ANSWERS = "'chosen': 'A.', 'rejected': 'B.'";

    @TempDir Path cache;

    @TempDir Path folder;

    private PreferenceData read(String... lines) throws IOException {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, String.join("\n", lines).replace('\'', '"'));
        return PreferenceData.read(
                new Source(file, Optional.empty(), Optional.of(DATA.resolve("images"))), cache);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'images': ['red.png', 'blue.png'], 'prompt': 'Q', @} | image | image holds 2 pictures; a row has one",
                "{'images': [], 'prompt': 'Q', @} | image | image is missing",
                "{'image': 'https://a.b/c.png', 'prompt': 'Q', @} | image | is an address on the network",
                "{'image': {'bytes': 'no base64!'}, 'prompt': 'Q', @} | image | bytes that are not base64",
                "{'image': {'bytes': ''}, 'prompt': 'Q', @} | image | has no bytes of a picture",
                "{'image': 'data:image/png,abc', 'prompt': 'Q', @} | image | is a data URI without base64",
                "{'image': 'data:image/png;base64,%%', 'prompt': 'Q', @} | image | is a data URI that is not base64",
                "{'image': 'a\\u0000.png', 'prompt': 'Q', @} | image | image is not a path",
                "{'image': 'red.png', 'question': '<image> or <image>?', @} | question | more than one <image>",
                "{'images': ['red.png'], 'prompt': [{'role': 'system', 'content': 'Be kind.'}, {'role': 'user', 'content': 'Q'}], @} | prompt[0] | is a system message",
                "{'images': ['red.png'], 'prompt': [{'role': 'user', 'content': 'Q'}, {'role': 'user', 'content': 'R'}], @} | prompt | has 2 questions",
                "{'images': ['red.png'], 'prompt': [{'role': 'tool', 'content': 'Q'}], @} | prompt[0] | has the role 'tool'",
                "{'images': ['red.png'], 'prompt': [{'role': 'user', 'content': [{'type': 'video'}]}], @} | prompt[0] | has a part of type 'video'",
                "{'images': ['red.png'], 'prompt': [{'role': 'user', 'content': 7}], @} | prompt[0] | neither a text nor parts",
                "{'images': ['red.png'], 'prompt': 'Q', 'chosen': [{'role': 'user', 'content': 'R'}, {'role': 'assistant', 'content': 'A'}], 'rejected': 'B'} | chosen | asks another question",
                "{'images': ['red.png'], 'prompt': 'Q', 'chosen': [], 'rejected': 'B'} | chosen | chosen is empty",
                "{'images': ['red.png'], 'conversations': [{'from': 'human', 'value': 'Q'}, {'from': 'gpt', 'value': 'A'}], @} | conversations | has answers",
                "{'images': ['red.png'], 'conversations': 'Q', @} | conversations | is not a list",
                "{'images': ['red.png'], 'conversations': [{'from': 'human', 'value': 'Q'}], 'system': 'Be kind.', @} | system | is given",
                "{'images': ['red.png'], 'messages': [{'role': 'user', 'content': 'Q'}, {'role': 'assistant', 'content': 'A'}]} | rejected | rejected is missing",
                "{'images': ['red.png'], 'messages': [{'role': 'user', 'content': 'Q'}, {'role': 'assistant', 'content': 'A'}], 'rejected_response': 'B', 'rejected_images': ['gone.png']} | negative_images[0].image | gone.png does not exist",
                "{'image': 'red.png', 'text': 'no json'} | text | text is not JSON",
                "{'image': 'red.png', 'text': '[1]'} | text | is not JSON with question, chosen, rejected",
                "{'image': 'red.png', 'text': {'question': 'Q', 'chosen': 'A'}} | rejected | rejected is missing",
            })
    void whatARowCannotHoldIsNamed(String row, String field, String said) throws IOException {
        PreferenceData data = read(row.replace("@", ANSWERS));
        assertThat(data.rows()).isEmpty();
        UnusableRow fault = data.unusable().summary().first().getFirst();
        assertThat(fault.field()).isEqualTo(field);
        assertThat(fault.message()).startsWith(folder + "/rows.jsonl line 1: ").contains(said);
    }

    @Test
    void picturesMayBeBase64() throws IOException {
        byte[] red = Files.readAllBytes(DATA.resolve("images/red.png"));
        String text = Base64.getEncoder().encodeToString(red);
        PreferenceData data =
                read(
                        "{'image': {'bytes': '%s', 'path': 'gone.png'}, 'prompt': 'Q', %s}"
                                .formatted(text, ANSWERS),
                        "{'image': 'data:image/png;base64,%s', 'prompt': 'Q', %s}"
                                .formatted(text, ANSWERS),
                        "{'image': 'red.png', 'prompt': 'Q', %s, 'negative_images': [{'image': {'bytes': '%s'}}]}"
                                .formatted(ANSWERS, text));
        List<PreferenceExample> rows = data.under(BadRowPolicy.STOP).rows();
        Path kept = rows.getFirst().image();
        assertThat(kept).hasBinaryContent(red).startsWith(cache);
        assertThat(rows.get(1).image()).isEqualTo(kept);
        assertThat(rows.get(2).negatives().getFirst().image()).isEqualTo(kept);
    }

    @Test
    void aPictureMayStandAmongThePartsOfItsQuestion() throws IOException {
        PreferenceData data =
                read(
                        "{'prompt': [{'role': 'user', 'content': [{'type': 'image', 'image': 'red.png'}, {'type': 'text', 'text': 'Q'}]}], 'chosen': [{'role': 'assistant', 'content': 'A.'}], 'rejected': [{'role': 'assistant', 'content': 'B.'}]}",
                        "{'query': '<image>Q', 'response': 'A.', 'rejected_response': 'B.', 'images': 'red.png'}");
        // The second is of another format than the first.
        assertThat(data.rows()).hasSize(1);
        PreferenceExample row = data.rows().getFirst();
        assertThat(row.image()).isEqualTo(DATA.resolve("images/red.png"));
        assertThat(row.prompt()).isEqualTo("Q");
        assertThat(data.unusable().summary().first().getFirst().field()).isEqualTo("question");
        assertThat(
                        read("{'query': '<image>Q', 'response': 'A.', 'rejected_response': 'B.', 'images': 'red.png'}")
                                .rows())
                .singleElement()
                .satisfies(it -> assertThat(it.chosen()).isEqualTo("A."));
    }

    @Test
    void oneStrangeRowDoesNotDecideTheFormat() throws IOException {
        String row = "{'image': 'red.png', 'prompt': 'Q', " + ANSWERS + "}";
        PreferenceData data = read("{'messages': 7}", "no json", "{'a': 1}", row, row);
        assertThat(data.format()).isEqualTo(DataFormat.PLUMBLINE);
        assertThat(data.rows()).hasSize(2);
        assertThat(data.unusable().summary().first())
                .extracting(UnusableRow::row)
                .containsExactly("line 1", "line 2", "line 3");
    }

    @Test
    void linesMayEndAndBeginInAnyWay() throws IOException {
        String row = "{'image': 'red.png', 'prompt': 'a ]} \\\\ \\\" [{ b', " + ANSWERS + "}";
        for (String text :
                List.of(
                        "\ufeff" + row + "\r\n\r\n" + row,
                        "\n\n[" + row + ",\r\n " + row + " ]\n",
                        "\ufeff[\n" + row + "\n,\n" + row + "\n]")) {
            PreferenceData data = read(text);
            assertThat(data.unusable().summary().first()).isEmpty();
            assertThat(data.rows()).hasSize(2);
            assertThat(data.rows().getLast().prompt()).isEqualTo("a ]} \\ \" [{ b");
        }
        assertThat(read("\n\n" + row).rows().getFirst().place().line()).isEqualTo(3);
    }

    @Test
    void aLineWithoutAnEndIsNotReadIntoMemory() throws IOException {
        String row = "{'image': 'red.png', 'prompt': '%s', " + ANSWERS + "}";
        PreferenceData data = read(row.formatted("x".repeat(65 << 20)), row.formatted("short"));
        assertThat(data.rows()).hasSize(1);
        assertThat(data.unusable().summary().first().getFirst().message())
                .contains("line 1: row is longer than 67108864 bytes");
    }

    @Test
    void twoMayReadTheSameFileAtOnce() throws IOException {
        Path file = DATA.resolve("rlaif-v.parquet");
        List<CompletableFuture<PreferenceData>> reads =
                Stream.generate(() ->
                                CompletableFuture.supplyAsync(
                                        () -> PreferenceData.read(Source.of(file), cache)))
                        .limit(8)
                        .toList();
        PreferenceData first = reads.getFirst().join();
        assertThat(reads)
                .allSatisfy(read -> {
                    assertThat(read.join().rows()).isEqualTo(first.rows());
                    assertThat(read.join().digest()).isEqualTo(first.digest());
                });
        try (Stream<Path> all = Files.list(cache.resolve("rows"))) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Path blocked = Files.writeString(folder.resolve("file"), "").resolve("cache");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        PreferenceData.read(Source.of(DATA.resolve("rlaif-v.parquet")), blocked))
                .withMessageContaining(blocked.toString())
                .satisfies(e -> assertThat(e.reason()).isEqualTo("FILE_NOT_WRITABLE"));
    }
}
