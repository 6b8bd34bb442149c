package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PageTest {
    private static final List<String> ALL =
            IntStream.range(0, 25).mapToObj("item-%02d"::formatted).toList();

    @Test
    void pagesTogetherAreTheList() {
        var seen = new ArrayList<String>();
        String token = "";
        do {
            var page = Page.of(ALL.reversed(), Function.identity(), new PageRequest(10, token));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(10);
            seen.addAll(page.items());
            token = page.nextToken();
        } while (!token.isEmpty());
        assertThat(seen).isEqualTo(ALL);
    }

    @Test
    void anExactLastPageHasNoToken() {
        var page = Page.of(ALL, Function.identity(), new PageRequest(25, ""));
        assertThat(page.items()).hasSize(25);
        assertThat(page.nextToken()).isEmpty();
    }

    @Test
    void anItemThatGoesAwayLosesNoOther() {
        var first =
                Page.of(
                        ALL,
                        Function.identity(),
                        Comparator.reverseOrder(),
                        new PageRequest(5, ""));
        var without = ALL.stream().filter(i -> !first.items().contains(i)).toList();
        var second =
                Page.of(
                        without,
                        Function.identity(),
                        Comparator.reverseOrder(),
                        new PageRequest(5, first.nextToken()));
        assertThat(second.items()).startsWith("item-19").hasSize(5);
    }

    @Test
    void aStrangeTokenIsRefused() {
        for (String token : List.of("%%%", "aGVsbG8", "item-03")) {
            assertThatThrownBy(() -> Page.of(ALL, Function.identity(), new PageRequest(5, token)))
                    .isInstanceOfSatisfying(
                            PlumblineException.class,
                            e -> assertThat(e.field()).contains("page_token"));
        }
        assertThatThrownBy(() -> new PageRequest(-1, ""))
                .isInstanceOfSatisfying(
                        PlumblineException.class, e -> assertThat(e.field()).contains("page_size"));
    }
}
