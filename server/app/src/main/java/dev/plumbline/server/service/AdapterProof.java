package dev.plumbline.server.service;

import dev.plumbline.engine.model.AdapterMatch;
import dev.plumbline.engine.score.AdapterEffect;
import java.util.Optional;

/**
 * What an adapter is to a model.
 *
 * @param adapter resource name, or empty
 * @param model resource name
 * @param digest of the adapter
 * @param effect empty where the adapter does not fit
 */
public record AdapterProof(
        String adapter,
        String model,
        String digest,
        AdapterMatch match,
        Optional<AdapterEffect> effect) {
    /** Whether it fits and changes something. */
    public boolean isEffective() {
        return effect.filter(AdapterEffect::isAny).isPresent() && !match.silent();
    }
}
