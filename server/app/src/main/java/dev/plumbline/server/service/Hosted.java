package dev.plumbline.server.service;

import java.nio.file.Path;

/** What is under a name of the collection {@code models}; several names may share one. */
public sealed interface Hosted permits ServedModel, ServedClip {
    /** Resource name. */
    String name();

    /** SHA-256 of what was loaded, and of how, in hexadecimal. */
    String digest();

    /** The real path of the folder. */
    Path folder();

    /** The same under another name. */
    Hosted named(String other);

    /** Lets go of the memory, for all names. */
    void unload();
}
