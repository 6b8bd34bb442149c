package dev.plumbline.plugins.sae;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.tensor.DType;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The experiment of docs/experiments/sae-recovery.md in small; asserted is what is reached. */
class RecoveryTest {
    @ParameterizedTest
    @CsvSource({"kl, 1, 0.6", "l1, 0.05, 0.8", "top_k, 1, 0.7"})
    void latentsFollowFactorsThatTheFitDidNotKnow(String encoder, String gamma, double least) {
        Map<String, String> options =
                Map.of(
                        "encoder", encoder,
                        "gamma", gamma,
                        "latents", "64",
                        "steps", "400",
                        "learning_rate", "0.003",
                        "prompts", "8");
        try (TestRuntime runtime = new TestRuntime()) {
            var compute = new EngineCompute(runtime.runtime(), DType.F32);
            Recovery.Result result = new Recovery(16, 800, 40, 2, 0).run(compute, options, 0);
            assertThat(result.recovered()).isBetween(least, 1.0);
        }
    }
}
