package dev.plumbline.engine.train;

/**
 * What a model makes of every candidate of a row; all estimators are combinations of it.
 *
 * @param a {@code beta (r(m_i) - r(m_p))}, one a candidate
 * @param gradientNorms lengths of {@code grad r(m_i)}
 */
@SuppressWarnings("ArrayRecordComponent") // Made once a row, read a million times.
record EnumeratedRow(double[] a, double[] gradientNorms, GradientProducts products) {}
