package dev.plumbline.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.cli.output.Progress;
import dev.plumbline.v1.Alarm;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunDisplayTest {
    private final List<String> shown = new ArrayList<>();
    private final List<String> said = new ArrayList<>();

    private final RunDisplay display =
            new RunDisplay(
                    new Progress() {
                        @Override
                        public void update(String task, long done, long total, String note) {
                            shown.add(task + " " + done + "/" + total + " " + note);
                        }

                        @Override
                        public void close() {}
                    },
                    said::add);

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

    @Test
    void alarmsAndExaminationsAreSaidOnceEach() {
        var alarm = Alarm.newBuilder().setStep(7).setName("not_finite").setMessage("skipped");
        var step = StepMetrics.newBuilder().setStep(7).setLoss(2.5).setSecondsLeft(125.4);
        display.show(
                event(7).setStep(
                                step.clone()
                                        .addAlarms(alarm)
                                        .putGate("f1", 0.5)
                                        .putGate("accuracy", 0.75))
                        .build());
        display.show(event(8).setStep(step.setStep(8)).build());
        assertThat(said)
                .containsExactly(
                        "ALARM at step 7, not_finite: skipped",
                        "Gate after step 7: accuracy 0.7500, f1 0.5000");
        assertThat(shown).last().isEqualTo("training 8/38 loss 2.5000, 2:05 left");
    }
}
