package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * A part of a list. The token names the last item given, so that pages stay right while items come
 * and go.
 *
 * @param nextToken empty on the last page
 */
public record Page<T>(List<T> items, String nextToken) {
    public Page {
        items = List.copyOf(items);
    }

    /**
     * Cuts a page out of all items.
     *
     * @param key what an item is ordered by, different for each, such as its resource name
     */
    public static <T> Page<T> of(
            List<T> all, Function<T, String> key, Comparator<String> order, PageRequest request) {
        String after = decode(request.token());
        List<T> rest =
                all.stream()
                        .filter(t -> after.isEmpty() || order.compare(key.apply(t), after) > 0)
                        .sorted(Comparator.comparing(key, order))
                        .limit(request.size() + 1L)
                        .toList();
        if (rest.size() <= request.size()) {
            return new Page<>(rest, "");
        }
        List<T> items = rest.subList(0, request.size());
        return new Page<>(items, encode(key.apply(items.getLast())));
    }

    /** Cuts a page out of all items, in the order of their keys. */
    public static <T> Page<T> of(List<T> all, Function<T, String> key, PageRequest request) {
        return of(all, key, Comparator.naturalOrder(), request);
    }

    private static String encode(String key) {
        byte[] bytes = ("after:" + key).getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String decode(String token) {
        if (token.isEmpty()) {
            return "";
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (text.startsWith("after:")) {
                return text.substring("after:".length());
            }
        } catch (IllegalArgumentException e) {
            // Not base64: answered below like any other text that is not a token of ours.
        }
        throw PlumblineException.invalid(
                "page_token",
                "PAGE_TOKEN_INVALID",
                "page_token is not one that this server gave: leave it empty to begin anew");
    }
}
