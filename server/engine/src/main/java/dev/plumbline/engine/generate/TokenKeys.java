package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.EncodedPrompt;
import java.util.Arrays;
import java.util.List;

/**
 * What tells one prompt from another, token by token: ids, and for the pieces of pictures the
 * digest of the picture.
 *
 * @param pictures as many as ids, empty texts where there is no picture
 */
record TokenKeys(List<Integer> ids, List<String> pictures) {
    TokenKeys {
        ids = List.copyOf(ids);
        pictures = List.copyOf(pictures);
        if (ids.size() != pictures.size()) {
            throw new IllegalArgumentException(ids.size() + " ids, " + pictures.size() + " keys");
        }
    }

    /**
     * @param digests of the prompt's pictures, in order
     * @param pieces how many tokens each of them takes
     */
    static TokenKeys of(EncodedPrompt prompt, List<String> digests, List<Integer> pieces) {
        String[] pictures = new String[prompt.ids().size()];
        Arrays.fill(pictures, "");
        int piece = 0;
        for (int i = 0; i < digests.size(); i++) {
            for (int n = 0; n < pieces.get(i); n++) {
                pictures[prompt.imagePositions().get(piece++)] = digests.get(i);
            }
        }
        return new TokenKeys(prompt.ids(), List.of(pictures));
    }

    int size() {
        return ids.size();
    }

    TokenKeys part(int from, int to) {
        return new TokenKeys(ids.subList(from, to), pictures.subList(from, to));
    }
}
