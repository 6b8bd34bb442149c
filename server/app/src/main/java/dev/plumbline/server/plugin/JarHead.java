package dev.plumbline.server.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a jar's manifest says of a plugin. */
record JarHead(String id, String version) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    /**
     * @throws Unusable saying why that is no plugin's jar
     */
    static JarHead read(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new Unusable("there is no such file");
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            if (manifest == null) {
                throw new Unusable("it has no META-INF/MANIFEST.MF");
            }
            return of(manifest.getMainAttributes());
        } catch (IOException e) {
            throw new Unusable("it is no jar: " + e.getMessage());
        }
    }

    private static JarHead of(Attributes attributes) {
        if (!empty(attributes.getValue("Plugin-Dependencies"))) {
            throw new Unusable(
                    "its manifest has Plugin-Dependencies: put what it needs into its own jar");
        }
        String id = needed(attributes, "Plugin-Id");
        if (!ID.matcher(id).matches()) {
            throw new Unusable(
                    "its Plugin-Id is '%s': use 1 to 63 letters, digits, '.', '_' and '-'"
                            .formatted(id));
        }
        return new JarHead(id, needed(attributes, "Plugin-Version"));
    }

    private static String needed(Attributes attributes, String name) {
        String value = attributes.getValue(name);
        if (value == null || value.isBlank()) {
            throw new Unusable("its manifest has no " + name);
        }
        return value.strip();
    }

    private static boolean empty(@Nullable String value) {
        return value == null || value.isBlank();
    }
}
