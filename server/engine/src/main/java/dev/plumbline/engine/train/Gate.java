package dev.plumbline.engine.train;

import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.Map;

/** A small examination on data that the run does not train on. */
@FunctionalInterface
public interface Gate {
    /**
     * Examines an adapter.
     *
     * @return figures by name, such as {@code accuracy}; NaN or nothing for one that has no value.
     *     The same adapter gets the same figures
     */
    Map<String, Double> evaluate(LoraAdapter adapter, Cancellation cancellation);
}
