package dev.plumbline.cli.command;

import picocli.CommandLine.Option;

/** In what a folder's weights are kept. */
public final class PrecisionOption {
    @Option(
            names = "--precision",
            paramLabel = "PRECISION",
            description =
                    "Of the weights, where a folder is loaded: fp32 (the default), int8, int4,"
                            + " w8a8 or w4a8. Converted once and kept.")
    private String precision = "";

    /** Empty where nothing was said. */
    public String text() {
        return precision;
    }
}
