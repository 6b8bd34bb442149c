package dev.plumbline.cli.server;

import dev.plumbline.client.ModelClient;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.client.PlumblineClientException;
import dev.plumbline.v1.LoadModelRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Model, adapter and CLIP model as the user names them: a resource's name, its last part, or a
 * folder, which the server then loads.
 *
 * @param model null where a command needs none
 * @param adapter null for the model alone
 * @param precision in which a folder is loaded; empty for the server's usual one
 * @param clip null where a command needs none
 */
public record References(
        @Nullable String model, @Nullable String adapter, String precision, @Nullable String clip) {
    /** A command that needs neither. */
    public static final References NONE = new References(null, null);

    public References(@Nullable String model, @Nullable String adapter) {
        this(model, adapter, "");
    }

    public References(@Nullable String model, @Nullable String adapter, String precision) {
        this(model, adapter, precision, null);
    }

    /** A command that needs a CLIP model alone. */
    public static References ofClip(String clip) {
        return NONE.withClip(clip);
    }

    /** The same with a CLIP model. */
    public References withClip(@Nullable String other) {
        return new References(model, adapter, precision, other);
    }

    private static final String MODELS = "models/";
    private static final String ADAPTERS = "adapters/";

    /** What the server calls them; empty for what is not wanted. */
    public record Names(String model, String adapter, String clip) {}

    /**
     * A server that is yet to be started holds nothing.
     *
     * @throws PlumblineClientException {@code MODEL_NOT_FOUND}, {@code ADAPTER_NOT_FOUND}
     */
    void requireFolders(Environment environment) {
        requireFolder(environment, model, "MODEL_NOT_FOUND", "model");
        requireFolder(environment, adapter, "ADAPTER_NOT_FOUND", "adapter");
        requireFolder(environment, clip, "MODEL_NOT_FOUND", "model");
    }

    private static void requireFolder(
            Environment environment, @Nullable String given, String reason, String kind) {
        if (given == null || Files.isDirectory(environment.resolve(given))) {
            return;
        }
        throw new PlumblineClientException(
                Status.Code.NOT_FOUND,
                reason,
                ("There is no folder %s, and no server answers at %s that could know the %s by"
                                + " that name. Give a folder, or start ./plumbline serve.")
                        .formatted(environment.resolve(given), Session.DEFAULT_SERVER, kind),
                Map.of(kind, given));
    }

    /** Loads what is given as a folder. */
    public Names resolve(Environment environment, PlumblineClient client) throws IOException {
        String modelName = model == null ? "" : model(environment, client, model, precision);
        String adapterName =
                adapter == null ? "" : adapter(environment, client, modelName, adapter);
        String clipName = clip == null ? "" : model(environment, client, clip, "");
        return new Names(modelName, adapterName, clipName);
    }

    private static String adapter(
            Environment environment, PlumblineClient client, String modelName, String given)
            throws IOException {
        if (!isFolder(environment, given, ADAPTERS)) {
            return name(given, ADAPTERS);
        }
        Path folder = environment.resolve(given);
        Function<String, String> load =
                id -> client.adapters().loadTemporarily(modelName, folder.toString(), id).getName();
        return loadUnderAFreeName(folder, adapterMark(folder), load);
    }

    private static String model(
            Environment environment, PlumblineClient client, String given, String precision) {
        if (!isFolder(environment, given, MODELS)) {
            requireSame(client.models(), name(given, MODELS), precision);
            return name(given, MODELS);
        }
        Path folder = environment.resolve(given);
        var request =
                LoadModelRequest.newBuilder().setPath(folder.toString()).setPrecision(precision);
        Function<String, String> load =
                id -> client.models().load(request.setModelId(id).build()).getName();
        return loadUnderAFreeName(folder, folder + precision, load);
    }

    /** The precision of a model is chosen when it is loaded. */
    private static void requireSame(ModelClient models, String name, String precision) {
        if (precision.isEmpty()) {
            return;
        }
        String loaded = models.get(name).getPrecision();
        if (!loaded.equals(precision)) {
            throw new PlumblineClientException(
                    Status.Code.FAILED_PRECONDITION,
                    "MODEL_OF_ANOTHER_PRECISION",
                    "%s is loaded in %s, not in %s: give its folder, or leave --precision out"
                            .formatted(name, loaded, precision),
                    Map.of("model", name, "loaded", loaded, "precision", precision));
        }
    }

    /**
     * Another folder of the same name may be loaded already; then the name gets a mark of this one.
     */
    private static String loadUnderAFreeName(
            Path folder, String mark, Function<String, String> load) {
        try {
            return load.apply("");
        } catch (PlumblineClientException failure) {
            if (failure.code() != Status.Code.ALREADY_EXISTS) {
                throw failure;
            }
            return load.apply(markedId(folder, mark));
        }
    }

    static String markedId(Path folder, String mark) {
        var checksum = new CRC32();
        checksum.update(mark.getBytes(StandardCharsets.UTF_8));
        String name = folder.getFileName() == null ? "" : folder.getFileName().toString();
        String plain = name.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9._-]", "-");
        String head = plain.substring(0, Math.min(plain.length(), 50));
        return "%s-%08x".formatted(head, checksum.getValue());
    }

    /** An adapter that is trained again lies in the same folder. */
    private static String adapterMark(Path folder) throws IOException {
        Path weights = folder.resolve("adapter_model.safetensors");
        String time = Files.exists(weights) ? Files.getLastModifiedTime(weights).toString() : "";
        return folder + time;
    }

    private static boolean isFolder(Environment environment, String given, String collection) {
        return Files.isDirectory(environment.resolve(given))
                || given.contains("/") && !given.startsWith(collection);
    }

    /** "llava" and "models/llava" are the same. */
    public static String name(String given, String collection) {
        return given.startsWith(collection) ? given : collection + given;
    }
}
