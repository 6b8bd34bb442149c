package dev.plumbline.eval.benchmarks;

/** What is asked about one picture; {@code image} is a file name in the folder of pictures. */
public record Question(String image, String text) {}
