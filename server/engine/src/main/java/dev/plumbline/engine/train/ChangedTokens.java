package dev.plumbline.engine.train;

import java.util.BitSet;
import java.util.List;

/**
 * Which tokens two answers do not have in common: 1 for those outside their longest common
 * subsequence (of several, one that leaves the first answer's tokens out as early as possible),
 * else 0.
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, compared by nobody.
record ChangedTokens(double[] chosen, double[] rejected) {
    static ChangedTokens between(List<Integer> chosen, List<Integer> rejected) {
        ChangedTokens changed =
                new ChangedTokens(new double[chosen.size()], new double[rejected.size()]);
        BitSet[] skips = skips(chosen, rejected);
        int i = 0;
        int j = 0;
        while (i < chosen.size() && j < rejected.size()) {
            if (chosen.get(i).equals(rejected.get(j))) {
                i++;
                j++;
            } else if (skips[i].get(j)) {
                changed.chosen[i++] = 1;
            } else {
                changed.rejected[j++] = 1;
            }
        }
        while (i < chosen.size()) {
            changed.chosen[i++] = 1;
        }
        while (j < rejected.size()) {
            changed.rejected[j++] = 1;
        }
        return changed;
    }

    /**
     * For the rests from (i, j) on: whether leaving token i of the chosen answer out loses none.
     */
    private static BitSet[] skips(List<Integer> chosen, List<Integer> rejected) {
        BitSet[] skips = new BitSet[chosen.size()];
        int[] below = new int[rejected.size() + 1];
        for (int i = chosen.size() - 1; i >= 0; i--) {
            skips[i] = new BitSet(rejected.size());
            int[] lengths = new int[rejected.size() + 1];
            for (int j = rejected.size() - 1; j >= 0; j--) {
                if (chosen.get(i).equals(rejected.get(j))) {
                    lengths[j] = below[j + 1] + 1;
                } else {
                    skips[i].set(j, below[j] >= lengths[j + 1]);
                    lengths[j] = Math.max(below[j], lengths[j + 1]);
                }
            }
            below = lengths;
        }
        return skips;
    }
}
