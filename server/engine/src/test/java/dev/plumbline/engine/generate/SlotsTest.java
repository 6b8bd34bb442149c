package dev.plumbline.engine.generate;

import static dev.plumbline.engine.generate.Sequences.FACTS;
import static dev.plumbline.engine.generate.Sequences.begin;
import static dev.plumbline.engine.generate.Sequences.read;
import static dev.plumbline.engine.generate.Sequences.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotsTest {
    @Test
    void placesInOrderUntilTheRowsAreTaken() {
        try (Slots slots = slots(3, 10_000)) {
            List<Sequence> placed = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Sequence sequence = Sequences.of(10, 20);
                assertThat(slots.place(sequence)).isTrue();
                assertThat(sequence.row()).isEqualTo(i);
                placed.add(sequence);
            }
            Sequence late = Sequences.of(10, 20);
            assertThat(slots.place(late)).isFalse();
            slots.release(placed.get(1));
            assertThat(slots.place(late)).isTrue();
            assertThat(late.row()).isEqualTo(1);
        }
    }

    @Test
    void neverHoldsMoreThanTheBudget() {
        try (Slots slots = slots(8, 300)) {
            Sequence first = Sequences.of(50, 200);
            Sequence second = Sequences.of(50, 100);
            Sequence third = Sequences.of(1, 1);
            assertThat(slots.place(first)).isTrue();
            assertThat(slots.place(second)).isTrue();
            assertThat(slots.place(third)).isFalse();
            slots.release(first);
            // Its row still holds memory for 200 tokens.
            Sequence fourth = Sequences.of(50, 150);
            assertThat(slots.place(fourth)).isTrue();
            assertThat(fourth.row()).isZero();
            assertThat(slots.touchedTokens()).isEqualTo(300);
            assertThat(slots.place(third)).isFalse();
            slots.release(fourth);
            slots.release(second);
            // Given back, both together, for one that is longer than either.
            assertThat(slots.place(Sequences.of(50, 250))).isTrue();
            assertThat(slots.touchedTokens()).isEqualTo(250);
            assertThat(slots.place(Sequences.of(10, 50))).isTrue();
            assertThat(slots.place(third)).isFalse();
        }
    }

    @Test
    void growingKeepsWhatIsThere() {
        try (Slots slots = slots(3, 100_000)) {
            Sequence small = Sequences.of(30, 40);
            slots.place(small);
            begin(small);
            write(slots.buffer(), 0, 30, 5);
            float[] before = read(slots.buffer(), 0, 30);
            assertThat(slots.buffer().capacity()).isEqualTo(128);
            slots.place(Sequences.of(100, 700));
            assertThat(slots.buffer().capacity()).isEqualTo(1000);
            assertThat(read(slots.buffer(), 0, 30)).isEqualTo(before);
        }
    }

    @Test
    void theLastOnesMoveIntoTheHoles() {
        try (Slots slots = slots(5, 10_000)) {
            List<Sequence> all = new ArrayList<>();
            List<float[]> held = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Sequence sequence = Sequences.of(20, 30);
                slots.place(sequence);
                begin(sequence);
                write(slots.buffer(), i, 20, 1000 * i);
                held.add(read(slots.buffer(), i, 20));
                all.add(sequence);
            }
            slots.release(all.get(0));
            slots.release(all.get(2));
            slots.compact();
            assertThat(all.get(4).row()).isEqualTo(0);
            assertThat(all.get(3).row()).isEqualTo(2);
            assertThat(all.get(1).row()).isEqualTo(1);
            for (int i : new int[] {1, 3, 4}) {
                assertThat(read(slots.buffer(), all.get(i).row(), 20)).isEqualTo(held.get(i));
            }
        }
    }

    @Test
    void whatIsNotReadyStaysWhereItIs() {
        try (Slots slots = slots(3, 10_000)) {
            Sequence ended = Sequences.of(20, 30);
            Sequence running = Sequences.of(20, 30);
            Sequence reading = Sequences.of(20, 30);
            List.of(ended, running, reading).forEach(slots::place);
            begin(ended);
            begin(running);
            slots.release(ended);
            slots.compact();
            assertThat(running.row()).isZero();
            assertThat(reading.row()).isEqualTo(2);
        }
    }

    @Test
    void canBeUsedAgainAfterItHasGivenAllBack() {
        try (Slots slots = slots(2, 10_000)) {
            Sequence sequence = Sequences.of(20, 30);
            slots.place(sequence);
            slots.release(sequence);
            assertThat(slots.isEmpty()).isTrue();
            slots.close();
            assertThat(slots.touchedTokens()).isZero();
            assertThat(slots.place(Sequences.of(20, 30))).isTrue();
        }
    }

    private static Slots slots(int rows, long tokens) {
        return new Slots(FACTS, rows, tokens * FACTS.cacheBytesPerToken());
    }
}
