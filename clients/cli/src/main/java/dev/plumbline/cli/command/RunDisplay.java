package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Progress;
import dev.plumbline.v1.RunEvent;

/** Shows a run's events: one line for all steps, one for each phase that comes before them. */
final class RunDisplay {
    private static final String TRAINING = "training";
    private static final String WITHIN_STEP = "step ";

    private final Progress progress;
    private String loss = "";

    RunDisplay(Progress progress) {
        this.progress = progress;
    }

    void show(RunEvent event) {
        int total = event.getRun().getStepsTotal();
        if (event.hasStep()) {
            loss = "loss %.4f".formatted(event.getStep().getLoss());
            progress.update(TRAINING, event.getStep().getStep(), total, loss);
        } else if (event.getPhase().startsWith(WITHIN_STEP)) {
            String sequences =
                    "sequence %d of %d".formatted(event.getPhaseDone(), event.getPhaseTotal());
            String note = loss.isEmpty() ? sequences : loss + ", " + sequences;
            progress.update(TRAINING, event.getRun().getStepsDone(), total, note);
        } else if (!event.getPhase().isEmpty()) {
            progress.update(event.getPhase(), event.getPhaseDone(), event.getPhaseTotal(), "");
        }
    }
}
