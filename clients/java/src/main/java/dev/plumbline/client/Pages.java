package dev.plumbline.client;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Items of a paged list, asked for a page at a time.
 *
 * @param <T> an item
 */
final class Pages<T> implements Iterator<T> {
    /** The items of one page, and the token of the next, empty after the last. */
    record Page<T>(List<T> items, String nextToken) {}

    private final Function<String, Page<T>> fetch;
    private Page<T> page;
    private int index;

    private Pages(Function<String, Page<T>> fetch) {
        this.fetch = fetch;
        this.page = Calls.call(() -> fetch.apply(""));
    }

    static <T> Iterable<T> of(Function<String, Page<T>> fetch) {
        return () -> new Pages<>(fetch);
    }

    @Override
    public boolean hasNext() {
        while (index == page.items().size() && !page.nextToken().isEmpty()) {
            String token = page.nextToken();
            page = Calls.call(() -> fetch.apply(token));
            index = 0;
        }
        return index < page.items().size();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return page.items().get(index++);
    }
}
