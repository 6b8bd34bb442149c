package dev.plumbline.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopTextTest {
    @Test
    void endsBeforeAStopTextThatSpansPieces() {
        StopText stop = new StopText(List.of("ENDE", "halt"));
        assertThat(stop.push("a EN")).isEqualTo("a ");
        assertThat(stop.push("D")).isEmpty();
        assertThat(stop.push("E and more")).isEmpty();
        assertThat(stop.reached()).isTrue();
        assertThat(stop.finish()).isEmpty();
    }

    @Test
    void showsWhatWasHeldBackInVain() {
        StopText stop = new StopText(List.of("aab"));
        assertThat(stop.push("xa")).isEqualTo("x");
        assertThat(stop.push("a")).isEmpty();
        assertThat(stop.push("a")).isEqualTo("a");
        assertThat(stop.push("c")).isEqualTo("aac");
        assertThat(stop.push("aa")).isEmpty();
        assertThat(stop.finish()).isEqualTo("aa");
        assertThat(stop.reached()).isFalse();
    }

    @Test
    void agreesWithASearchOfTheWholeText() {
        Random random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            String text = letters(random, random.nextInt(20));
            List<String> stops =
                    List.of(
                            letters(random, 1 + random.nextInt(4)),
                            letters(random, 1 + random.nextInt(4)));
            StopText stop = new StopText(stops);
            StringBuilder shown = new StringBuilder();
            for (int at = 0; at < text.length() && !stop.reached(); ) {
                int end = Math.min(text.length(), at + 1 + random.nextInt(3));
                shown.append(stop.push(text.substring(at, end)));
                at = end;
            }
            shown.append(stop.finish());
            int first = stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
            // A stop text is told as soon as it is complete: one that ends first may win.
            if (first < 0) {
                assertThat(shown.toString()).isEqualTo(text);
            } else {
                assertThat(stop.reached()).isTrue();
                assertThat(text).startsWith(shown.toString());
                assertThat(stops).noneMatch(s -> shown.toString().contains(s));
            }
        }
    }

    private static String letters(Random random, int length) {
        return random.ints(length, 'a', 'c')
                .mapToObj(Character::toString)
                .reduce("", String::concat);
    }
}
