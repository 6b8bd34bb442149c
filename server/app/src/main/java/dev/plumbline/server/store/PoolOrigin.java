package dev.plumbline.server.store;

import java.time.Instant;

/**
 * What the server knows of a pool beside what the pool itself says.
 *
 * @param id last part of the resource name
 * @param clip that embeds it
 */
public record PoolOrigin(String id, ModelChoice clip, Instant createTime) {}
