package dev.plumbline.server.config;

import jakarta.inject.Singleton;
import java.nio.file.Path;

/** Where state lies under the server's home. */
@Singleton
public final class Folders {
    private final Path home;

    public Folders(PlumblineConfig config) {
        this.home = config.home().toAbsolutePath().normalize();
    }

    /** Can be deleted at any time while the server is down. */
    public Path cache() {
        return home.resolve("cache");
    }

    /** Plugins of this home's owner. */
    public Path plugins() {
        return home.resolve("plugins");
    }

    /** PEFT folders that are loaded or were sent. */
    public Path adapters() {
        return home.resolve("adapters");
    }

    /** Log-probabilities of models without adapters; may be deleted at any time. */
    public Path references() {
        return cache().resolve("reference");
    }

    public Path runs() {
        return home.resolve("runs");
    }

    /** Long work, each in a folder of its own. */
    public Path operations() {
        return home.resolve("operations");
    }

    /** Candidate pools. */
    public Path pools() {
        return home.resolve("pools");
    }

    /** Preference rows that the server keeps. */
    public Path datasets() {
        return home.resolve("datasets");
    }

    /** What selectors keep. */
    public Path selectors() {
        return home.resolve("selectors");
    }

    /** Pictures that selectors made for training runs. */
    public Path negatives() {
        return home.resolve("negatives");
    }
}
