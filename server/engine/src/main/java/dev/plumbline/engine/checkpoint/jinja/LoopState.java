package dev.plumbline.engine.checkpoint.jinja;

import java.util.List;

/** The {@code loop} of a {@code for}. */
final class LoopState {
    private final List<Object> elements;
    private int index;
    private Object lastChecked = new Object();

    LoopState(List<Object> elements) {
        this.elements = elements;
    }

    void moveTo(int position) {
        this.index = position;
    }

    Object attribute(String name) {
        int size = elements.size();
        return switch (name) {
            case "index" -> (long) index + 1;
            case "index0" -> (long) index;
            case "revindex" -> (long) size - index;
            case "revindex0" -> (long) size - index - 1;
            case "first" -> index == 0;
            case "last" -> index == size - 1;
            case "length" -> (long) size;
            case "depth" -> 1L; // Only recursive loops are ever deeper.
            case "depth0" -> 0L;
            case "previtem" -> neighbor(index - 1, "there is no previous item");
            case "nextitem" -> neighbor(index + 1, "there is no next item");
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> new Undefined("'loop' has no attribute '" + name + "'");
        };
    }

    private Object neighbor(int at, String otherwise) {
        return at >= 0 && at < elements.size() ? elements.get(at) : new Undefined(otherwise);
    }

    private Object cycle(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            throw JinjaException.failed("no items for cycling given");
        }
        return arguments.positional().get(index % arguments.positional().size());
    }

    private Object changed(Arguments arguments) {
        boolean changed = !lastChecked.equals(arguments.positional());
        lastChecked = arguments.positional();
        return changed;
    }
}
