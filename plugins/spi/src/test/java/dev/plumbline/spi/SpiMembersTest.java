package dev.plumbline.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What plugins are compiled against. A change that breaks them shows here. */
class SpiMembersTest {
    private static final Path CLASSES = Path.of("target", "classes", "dev", "plumbline", "spi");
    private static final Path RECORDED = Path.of("src", "test", "resources", "spi-members.txt");
    private static final String REWRITE = "spi.rewrite";

    @Test
    void publicMembersAreThoseThatAreRecorded() throws IOException {
        List<String> members = new ArrayList<>();
        for (Class<?> type : types()) {
            describe(type, members);
        }
        String text = String.join("\n", members) + "\n";
        if (Boolean.getBoolean(REWRITE)) {
            Files.writeString(RECORDED, text);
        }
        assertThat(text)
                .as(
                        "A new method of an interface that plugins implement must be default, and"
                                + " nothing that plugins use may go. Where that holds, record the"
                                + " change with -pl plugins/spi -Dtest=SpiMembersTest -D%s=true"
                                + " and read the diff of %s",
                        REWRITE, RECORDED)
                .isEqualTo(Files.readString(RECORDED));
    }

    @Test
    void onlyPf4jsExtensionPointIsUsed() throws IOException {
        for (Path file : classFiles()) {
            // Names of classes stand in a class file's constants as they are.
            String constants = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            List<String> foreign =
                    Stream.of(constants.split("[^A-Za-z0-9_/$]"))
                            .filter(name -> name.matches("L?(org|com|io|ai|jakarta|javax)/.*"))
                            .map(name -> name.replaceFirst("^L", ""))
                            .toList();
            assertThat(foreign)
                    .as(file.toString())
                    .isSubsetOf(
                            "org/pf4j/ExtensionPoint",
                            "org/jspecify/annotations/NullMarked",
                            "org/jspecify/annotations/Nullable");
        }
    }

    private static List<Path> classFiles() throws IOException {
        try (Stream<Path> files = Files.list(CLASSES)) {
            List<Path> classes =
                    files.filter(file -> file.toString().endsWith(".class")).sorted().toList();
            assertThat(classes).hasSizeGreaterThan(5);
            return classes;
        }
    }

    private static List<Class<?>> types() throws IOException {
        List<Class<?>> types = new ArrayList<>();
        for (Path file : classFiles()) {
            String name = file.getFileName().toString().replace(".class", "");
            try {
                Class<?> type = Class.forName("dev.plumbline.spi." + name);
                if (Modifier.isPublic(type.getModifiers())) {
                    types.add(type);
                }
            } catch (ClassNotFoundException e) {
                throw new IOException(e);
            }
        }
        return types;
    }

    private static void describe(Class<?> type, List<String> members) {
        String kind =
                type.isRecord()
                        ? "record"
                        : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
        String parents =
                Arrays.stream(type.getInterfaces())
                        .map(Class::getName)
                        .collect(Collectors.joining(", "));
        members.add(kind + " " + type.getName() + (parents.isEmpty() ? "" : " : " + parents));
        if (type.isEnum()) {
            members.add("  " + Arrays.toString(type.getEnumConstants()));
            return;
        }
        Stream<String> constructors =
                Arrays.stream(type.getConstructors()).map(SpiMembersTest::describe);
        Stream<String> methods =
                Arrays.stream(type.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .filter(method -> !method.isSynthetic())
                        .map(SpiMembersTest::describe);
        Stream.concat(constructors, methods).sorted().forEach(members::add);
    }

    private static String describe(Constructor<?> constructor) {
        return "  new(" + types(constructor.getParameters()) + ")";
    }

    private static String describe(Method method) {
        String kind =
                method.isDefault()
                        ? "default "
                        : Modifier.isStatic(method.getModifiers()) ? "static " : "";
        return "  "
                + kind
                + method.getGenericReturnType().getTypeName()
                + " "
                + method.getName()
                + "("
                + types(method.getParameters())
                + ")";
    }

    private static String types(Parameter... parameters) {
        return Arrays.stream(parameters)
                .map(parameter -> parameter.getParameterizedType().getTypeName())
                .collect(Collectors.joining(", "));
    }
}
