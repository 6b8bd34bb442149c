package dev.plumbline.server.service;

import dev.plumbline.engine.model.LoraAdapter;
import java.nio.file.Path;

/**
 * An adapter under a name.
 *
 * @param name resource name
 * @param model resource name of the model that it was loaded for
 * @param modelDigest of that model
 */
public record ServedAdapter(
        String name, String model, String modelDigest, Path path, LoraAdapter adapter) {}
