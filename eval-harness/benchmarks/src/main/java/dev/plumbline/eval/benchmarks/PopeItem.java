package dev.plumbline.eval.benchmarks;

/**
 * One line of a POPE file.
 *
 * @param id the file's {@code question_id}, or the record's place where it has none
 * @param yes whether the object is in the picture
 */
public record PopeItem(long id, Question question, boolean yes) {}
