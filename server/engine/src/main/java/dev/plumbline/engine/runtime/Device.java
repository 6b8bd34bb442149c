package dev.plumbline.engine.runtime;

/** Where a graph runs. */
public enum Device {
    CPU
}
