package dev.plumbline.server.store;

import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.AdapterRecord.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Files of an adapter in the making, one after another. Nothing remains of them when this is closed
 * before it is published.
 */
public final class AdapterVersion implements AutoCloseable {
    /** What peft reads of an adapter. */
    public static final List<String> NEEDED =
            List.of("adapter_config.json", "adapter_model.safetensors");

    private static final int MOST_FILES = 64;

    /** No folders, no hidden files. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    private final AdapterStore store;
    private final long mostBytes;
    private final String unfinished = UUID.randomUUID().toString();
    private final List<StoredFile> files = new ArrayList<>();
    private Optional<Open> open = Optional.empty();
    private boolean begun;
    private long bytes;

    /**
     * @param mostBytes of all files
     */
    public AdapterVersion(AdapterStore store, long mostBytes) {
        this.store = store;
        this.mostBytes = mostBytes;
    }

    /** A file that is being written. */
    private static final class Open {
        private final StoredFile wanted;
        private final Path path;
        private final OutputStream out;
        private final MessageDigest digest = Sha256.start();
        private long written;

        Open(StoredFile wanted, Path path) throws IOException {
            this.wanted = wanted;
            this.path = path;
            this.out = Files.newOutputStream(path);
        }
    }

    /** Where the files lie. */
    public Path folder() {
        begun = true;
        return store.begin(unfinished);
    }

    /** Copies what peft reads. */
    public void copy(Path source) {
        Path folder = folder();
        for (String name : NEEDED) {
            try {
                Path file = Files.copy(source.resolve(name), folder.resolve(name));
                files.add(new StoredFile(name, Files.size(file), digest(file)));
            } catch (IOException e) {
                throw RecordFolders.unwritable(folder.resolve(name), e);
            }
        }
    }

    private static String digest(Path file) throws IOException {
        MessageDigest digest = Sha256.start();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Sha256.hex(digest);
    }

    /**
     * Begins a file.
     *
     * @param wanted with an empty digest where it is not to be checked
     */
    public void file(StoredFile wanted) {
        finishFile();
        String name = wanted.name();
        if (!NAME.matcher(name).matches()) {
            throw invalid(
                    "file.name",
                    "FILE_NAME_INVALID",
                    "file.name is \"%s\": use a plain name of letters, digits, '.', '_' and '-', without folders"
                            .formatted(name),
                    name);
        }
        if (files.stream().anyMatch(file -> file.name().equals(name))) {
            throw invalid("file.name", "FILE_TWICE", "%s was sent before".formatted(name), name);
        }
        if (files.size() == MOST_FILES || wanted.size() < 0 || wanted.size() > mostBytes - bytes) {
            throw invalid(
                    "file.size",
                    "ADAPTER_TOO_LARGE",
                    "an adapter is at most %d files and %d bytes; %s would be more"
                            .formatted(MOST_FILES, mostBytes, name),
                    name);
        }
        bytes += wanted.size();
        Path path = folder().resolve(name);
        try {
            open = Optional.of(new Open(wanted, path));
        } catch (IOException e) {
            throw RecordFolders.unwritable(path, e);
        }
    }

    /** The next bytes of the file. */
    public void chunk(byte[] piece) {
        Open file =
                open.orElseThrow(() ->
                        PlumblineException.invalid(
                                "chunk", "FIELD_MISSING", "a file must come before its chunks"));
        file.written += piece.length;
        if (file.written > file.wanted.size()) {
            throw invalid(
                    "chunk",
                    "FILE_SIZE_DIFFERS",
                    "%s has more than the %d bytes that were announced"
                            .formatted(file.wanted.name(), file.wanted.size()),
                    file.wanted.name());
        }
        file.digest.update(piece);
        try {
            file.out.write(piece);
        } catch (IOException e) {
            throw RecordFolders.unwritable(file.path, e);
        }
    }

    /** Checks the file that was begun last. */
    private void finishFile() {
        if (open.isEmpty()) {
            return;
        }
        Open file = open.get();
        closeFile();
        StoredFile wanted = file.wanted;
        if (file.written != wanted.size()) {
            throw invalid(
                    "chunk",
                    "FILE_SIZE_DIFFERS",
                    "%s has %d bytes where %d were announced: send it again"
                            .formatted(wanted.name(), file.written, wanted.size()),
                    wanted.name());
        }
        String digest = Sha256.hex(file.digest);
        if (!wanted.sha256().isEmpty() && !wanted.sha256().equalsIgnoreCase(digest)) {
            throw invalid(
                    "file.sha256",
                    "FILE_DIGEST_DIFFERS",
                    "%s arrived with the SHA-256 %s where %s was announced: send it again"
                            .formatted(wanted.name(), digest, wanted.sha256()),
                    wanted.name());
        }
        files.add(new StoredFile(wanted.name(), wanted.size(), digest));
    }

    private void closeFile() {
        Optional<Open> file = open;
        open = Optional.empty();
        try {
            if (file.isPresent()) {
                file.get().out.close();
            }
        } catch (IOException e) {
            throw RecordFolders.unwritable(file.get().path, e);
        }
    }

    /** All files, of which the last is whole now. */
    public List<StoredFile> files() {
        finishFile();
        return List.copyOf(files);
    }

    /** Gives the files to an adapter; see {@link AdapterStore#publish}. */
    public AdapterRecord publish(AdapterRecord adapter) {
        return store.publish(unfinished, adapter);
    }

    @Override
    public void close() {
        closeFile();
        if (begun) {
            store.discard(unfinished);
        }
    }

    private static PlumblineException invalid(
            String field, String reason, String message, String file) {
        return PlumblineException.invalid(field, reason, message, Map.of("file", file));
    }
}
