package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.checkpoint.AdapterNaming;
import dev.plumbline.engine.checkpoint.LoraConfig;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.engine.train.GateSettings.Better;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateKeeperTest {
    private static final String MODULE = "language_model.model.layers.0.self_attn.q_proj";

    @TempDir Path output;

    /** An adapter whose one telling number is the accuracy that it gets. */
    private static PeftAdapter adapter(double accuracy) {
        LoraConfig config = LoraConfig.of("model", 1, 1);
        Tensor a = Tensor.of(Shape.of(1, 2), new float[] {(float) accuracy, 1});
        Tensor b = Tensor.of(Shape.of(2, 1), new float[] {1, 1});
        return new PeftAdapter(
                config, AdapterNaming.TRANSFORMERS_5, Map.of(MODULE, config.pair(a, b)));
    }

    private static Map<String, Double> figures(LoraAdapter adapter) {
        var pair = Objects.requireNonNull(adapter.peft().modules().get(MODULE));
        return Map.of("accuracy", (double) pair.a().toFloats()[0]);
    }

    private static GateSettings settings(Better better, boolean keepBest, int patience) {
        return new GateSettings(2, "accuracy", better, keepBest, patience);
    }

    private GateKeeper keeper(GateSettings settings, GateRecord record) {
        return new GateKeeper(
                new Examination((adapter, c) -> figures(adapter), settings), output, record);
    }

    /** Examines one adapter after the other. */
    private GateKeeper after(GateSettings settings, double... accuracies) {
        GateKeeper keeper = keeper(settings, GateRecord.NONE);
        for (int i = 0; i < accuracies.length; i++) {
            PeftAdapter adapter = adapter(accuracies[i]);
            Map<String, Double> figures = keeper.examine(2 * (i + 1), adapter, Cancellation.none());
            assertThat(figures).containsEntry("accuracy", (double) (float) accuracies[i]);
        }
        return keeper;
    }

    @Test
    void everySoManyStepsAndAtTheEnd() {
        GateKeeper keeper = keeper(settings(Better.HIGHER, true, 0), GateRecord.NONE);
        assertThat(keeper.isDue(1, 5)).isFalse();
        assertThat(keeper.isDue(2, 5)).isTrue();
        assertThat(keeper.isDue(5, 5)).isTrue();
    }

    @Test
    void theBestIsKeptAndBecomesTheResult() {
        GateKeeper keeper = after(settings(Better.HIGHER, true, 0), 0.5, 0.75, 0.75, 0.25);
        assertThat(keeper.record()).isEqualTo(new GateRecord(0.75, 4, 2));
        assertThat(keeper.result(adapter(0.25)).digest()).isEqualTo(adapter(0.75).digest());
        assertThat(keeper.stops()).isFalse();
    }

    @Test
    void unlessTheLastIsAskedFor() {
        GateKeeper keeper = after(settings(Better.HIGHER, false, 0), 0.75, 0.25);
        assertThat(keeper.result(adapter(0.25)).digest()).isEqualTo(adapter(0.25).digest());
        assertThat(PeftAdapter.read(output.resolve("best")).digest())
                .isEqualTo(adapter(0.75).digest());
    }

    @Test
    void lowerMayBeBetter() {
        GateKeeper keeper = after(settings(Better.LOWER, true, 0), 0.75, 0.25, 0.5);
        assertThat(keeper.record()).isEqualTo(new GateRecord(0.25, 4, 1));
    }

    @Test
    void stopsWhenNothingBetterCame() {
        GateSettings settings = settings(Better.HIGHER, true, 2);
        assertThat(after(settings, 0.5, 0.25).stops()).isFalse();
        assertThat(after(settings, 0.5, 0.25, 0.375).stops()).isTrue();
        assertThat(after(settings, 0.5, 0.25, 0.75, 0.25).stops()).isFalse();
    }

    @Test
    void aFigureWithoutValueIsWorse() {
        GateSettings settings = new GateSettings(1, "f1", Better.HIGHER, true, 1);
        GateKeeper keeper = after(settings, 0.5);
        assertThat(keeper.record()).isEqualTo(new GateRecord(null, 0, 1));
        assertThat(keeper.stops()).isTrue();
        assertThat(keeper.result(adapter(0.5)).digest()).isEqualTo(adapter(0.5).digest());
    }

    @Test
    void goesOnFromItsRecord() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        GateSettings settings = settings(Better.HIGHER, true, 2);
        GateRecord record = after(settings, 0.75, 0.25).record();
        String text = json.writeValueAsString(record);
        GateKeeper resumed = keeper(settings, json.readValue(text, GateRecord.class));
        resumed.examine(6, adapter(0.5), Cancellation.none());
        assertThat(resumed.stops()).isTrue();
        assertThat(resumed.result(adapter(0.5)).digest()).isEqualTo(adapter(0.75).digest());
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> new GateSettings(0, "accuracy", Better.HIGHER, true, 0))
                .withMessageContaining("gate_every");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> settings(Better.HIGHER, true, -1))
                .withMessageContaining("early_stop_patience");
    }
}
