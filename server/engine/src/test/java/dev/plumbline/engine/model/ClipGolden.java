package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

/** Vectors that transformers gave. */
final class ClipGolden {
    private static final double TOLERANCE = 1e-4;

    private ClipGolden() {}

    /** Each row within 1e-4 of the golden one's length, which is 1, and itself of length 1. */
    static void assertClose(float[][] rows, JsonNode golden) {
        assertThat(rows).hasDimensions(golden.size(), golden.get(0).size());
        for (int row = 0; row < rows.length; row++) {
            double distance = 0;
            double length = 0;
            for (int i = 0; i < rows[row].length; i++) {
                distance += Math.pow(rows[row][i] - golden.get(row).get(i).asDouble(), 2);
                length += Math.pow(rows[row][i], 2);
            }
            assertThat(Math.sqrt(distance)).as("row %d", row).isLessThan(TOLERANCE);
            assertThat(Math.sqrt(length)).as("row %d", row).isBetween(1 - 1e-6, 1 + 1e-6);
        }
    }
}
