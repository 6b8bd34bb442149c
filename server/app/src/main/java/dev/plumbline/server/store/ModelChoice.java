package dev.plumbline.server.store;

/**
 * A model by its name, and where another process finds it.
 *
 * @param name resource name; empty for none
 * @param folder that it was loaded from; empty where it is not known
 * @param precision in which it was loaded; empty for the usual one
 */
public record ModelChoice(String name, String folder, String precision) {
    /** No model. */
    public static final ModelChoice NONE = new ModelChoice("", "", "");

    /** A model of which no more than the name is known yet; empty for none. */
    public static ModelChoice named(String name) {
        return name.isEmpty() ? NONE : new ModelChoice(name, "", "");
    }

    public boolean isGiven() {
        return !name.isEmpty();
    }
}
