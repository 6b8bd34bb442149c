package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A runtime for each test, which must release all that it made. */
abstract class RuntimeHarness {
    static final RuntimeOptions OPTIONS =
            new RuntimeOptions(2, Optional.empty(), Path.of("target", "onnxruntime"));

    @SuppressWarnings("NullAway.Init")
    Runtime runtime;

    @SuppressWarnings("NullAway.Init")
    Weights noWeights;

    private long before;

    @BeforeEach
    void openRuntime() {
        runtime = Runtime.open(OPTIONS);
        before = runtime.liveHandles();
        noWeights = runtime.weights(Map.of());
    }

    @AfterEach
    void everythingIsReleased() {
        noWeights.close();
        assertThat(runtime.liveHandles()).as("live handles").isEqualTo(before);
        runtime.close();
        assertThat(runtime.liveHandles()).as("live handles after closing").isZero();
    }

    Session load(byte[] model) {
        return runtime.session(model, noWeights, Device.CPU);
    }
}
