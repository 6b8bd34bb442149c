package dev.plumbline.engine.train;

/** What a run is examined by, when, and what follows. */
public record Examination(Gate gate, GateSettings settings) {}
