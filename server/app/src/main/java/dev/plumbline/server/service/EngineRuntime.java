package dev.plumbline.server.service;

import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.config.PlumblineConfig;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** ONNX Runtime, opened once, at the start, so that a machine it cannot run on is told at once. */
@Startup
@Singleton
public final class EngineRuntime {
    private static final Logger LOG = Logger.getLogger(EngineRuntime.class);

    private final Runtime runtime;

    public EngineRuntime(PlumblineConfig config, Folders folders) {
        int wanted = config.engine().threads();
        int threads = wanted > 0 ? wanted : java.lang.Runtime.getRuntime().availableProcessors();
        this.runtime =
                Runtime.open(
                        new RuntimeOptions(
                                threads,
                                config.engine().library(),
                                folders.cache().resolve("native")));
        LOG.infof("ONNX Runtime %s with %d threads", runtime.version(), threads);
    }

    public Runtime runtime() {
        return runtime;
    }

    void close() {
        runtime.close();
    }
}
