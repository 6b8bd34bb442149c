package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.Projections;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A decoder and what it is bound to; only what has changed is bound anew. */
final class BoundDecoder implements AutoCloseable {
    private final Binding binding;
    private @Nullable KeyValueBuffer buffer;
    private @Nullable AdapterStack stack;
    private int from;
    private int to;

    BoundDecoder(Session session) {
        this.binding = session.bind();
    }

    /** Has it work on the rows {@code from} to {@code to}. */
    void rows(KeyValueBuffer of, int first, int end) {
        if (buffer == of && from == first && to == end) {
            return;
        }
        of.bind(binding, first, end);
        buffer = of;
        from = first;
        to = end;
    }

    /**
     * @param mask which ranks of the stack hold for each row
     */
    void adapters(AdapterStack of, Tensor mask) {
        if (stack != of) {
            of.inputs().forEach(binding::input);
            stack = of;
        }
        binding.input(Projections.MASK, mask);
    }

    Binding binding() {
        return binding;
    }

    @Override
    public void close() {
        binding.close();
    }
}
