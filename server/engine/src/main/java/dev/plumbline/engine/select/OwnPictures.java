package dev.plumbline.engine.select;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Where a pool holds a row's own picture, which is no negative: by content where the pool knows
 * that of its pictures, else by file.
 */
final class OwnPictures {
    private final Map<String, Set<Integer>> byContent = new HashMap<>();
    private final Map<Path, Set<Integer>> byFile = new HashMap<>();

    OwnPictures(Pool pool) {
        for (int i = 0; i < pool.size(); i++) {
            int place = i;
            pool.contentDigest(i)
                    .ifPresentOrElse(
                            digest -> add(byContent, digest, place),
                            () -> add(byFile, pool.file(place), place));
        }
    }

    private static <T> void add(Map<T, Set<Integer>> places, T key, int place) {
        places.computeIfAbsent(key, k -> new HashSet<>()).add(place);
    }

    /** The same candidates without the picture itself. */
    int[] without(int[] candidates, Path picture) {
        Set<Integer> own = new HashSet<>(byFile.getOrDefault(picture, Set.of()));
        if (!byContent.isEmpty()) {
            own.addAll(byContent.getOrDefault(Pictures.digest(picture), Set.of()));
        }
        return own.isEmpty()
                ? candidates
                : Arrays.stream(candidates).filter(i -> !own.contains(i)).toArray();
    }
}
