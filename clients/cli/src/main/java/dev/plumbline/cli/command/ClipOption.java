package dev.plumbline.cli.command;

import picocli.CommandLine.Option;

/** Which CLIP model embeds. */
final class ClipOption {
    @Option(
            names = "--clip",
            required = true,
            paramLabel = "NAME|DIR",
            description =
                    "A loaded CLIP model, or a Hugging Face folder that the server then loads.")
    private String clip = "";

    String clip() {
        return clip;
    }
}
