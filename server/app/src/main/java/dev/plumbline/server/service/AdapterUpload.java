package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterRecord.Facts;
import dev.plumbline.server.store.AdapterRecord.StoredFile;
import dev.plumbline.server.store.AdapterStore;
import dev.plumbline.server.store.AdapterVersion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A PEFT folder that a client sends, file by file; there as a whole or not at all. */
public final class AdapterUpload implements AutoCloseable {
    private final AdapterStore store;
    private final AdapterVersion version;
    private Optional<String> id = Optional.empty();

    AdapterUpload(AdapterStore store, long mostBytes) {
        this.store = store;
        this.version = new AdapterVersion(store, mostBytes);
    }

    /** Comes first. */
    public void start(String wanted) {
        if (id.isPresent()) {
            throw PlumblineException.invalid(
                    "start", "START_TWICE", "start comes once, as the first message");
        }
        if (wanted.isEmpty()) {
            throw PlumblineException.invalid(
                    "start.adapter_id", "FIELD_MISSING", "start.adapter_id must be given");
        }
        requireFree(ResourceNames.checkedId(wanted, "start.adapter_id"));
        id = Optional.of(wanted);
    }

    private void requireFree(String wanted) {
        if (store.adapter(wanted).isPresent()) {
            throw new PlumblineException(
                    ErrorCode.ALREADY_EXISTS,
                    "ADAPTER_EXISTS",
                    "adapters/%s exists: give another adapter_id, or delete it first"
                            .formatted(wanted),
                    Map.of("adapter", "adapters/" + wanted, "field", "start.adapter_id"));
        }
    }

    /** Begins a file. */
    public void file(String name, long size, String sha256) {
        begun();
        version.file(new StoredFile(name, size, sha256));
    }

    /** The next bytes of the file. */
    public void chunk(byte[] bytes) {
        begun();
        version.chunk(bytes);
    }

    private String begun() {
        return id.orElseThrow(() ->
                PlumblineException.invalid(
                        "start", "FIELD_MISSING", "the first message must be start"));
    }

    /**
     * Gives the adapter its name.
     *
     * @throws PlumblineException what is wrong with its files
     */
    public AdapterRecord finish() {
        String name = begun();
        List<StoredFile> files = version.files();
        for (String needed : AdapterVersion.NEEDED) {
            if (files.stream().noneMatch(file -> file.name().equals(needed))) {
                throw PlumblineException.invalid(
                        "file.name",
                        "FILE_MISSING",
                        "%s is missing: send the files of a PEFT folder".formatted(needed),
                        Map.of("file", needed));
            }
        }
        PeftAdapter peft = read(version.folder(), "file");
        synchronized (store) {
            requireFree(name);
            return version.publish(record(name, "", peft).with(files));
        }
    }

    static PeftAdapter read(Path folder, String field) {
        try {
            return PeftAdapter.read(folder);
        } catch (PlumblineException e) {
            throw Failures.at(e, field);
        }
    }

    /** Not loaded, and nowhere yet. */
    static AdapterRecord record(String id, String source, PeftAdapter peft) {
        var facts =
                new Facts(
                        peft.config().baseModel(),
                        peft.config().rank(),
                        peft.config().alpha(),
                        peft.targets(),
                        peft.parameters());
        return new AdapterRecord(
                id, source, "", peft.digest(), facts, null, false, List.of(), Instant.now());
    }

    @Override
    public void close() {
        version.close();
    }
}
