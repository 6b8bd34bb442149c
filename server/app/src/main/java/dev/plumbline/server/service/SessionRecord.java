package dev.plumbline.server.service;

import dev.plumbline.engine.train.Plan;
import dev.plumbline.server.store.RunSpec;

/**
 * A training session as it stands.
 *
 * @param name resource name
 * @param steps made so far
 */
public record SessionRecord(String name, RunSpec spec, Plan plan, int steps) {}
