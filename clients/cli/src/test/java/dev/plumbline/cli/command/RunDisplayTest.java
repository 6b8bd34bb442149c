package dev.plumbline.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.cli.output.Progress;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunDisplayTest {
    private final List<String> shown = new ArrayList<>();

    private final RunDisplay display =
            new RunDisplay(
                    new Progress() {
                        @Override
                        public void update(String task, long done, long total, String note) {
                            shown.add(task + " " + done + "/" + total + " " + note);
                        }

                        @Override
                        public void close() {}
                    });

    private static RunEvent.Builder event(int stepsDone) {
        return RunEvent.newBuilder()
                .setRun(Run.newBuilder().setStepsDone(stepsDone).setStepsTotal(38));
    }

    private static RunEvent phase(int stepsDone, String name, int done) {
        return event(stepsDone).setPhase(name).setPhaseDone(done).setPhaseTotal(80).build();
    }

    @Test
    void whatHappensWithinAStepBelongsToTheTraining() {
        display.show(phase(0, "reference log-probabilities", 7));
        display.show(phase(0, "step 1 of 38", 40));
        display.show(event(1).setStep(StepMetrics.newBuilder().setStep(1).setLoss(2.5)).build());
        display.show(phase(1, "step 2 of 38", 10));
        display.show(event(1).build());
        assertThat(shown)
                .containsExactly(
                        "reference log-probabilities 7/80 ",
                        "training 0/38 sequence 40 of 80",
                        "training 1/38 loss 2.5000",
                        "training 1/38 loss 2.5000, sequence 10 of 80");
    }
}
