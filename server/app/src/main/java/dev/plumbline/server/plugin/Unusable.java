package dev.plumbline.server.plugin;

/** Why a file cannot be used as a plugin, as half a sentence. */
final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String why;

    Unusable(String why) {
        super(why);
        this.why = why;
    }

    String why() {
        return why;
    }
}
