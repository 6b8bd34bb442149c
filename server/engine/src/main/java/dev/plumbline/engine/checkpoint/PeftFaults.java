package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.Map;

/** What can be wrong with an adapter. */
final class PeftFaults {
    private PeftFaults() {}

    static PlumblineException notFound(Path folder, String what) {
        return new PlumblineException(
                ErrorCode.NOT_FOUND,
                "ADAPTER_NOT_FOUND",
                "%s %s; give the folder of a PEFT adapter".formatted(folder, what),
                Map.of("path", folder.toString()));
    }

    static PlumblineException config(Path file, String what) {
        return Faults.unusable(
                file,
                "ADAPTER_CONFIG_INVALID",
                "%s cannot be used: %s; save the adapter again with peft".formatted(file, what));
    }

    static PlumblineException unsupported(Path file, String feature, String value) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "ADAPTER_UNSUPPORTED",
                "%s asks for %s = %s, which changes what the adapter computes in a way that is not"
                                .formatted(file, feature, value)
                        + " supported; use a plain LoRA adapter",
                Map.of("file", file.toString(), "feature", feature, "value", value));
    }

    static PlumblineException tensor(Path file, String tensor, String reason, String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                reason,
                "tensor %s in %s: %s; save the adapter again with peft"
                        .formatted(tensor, file, what),
                Map.of("file", file.toString(), "tensor", tensor));
    }
}
