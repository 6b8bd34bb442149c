package dev.plumbline.server.store;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.plumbline.engine.train.SamplingReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an operation made. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = OperationOutcome.Mined.class, name = "mined"),
    @JsonSubTypes.Type(value = OperationOutcome.Pooled.class, name = "pooled"),
    @JsonSubTypes.Type(value = OperationOutcome.Sampled.class, name = "sampled")
})
public sealed interface OperationOutcome {
    /**
     * A mined file.
     *
     * @param reportData beside it, JSON
     */
    record Mined(
            long rows,
            Path output,
            Path reportData,
            List<String> artefacts,
            Map<String, Double> figures)
            implements OperationOutcome {
        public Mined {
            artefacts = List.copyOf(artefacts);
            figures = new TreeMap<>(figures);
        }
    }

    /** A pool. */
    record Pooled(PoolRecord pool) implements OperationOutcome {}

    /** A comparison of ways to sample. */
    record Sampled(SamplingReport report, List<SelectorTime> selectors)
            implements OperationOutcome {
        public Sampled {
            selectors = List.copyOf(selectors);
        }
    }

    /**
     * What a selector takes.
     *
     * @param ready seconds until it could choose, a fit included
     * @param score seconds for a row's candidates, mean
     */
    record SelectorTime(String selector, double ready, double score) {}
}
