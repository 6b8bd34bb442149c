package dev.plumbline.engine.train;

import dev.plumbline.spi.PreferenceLoss;
import java.util.List;
import java.util.Optional;

/** The losses that are plugged in. */
public interface LossCatalog {
    Optional<PreferenceLoss> loss(String name);

    /** Their names, for messages. */
    List<String> names();
}
