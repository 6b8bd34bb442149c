package dev.plumbline.engine.bench;

import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import java.util.List;
import java.util.Random;

/** Prompts and pictures of given sizes, each new: nothing is found in a cache by accident. */
final class Workload {
    private static final String CONSONANTS = "bcdfghjklmnprstvwz";
    private static final String VOWELS = "aeiou";

    private final LoadedModel model;
    private final Random random = new Random(7);

    Workload(LoadedModel model) {
        this.model = model;
    }

    /** A question without a picture whose whole prompt has so many tokens, or as few as it can. */
    List<ChatMessage> text(int tokens) {
        int words = 2;
        for (int attempt = 0; attempt < 4; attempt++) {
            words = Math.max(1, words + tokens - tokens(asked(List.of(), words)));
        }
        return asked(List.of(), words);
    }

    /** A question about a picture, a few words long. */
    List<ChatMessage> about(Picture picture) {
        return asked(List.of(picture), 6);
    }

    int tokens(List<ChatMessage> messages) {
        return model.prompts().encode(messages).ids().size();
    }

    Picture picture(int side) {
        return noise(side, random.nextLong());
    }

    static Picture noise(int side, long seed) {
        byte[] rgb = new byte[side * side * 3];
        new Random(seed).nextBytes(rgb);
        return new Picture(side, side, rgb);
    }

    private List<ChatMessage> asked(List<Picture> pictures, int words) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            text.append(i == 0 ? "" : " ")
                    .append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())))
                    .append(VOWELS.charAt(random.nextInt(VOWELS.length())));
        }
        return List.of(ChatMessage.user(pictures, text.toString()));
    }
}
