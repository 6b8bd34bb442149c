package dev.plumbline.spi;

/** Values of declared options, checked against their declaration, with defaults filled in. */
public interface Options {
    double number(String name);

    int integer(String name);

    /** A text or a choice. */
    String text(String name);
}
