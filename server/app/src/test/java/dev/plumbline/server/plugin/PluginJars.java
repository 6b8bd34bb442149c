package dev.plumbline.server.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Builds plugins for tests: one source, one jar. */
public final class PluginJars {
    private static final List<Class<?>> TEST_LIBRARIES =
            List.of(org.junit.jupiter.api.Test.class, org.apiguardian.api.API.class);

    private PluginJars() {}

    /** A loss that is worth {@code expression}, as a whole source file of class {@code type}. */
    public static String loss(String type, String name, String expression) {
        return """
        import dev.plumbline.spi.*;
        public class %s implements PreferenceLoss {
            public String name() { return "%s"; }
            public Expression loss(PreferenceRow row, Options options) { return %s; }
        }
        """
                .formatted(type, name, expression);
    }

    /**
     * A selector whose {@code open} is {@code body}, as a whole source file of class {@code type}.
     */
    public static String selector(String type, String name, String body) {
        return """
        import dev.plumbline.spi.*;
        import java.util.*;
        public class %s implements NegativeSelector {
            public String name() { return "%s"; }
            public Chooser open(Workshop workshop, Options options) { %s }
        }
        """
                .formatted(type, name, body);
    }

    /** A plugin of one class, complete. */
    public static Path build(Path jar, String id, String version, String type, String source) {
        try {
            build(
                    jar,
                    type,
                    source,
                    List.of(type),
                    Map.of("Plugin-Id", id, "Plugin-Version", version));
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Compiles and packs a plugin.
     *
     * @param index classes that {@code META-INF/extensions.idx} names; null for no such file
     * @param manifest entries such as {@code Plugin-Id}
     * @param leftOut class files that do not go into the jar
     */
    public static void build(
            Path jar,
            String type,
            String source,
            @Nullable List<String> index,
            Map<String, String> manifest,
            String... leftOut)
            throws IOException {
        Path classes = Files.createTempDirectory("plugin-classes");
        compile(classes, type, source, classPath());
        pack(jar, classes, index, manifest, leftOut);
    }

    /**
     * Compiles and packs a plugin that was built when a type was another, which it does not bring.
     */
    public static void buildAgainst(
            String otherType,
            String otherSource,
            Path jar,
            Map<String, String> manifest,
            String type,
            String source)
            throws IOException {
        Path other = Files.createTempDirectory("other-classes");
        compile(other, otherType, otherSource, classPath());
        Path classes = Files.createTempDirectory("plugin-classes");
        String path = other + System.getProperty("path.separator") + classPath();
        compile(classes, type, source, path);
        pack(jar, classes, List.of(type), manifest);
    }

    /** Compiles a Maven project with PF4J's annotation processor, its tests too, and packs it. */
    public static void buildProject(Path project, Path jar, Map<String, String> manifest)
            throws IOException {
        Path classes = Files.createTempDirectory("plugin-classes");
        String path = classPath();
        compile(
                sources(project.resolve("src/main/java")),
                List.of(
                        "-d",
                        classes.toString(),
                        "-classpath",
                        path,
                        "-processorpath",
                        path,
                        "-processor",
                        "org.pf4j.processor.ExtensionAnnotationProcessor"));
        List<String> forTests = new ArrayList<>(List.of(classes.toString(), path));
        TEST_LIBRARIES.forEach(type -> forTests.add(location(type)));
        compile(
                sources(project.resolve("src/test/java")),
                List.of(
                        "-d",
                        Files.createTempDirectory("test-classes").toString(),
                        "-classpath",
                        String.join(System.getProperty("path.separator"), forTests),
                        "-proc:none"));
        pack(jar, classes, null, manifest);
    }

    private static List<JavaFileObject> sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<JavaFileObject> units = new ArrayList<>();
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                units.add(unit(file.toUri(), Files.readString(file)));
            }
            return units;
        }
    }

    private static void pack(
            Path jar,
            Path classes,
            @Nullable List<String> index,
            Map<String, String> manifest,
            String... leftOut)
            throws IOException {
        var head = new Manifest();
        head.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        new TreeMap<>(manifest).forEach((k, v) -> head.getMainAttributes().putValue(k, v));
        try (var out = new JarOutputStream(Files.newOutputStream(jar), head);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (List.of(leftOut).contains(file.getFileName().toString())) {
                    continue;
                }
                entry(out, classes.relativize(file).toString(), Files.readAllBytes(file));
            }
            if (index != null) {
                byte[] lines = String.join("\n", index).getBytes(StandardCharsets.UTF_8);
                entry(out, "META-INF/extensions.idx", lines);
            }
        }
    }

    /** Id and version, as every plugin says them. */
    public static Map<String, String> manifest(String id) {
        return Map.of("Plugin-Id", id, "Plugin-Version", "1.2.3");
    }

    private static void entry(JarOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }

    private static void compile(Path classes, String type, String source, String classPath) {
        compile(
                List.of(unit(URI.create("string:///" + type + ".java"), source)),
                List.of("-d", classes.toString(), "-classpath", classPath, "-proc:none"));
    }

    private static JavaFileObject unit(URI name, String source) {
        return new SimpleJavaFileObject(name, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }

    private static void compile(List<JavaFileObject> units, List<String> options) {
        Boolean done =
                ToolProvider.getSystemJavaCompiler()
                        .getTask(null, null, null, options, null, units)
                        .call();
        if (!Boolean.TRUE.equals(done)) {
            throw new IllegalStateException("the test's own plugin does not compile");
        }
    }

    private static String classPath() {
        return String.join(
                System.getProperty("path.separator"),
                location(dev.plumbline.spi.PreferenceLoss.class),
                location(org.pf4j.ExtensionPoint.class),
                location(org.slf4j.Logger.class),
                location(Nullable.class));
    }

    private static String location(Class<?> type) {
        try {
            String name = type.getName().replace('.', '/') + ".class";
            String url = type.getClassLoader().getResource(name).toURI().toString();
            if (url.startsWith("jar:")) {
                return Path.of(URI.create(url.substring(4, url.indexOf("!/")))).toString();
            }
            return Path.of(URI.create(url.substring(0, url.length() - name.length()))).toString();
        } catch (java.net.URISyntaxException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
