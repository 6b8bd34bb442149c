package dev.plumbline.server.store;

import dev.plumbline.engine.score.AdapterEffect;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as it stands, and as it is written.
 *
 * @param id last part of the resource name
 * @param source folder that it was copied from; empty where a client sent it
 * @param folder of this version, in the adapter's own; empty for a temporary adapter
 * @param digest SHA-256 of what it computes
 * @param use null until it is loaded
 * @param loaded whether it answers calls
 */
public record AdapterRecord(
        String id,
        String source,
        String folder,
        String digest,
        Facts facts,
        @Nullable Use use,
        boolean loaded,
        List<StoredFile> files,
        Instant createTime) {
    public AdapterRecord {
        files = List.copyOf(files);
    }

    /** What is told of an adapter without reading its tensors. */
    public record Facts(
            String baseModel, int rank, double alpha, List<String> targets, long parameters) {
        public Facts {
            targets = List.copyOf(targets);
        }
    }

    /**
     * The model that it was last loaded for.
     *
     * @param model resource name
     * @param effect what it changed then
     */
    public record Use(String model, String modelDigest, AdapterEffect effect) {}

    /** A file of it. */
    public record StoredFile(String name, long size, String sha256) {}

    public String name() {
        return "adapters/" + id;
    }

    public boolean isTemporary() {
        return folder.isEmpty();
    }

    /** The same with its files. */
    public AdapterRecord with(List<StoredFile> others) {
        return new AdapterRecord(
                id, source, folder, digest, facts, use, loaded, others, createTime);
    }

    /** The same in another folder. */
    AdapterRecord in(String version) {
        return new AdapterRecord(
                id, source, version, digest, facts, use, loaded, files, createTime);
    }

    /** The same, in use. */
    public AdapterRecord loadedFor(Use model) {
        return new AdapterRecord(id, source, folder, digest, facts, model, true, files, createTime);
    }

    /** The same, kept only. */
    public AdapterRecord unloaded() {
        return new AdapterRecord(id, source, folder, digest, facts, use, false, files, createTime);
    }
}
