package dev.plumbline.eval.benchmarks;

/** Where a text names an object: characters {@code [start, end)}, and the object's first name. */
public record Mention(int start, int end, String object) {}
