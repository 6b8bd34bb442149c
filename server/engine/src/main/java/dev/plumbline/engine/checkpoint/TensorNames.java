package dev.plumbline.engine.checkpoint;

import java.util.List;

/**
 * One name for each tensor, whatever generation of transformers wrote it and whatever family it is
 * of. Canonical are the names of the published LLaVA checkpoints ({@code
 * language_model.model.layers.0…}, {@code vision_tower.vision_model…}, {@code
 * multi_modal_projector…}), with the head as {@code lm_head}, and for the tower of Qwen2.5-VL
 * {@code visual…}, whose published checkpoints have their text at {@code model.layers.0…}.
 */
public final class TensorNames {
    private static final String MODEL = "model.";
    private static final String LANGUAGE_MODEL = "language_model.";
    private static final String VISION_TOWER = "vision_tower.";
    private static final String VISION_MODEL = "vision_model.";
    private static final String VISUAL = "visual.";
    private static final String HEAD = "lm_head.";

    /** What stands under {@code model.} where that is the language model itself. */
    private static final List<String> TEXT = List.of("layers.", "embed_tokens.", "norm.");

    /** What stands under {@code model.} where the language model is one part of it. */
    private static final List<String> PARTS =
            List.of(LANGUAGE_MODEL, VISION_TOWER, VISUAL, "multi_modal_projector.");

    private TensorNames() {}

    /** The canonical name of a tensor or module; a name of no known form stays as it is. */
    public static String canonical(String name) {
        String rest = withoutModel(name);
        if (rest.startsWith(LANGUAGE_MODEL)) {
            String inner = rest.substring(LANGUAGE_MODEL.length());
            if (inner.startsWith(HEAD)) {
                return inner;
            }
            return inner.startsWith(MODEL) ? rest : LANGUAGE_MODEL + MODEL + inner;
        }
        if (rest.startsWith(VISION_TOWER)) {
            String inner = rest.substring(VISION_TOWER.length());
            return inner.startsWith(VISION_MODEL) ? rest : VISION_TOWER + VISION_MODEL + inner;
        }
        return rest;
    }

    /**
     * A buffer that old versions stored although it follows from the configuration: no computation
     * reads it.
     */
    public static boolean isDerivedBuffer(String canonical) {
        return canonical.endsWith(".embeddings.position_ids")
                || canonical.endsWith(".rotary_emb.inv_freq");
    }

    private static String withoutModel(String name) {
        if (!name.startsWith(MODEL)) {
            return name;
        }
        String rest = name.substring(MODEL.length());
        if (TEXT.stream().anyMatch(rest::startsWith)) {
            return LANGUAGE_MODEL + name;
        }
        return PARTS.stream().anyMatch(rest::startsWith) ? rest : name;
    }
}
