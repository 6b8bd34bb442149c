package dev.plumbline.engine.train;

/** All that decides a run's result, together with model and rows. */
public record TrainingSpec(
        LossSpec loss,
        LoraSettings lora,
        OptimizerSettings optimizer,
        BatchSettings batch,
        long seed) {}
