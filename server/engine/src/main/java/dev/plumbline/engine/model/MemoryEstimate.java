package dev.plumbline.engine.model;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Precision;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a folder needs to be served, told before any weight is read.
 *
 * @param contextLength tokens of prompts, pictures and answers that the cache is counted for
 * @param training what a sequence takes on top, once training begins; not part of what is needed
 * @param fitting what would fit; empty where the model does
 */
public record MemoryEstimate(
        Precision precision,
        int contextLength,
        MemoryParts parts,
        Training training,
        long availableBytes,
        List<Option> fitting) {
    public MemoryEstimate {
        fitting = List.copyOf(fitting);
    }

    /** What a training sequence of so many tokens takes. */
    public record Training(int tokens, long bytes) {}

    /** Another way to load the model. */
    public record Option(Precision precision, int contextLength, long neededBytes) {
        private String text(MemoryEstimate asked) {
            String context =
                    contextLength == asked.contextLength ? "" : ", context_length " + contextLength;
            return "%s%s (%s)".formatted(precision, context, readable(neededBytes));
        }
    }

    public long neededBytes() {
        return parts.total();
    }

    public boolean fits() {
        return neededBytes() <= availableBytes;
    }

    /**
     * Refuses a model that would not fit.
     *
     * @param folder the model's, for the message
     * @throws PlumblineException {@code MEMORY_INSUFFICIENT} with all figures, and what would fit
     */
    public void requireFits(Path folder) {
        if (fits()) {
            return;
        }
        String options = fitting.stream().map(o -> o.text(this)).collect(Collectors.joining(", "));
        throw new PlumblineException(
                ErrorCode.RESOURCE_EXHAUSTED,
                "MEMORY_INSUFFICIENT",
                "the model in %s needs %d bytes of memory in %s with %d tokens (%s), %d are available; %s"
                        .formatted(
                                folder,
                                neededBytes(),
                                precision,
                                contextLength,
                                partsText(),
                                availableBytes,
                                options.isEmpty()
                                        ? "free memory or choose a smaller model"
                                        : "what fits: " + options),
                metadata(folder, options));
    }

    private String partsText() {
        return parts.byName().entrySet().stream()
                .map(part -> part.getKey() + " " + readable(part.getValue()))
                .collect(Collectors.joining(", "));
    }

    private Map<String, String> metadata(Path folder, String options) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("path", folder.toString());
        metadata.put("precision", precision.text());
        metadata.put("context_length", Integer.toString(contextLength));
        metadata.put("needed_bytes", Long.toString(neededBytes()));
        metadata.put("available_bytes", Long.toString(availableBytes));
        parts.byName().forEach((name, bytes) -> metadata.put(name + "_bytes", bytes.toString()));
        metadata.put("fits", options);
        return metadata;
    }

    private static String readable(long bytes) {
        return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
}
