package dev.plumbline.engine.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.EncodedPrompt;
import dev.plumbline.engine.model.RotaryTable;
import dev.plumbline.engine.model.TokenPositions;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswerBatchTest {
    private static final int HIDDEN = 2;
    private static final RotaryTable ROTARY = new RotaryTable(new double[] {1, 0.5}, new int[] {2});

    /** Ids from {@code first} on; a picture of two pieces stands at 1 and 2. */
    private static AnswerSequence sequence(int first, int length, int answerStart) {
        List<Integer> ids = IntStream.range(first, first + length).boxed().toList();
        EncodedPrompt prompt =
                new EncodedPrompt("text", ids, List.of(1, 2), TokenPositions.text(length));
        Tensor picture =
                Tensor.of(Shape.of(2, HIDDEN), (float) first, first + 1, first + 2, first + 3);
        return new AnswerSequence(new EncodedAnswer(prompt, answerStart), List.of(picture));
    }

    @Test
    void batchesKeepTheOrderAndTheirBounds() {
        SplittableRandom random = new SplittableRandom(0);
        for (int most : List.of(1, 3, Integer.MAX_VALUE)) {
            List<AnswerSequence> sequences = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                sequences.add(sequence(i, random.nextInt(4, 300), 3));
            }
            sequences.add(sequence(0, 2000, 3));
            List<List<AnswerSequence>> batches = AnswerBatch.split(sequences, most);
            assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(sequences);
            for (List<AnswerSequence> batch : batches) {
                int longest = batch.stream().mapToInt(s -> s.answer().length()).max().orElseThrow();
                assertThat(batch).isNotEmpty().hasSizeLessThanOrEqualTo(most);
                assertThat(batch.size() == 1 || batch.size() * longest <= 1024).isTrue();
            }
        }
        assertThat(AnswerBatch.split(List.of())).isEmpty();
    }

    @Test
    void answersArePredictedFromThePositionBefore() {
        AnswerBatch batch =
                AnswerBatch.of(List.of(sequence(10, 4, 3), sequence(20, 6, 4)), HIDDEN, ROTARY);
        Map<String, Tensor> inputs = batch.inputs();
        assertThat(longs(inputs, "input_ids"))
                .containsExactly(10, 11, 12, 13, 0, 0, 20, 21, 22, 23, 24, 25);
        assertThat(longs(inputs, "answer_positions")).containsExactly(2, 6 + 3, 6 + 4);
        assertThat(longs(inputs, "answer_ids")).containsExactly(13, 24, 25);
        assertThat(batch.answerLengths()).containsExactly(1, 2);
    }

    @Test
    void picturesStandInTheirSequences() {
        AnswerBatch batch =
                AnswerBatch.of(List.of(sequence(10, 4, 3), sequence(20, 6, 4)), HIDDEN, ROTARY);
        assertThat(longs(batch.inputs(), "image_positions"))
                .containsExactly(0, 1, 0, 2, 1, 1, 1, 2);
        assertThat(get(batch.inputs(), "image_features").toFloats())
                .containsExactly(10, 11, 12, 13, 20, 21, 22, 23);
    }

    @Test
    void noPositionSeesALaterOne() {
        AnswerBatch batch = AnswerBatch.of(List.of(sequence(1, 4, 3)), HIDDEN, ROTARY);
        float[] bias = get(batch.inputs(), "attention_bias").toFloats();
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 4; column++) {
                assertThat(bias[4 * row + column])
                        .isEqualTo(column > row ? Float.NEGATIVE_INFINITY : 0);
            }
        }
    }

    /** A prompt of 12 tokens with one picture, and answers from 100 or 200 on. */
    private static AnswerSequence answer(Tensor picture, int first, int length) {
        List<Integer> ids =
                IntStream.concat(IntStream.range(10, 22), IntStream.range(first, first + length))
                        .boxed()
                        .toList();
        EncodedPrompt prompt =
                new EncodedPrompt("text", ids, List.of(1, 2), TokenPositions.text(ids.size()));
        return new AnswerSequence(new EncodedAnswer(prompt, 12), List.of(picture));
    }

    private static Tensor picture(float first) {
        return Tensor.of(Shape.of(2, HIDDEN), first, first + 1, first + 2, first + 3);
    }

    @Test
    void answersOnOnePictureShareARow() {
        Tensor picture = picture(1);
        List<AnswerSequence> sequences =
                List.of(
                        answer(picture, 100, 2),
                        answer(picture, 200, 3),
                        answer(picture(5), 100, 2));
        AnswerBatch batch = AnswerBatch.of(sequences, HIDDEN, ROTARY);
        assertThat(AnswerBatch.split(sequences)).containsExactly(sequences);
        assertThat(tokens(sequences, 3)).isEqualTo(2 * 17);
        assertThat(tokens(sequences, 1)).isEqualTo(14 + 15 + 14);
        Map<String, Tensor> inputs = batch.inputs();
        assertThat(Arrays.copyOf(longs(inputs, "input_ids"), 17))
                .startsWith(10, 11)
                .endsWith(21, 100, 101, 200, 201, 202);
        assertThat(longs(inputs, "answer_positions"))
                .containsExactly(11, 12, 11, 14, 15, 17 + 11, 17 + 12);
        assertThat(longs(inputs, "answer_ids")).containsExactly(100, 101, 200, 201, 202, 100, 101);
        assertThat(batch.answerLengths()).containsExactly(2, 3, 2);
        assertThat(longs(inputs, "image_positions")).containsExactly(0, 1, 0, 2, 1, 1, 1, 2);
        assertThat(get(inputs, "image_features").toFloats())
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void anAnswerNeitherSeesNorFollowsTheOtherOfItsRow() {
        Tensor picture = picture(1);
        AnswerBatch batch =
                AnswerBatch.of(
                        List.of(answer(picture, 100, 2), answer(picture, 200, 3)), HIDDEN, ROTARY);
        float[] bias = get(batch.inputs(), "attention_bias").toFloats();
        float[] sin = get(batch.inputs(), "rope_sin").toFloats();
        for (int row = 0; row < 17; row++) {
            for (int column = 0; column < 17; column++) {
                boolean other = row >= 14 && (column == 12 || column == 13);
                assertThat(bias[17 * row + column])
                        .isEqualTo(column > row || other ? Float.NEGATIVE_INFINITY : 0);
            }
            assertThat(sin[2 * row]).isEqualTo((float) Math.sin(row < 14 ? row : row - 2));
        }
    }

    @Test
    void rowsAreSharedOnlyWhereThatSavesWork() {
        Tensor picture = picture(1);
        List<AnswerSequence> long3 =
                List.of(answer(picture, 100, 4), answer(picture, 200, 4), answer(picture, 300, 4));
        assertThat(tokens(long3, 3)).isEqualTo(3 * 16);
        List<AnswerSequence> many =
                IntStream.range(1, 20).mapToObj(i -> answer(picture, 100 * i, 3)).toList();
        for (List<AnswerSequence> batch : AnswerBatch.split(many)) {
            assertThat(tokens(batch, batch.size())).isLessThanOrEqualTo(1024);
        }
        assertThat(AnswerBatch.of(many, HIDDEN, ROTARY).inputs().get("input_ids"))
                .extracting(ids -> ids.shape().get(1))
                .isEqualTo(24L);
    }

    private static long tokens(List<AnswerSequence> sequences, int most) {
        return AnswerBatch.sizes(sequences, most).stream()
                .mapToLong(AnswerBatch.Size::tokens)
                .sum();
    }

    private static Tensor get(Map<String, Tensor> inputs, String name) {
        return Objects.requireNonNull(inputs.get(name), name);
    }

    private static long[] longs(Map<String, Tensor> inputs, String name) {
        return get(inputs, name).toLongs();
    }
}
