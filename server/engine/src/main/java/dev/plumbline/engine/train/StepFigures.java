package dev.plumbline.engine.train;

import java.util.LinkedHashMap;
import java.util.Map;

/** A step's figures by the names that they have in {@code metrics.jsonl}. */
final class StepFigures {
    private StepFigures() {}

    /** NaN stands for a figure that there is not. */
    static Map<String, Double> of(StepMetrics step) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", step.loss());
        figures.put("image_loss", step.imageLoss());
        figures.put("text_loss", step.textLoss());
        figures.put("grad_norm", step.gradNorm());
        figures.put("learning_rate", step.learningRate());
        figures.put("chosen_logps", step.chosenLogps());
        figures.put("rejected_logps", step.rejectedLogps());
        figures.put("margins", step.margins());
        figures.put("ess", step.ess());
        figures.put("weight_variance", step.weightVariance());
        figures.put("seconds", step.seconds());
        figures.put("policy_ess", step.policyEss());
        figures.put("policy_weight_variance", step.policyWeightVariance());
        StepDetails.Rewards rewards = step.details().rewards();
        figures.put("chosen_rewards", rewards.chosen());
        figures.put("rejected_rewards", rewards.rejected());
        figures.put("accuracies", rewards.accuracies());
        figures.put("image_accuracies", rewards.imageAccuracies());
        StepDetails.Usage usage = step.details().usage();
        figures.put("tokens_per_second", usage.tokensPerSecond());
        figures.put("memory_bytes", (double) usage.memoryBytes());
        figures.put("seconds_left", usage.secondsLeft());
        StepDetails.References references = step.details().references();
        figures.put("reference_passes", (double) references.passes());
        figures.put("reference_hits", (double) references.hits());
        return figures;
    }

    /** By TensorBoard's tags. */
    static Map<String, Double> tags(StepMetrics step) {
        Map<String, Double> tags = new LinkedHashMap<>();
        of(step).forEach((name, value) -> tags.put("train/" + name, value));
        step.details().gate().forEach((name, value) -> tags.put("gate/" + name, value));
        return tags;
    }
}
