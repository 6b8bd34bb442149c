package dev.plumbline.engine.select;

import java.nio.file.Path;

/**
 * A picture of a pool.
 *
 * @param id what a person would call it
 * @param digest SHA-256 of its encoded bytes, in hexadecimal
 */
record PoolEntry(String id, String digest, Path file) {}
