package com.example.plugin;

import dev.plumbline.spi.Options;
import java.util.Map;

/** Options as a test gives them. */
record GivenOptions(Map<String, Object> values) implements Options {
    @Override
    public double number(String name) {
        return (Double) values.get(name);
    }

    @Override
    public int integer(String name) {
        return (Integer) values.get(name);
    }

    @Override
    public String text(String name) {
        return (String) values.get(name);
    }
}
