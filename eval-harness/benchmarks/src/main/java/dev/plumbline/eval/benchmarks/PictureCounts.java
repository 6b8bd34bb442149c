package dev.plumbline.eval.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts for each picture, a vector of the same columns each. They add up, so any resample of the
 * pictures has its figures from one sum; answers about one picture stay together.
 */
public final class PictureCounts {
    private final List<String> columns;
    private final SortedMap<String, long[]> rows = new TreeMap<>();

    public PictureCounts(List<String> columns) {
        this.columns = List.copyOf(columns);
    }

    /** Adds to one picture's vector; the first time with a name makes the picture known. */
    public void add(String picture, long... counts) {
        addAt(picture, 0, counts);
    }

    /** Adds {@code counts} from column {@code offset} on. */
    public void addAt(String picture, int offset, long... counts) {
        long[] row = rows.computeIfAbsent(picture, name -> new long[columns.size()]);
        for (int i = 0; i < counts.length; i++) {
            row[offset + i] += counts[i];
        }
    }

    public List<String> columns() {
        return columns;
    }

    /** The pictures' names, sorted. */
    public List<String> pictures() {
        return List.copyOf(rows.keySet());
    }

    /** Sums over all pictures, each once. */
    public double[] sums() {
        int[] once = new int[rows.size()];
        Arrays.fill(once, 1);
        return sums(once);
    }

    /** Sums where picture i (in sorted order) counts {@code weights[i]} times. */
    public double[] sums(int[] weights) {
        if (weights.length != rows.size()) {
            throw new IllegalArgumentException(
                    weights.length + " weights for " + rows.size() + " pictures");
        }
        double[] sums = new double[columns.size()];
        int picture = 0;
        for (long[] row : rows.values()) {
            int weight = weights[picture++];
            for (int i = 0; i < sums.length; i++) {
                sums[i] += (double) weight * row[i];
            }
        }
        return sums;
    }
}
