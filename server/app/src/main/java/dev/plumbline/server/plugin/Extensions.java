package dev.plumbline.server.plugin;

import dev.plumbline.engine.expr.OptionDeclarations;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.PreferenceLoss;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a jar offers; finding out runs its code, so that this is to be called under a guard. */
final class Extensions {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    private Extensions() {}

    /**
     * All selectors and losses of a jar, each made and asked once.
     *
     * @throws Unusable saying what is wrong with one
     */
    static Map<Offer, Class<?>> of(PluginJar jar) throws Exception {
        List<String> names = jar.extensions();
        if (names.isEmpty()) {
            throw new Unusable(
                    "it offers nothing: its jar has no META-INF/extensions.idx. Build it with"
                            + " PF4J's annotation processor");
        }
        Map<Offer, Class<?>> extensions = new LinkedHashMap<>();
        for (String name : names) {
            Class<?> type = type(jar, name);
            for (Kind kind : kinds(type)) {
                Offer offer = offer(type, kind);
                if (extensions.putIfAbsent(offer, type) != null) {
                    throw new Unusable(
                            "it offers the %s %s twice".formatted(kind.text(), offer.name()));
                }
            }
        }
        return extensions;
    }

    private static Class<?> type(PluginJar jar, String name) {
        try {
            return jar.classLoader().loadClass(name);
        } catch (ClassNotFoundException e) {
            throw new Unusable("its extensions.idx names %s, which is not in it".formatted(name));
        } catch (LinkageError e) {
            throw anotherSpi(name + " needs what is not there: " + e);
        }
    }

    private static List<Kind> kinds(Class<?> type) {
        List<Kind> kinds =
                Stream.of(Kind.values()).filter(k -> k.type().isAssignableFrom(type)).toList();
        if (kinds.isEmpty()) {
            throw new Unusable(
                    "%s is neither a NegativeSelector nor a PreferenceLoss"
                            .formatted(type.getName()));
        }
        return kinds;
    }

    private static Offer offer(Class<?> type, Kind kind) throws Exception {
        try {
            requireComplete(type, kind);
            Object made = instance(type);
            String name =
                    switch (kind) {
                        case SELECTOR -> ((NegativeSelector) made).name();
                        case LOSS -> ((PreferenceLoss) made).name();
                    };
            List<OptionSpec> options =
                    switch (kind) {
                        case SELECTOR -> ((NegativeSelector) made).options();
                        case LOSS -> ((PreferenceLoss) made).options();
                    };
            return offer(type, kind, name, options);
        } catch (IncompatibleClassChangeError | NoClassDefFoundError e) {
            throw anotherSpi(type.getName() + " needs what is not there: " + e);
        }
    }

    private static Offer offer(Class<?> type, Kind kind, String name, List<OptionSpec> options) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw new Unusable(
                    "%s has the name '%s': use a-z, 0-9 and '-', a letter first"
                            .formatted(type.getName(), name));
        }
        if (options == null) {
            throw new Unusable("%s gives null for its options".formatted(type.getName()));
        }
        Optional<String> problem = OptionDeclarations.problem(options);
        if (problem.isPresent()) {
            throw new Unusable(
                    "%s %s declares options badly: %s".formatted(kind.text(), name, problem.get()));
        }
        return new Offer(kind, name, options);
    }

    /** A class may implement an earlier form of its interface. */
    private static void requireComplete(Class<?> type, Kind kind) throws NoSuchMethodException {
        for (Method method : kind.type().getMethods()) {
            Method own = type.getMethod(method.getName(), method.getParameterTypes());
            if (Modifier.isAbstract(own.getModifiers())) {
                String parameters =
                        Arrays.stream(own.getParameterTypes())
                                .map(Class::getSimpleName)
                                .collect(Collectors.joining(", "));
                throw anotherSpi(
                        "%s has no %s(%s)".formatted(type.getName(), own.getName(), parameters));
            }
        }
    }

    /** As PF4J makes one, but what a constructor throws comes out as it is. */
    static Object instance(Class<?> type) throws Exception {
        try {
            return type.getConstructor().newInstance();
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new Unusable(
                    "%s must be a public class with a public constructor without parameters"
                            .formatted(type.getName()));
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Exception thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case null, default -> throw e;
            }
        }
    }

    private static Unusable anotherSpi(String what) {
        return new Unusable(
                "it was built for another SPI than the server's %s: %s"
                        .formatted(JarPlugins.SPI_VERSION, what));
    }
}
