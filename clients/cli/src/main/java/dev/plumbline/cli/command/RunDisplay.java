package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Progress;
import dev.plumbline.v1.Alarm;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.StepMetrics;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Shows a run's events: one line for all steps, one for each phase that comes before them, one for
 * each alarm and each examination.
 */
final class RunDisplay {
    private static final String TRAINING = "training";
    private static final String WITHIN_STEP = "step ";

    private final Progress progress;
    private final Consumer<String> lines;
    private String loss = "";

    /**
     * @param lines what is to be read when the run is over, too
     */
    RunDisplay(Progress progress, Consumer<String> lines) {
        this.progress = progress;
        this.lines = lines;
    }

    void show(RunEvent event) {
        int total = event.getRun().getStepsTotal();
        if (event.hasStep()) {
            StepMetrics step = event.getStep();
            loss = "loss %.4f%s".formatted(step.getLoss(), left(step));
            progress.update(TRAINING, step.getStep(), total, loss);
            step.getAlarmsList().forEach(this::say);
            if (step.getGateCount() > 0) {
                lines.accept("Gate after step %d: %s".formatted(step.getStep(), figures(step)));
            }
        } else if (event.getPhase().startsWith(WITHIN_STEP)) {
            String sequences =
                    "sequence %d of %d".formatted(event.getPhaseDone(), event.getPhaseTotal());
            String note = loss.isEmpty() ? sequences : loss + ", " + sequences;
            progress.update(TRAINING, event.getRun().getStepsDone(), total, note);
        } else if (!event.getPhase().isEmpty()) {
            progress.update(event.getPhase(), event.getPhaseDone(), event.getPhaseTotal(), "");
        }
    }

    private void say(Alarm alarm) {
        lines.accept(
                "ALARM at step %d, %s: %s"
                        .formatted(alarm.getStep(), alarm.getName(), alarm.getMessage()));
    }

    private static String figures(StepMetrics step) {
        return new TreeMap<>(step.getGateMap())
                .entrySet().stream()
                        .map(it -> "%s %.4f".formatted(it.getKey(), it.getValue()))
                        .collect(Collectors.joining(", "));
    }

    /** Empty where the server does not tell. */
    private static String left(StepMetrics step) {
        long seconds = Math.round(step.getSecondsLeft());
        return seconds == 0 ? "" : ", %d:%02d left".formatted(seconds / 60, seconds % 60);
    }
}
