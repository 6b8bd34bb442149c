package dev.plumbline.engine.data;

import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.data.PreferenceData.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The stores of all data sets that were read, each found by the digest of its file. */
final class RowStores {
    /** Of the store's layout; another one makes another store. */
    private static final String VERSION = "rows 1";

    private static final int BUFFER = 1 << 16;

    /** No import takes so long. */
    private static final Duration LEFT = Duration.ofDays(1);

    private RowStores() {}

    static PreferenceData read(Source source, Path cache) {
        RowSource file = RowSource.open(source.path());
        try {
            Path folder = cache.resolve("rows").resolve(key(source, file));
            Optional<PreferenceData> known = known(folder);
            if (known.isPresent()) {
                return known.get();
            }
            sweep(cache.resolve("rows"));
            Path fresh = folder.resolveSibling(".fresh-" + UUID.randomUUID());
            Files.createDirectories(fresh);
            try {
                make(source, file, cache, fresh);
                // Before another process may put its own in the place.
                PreferenceData data = RowStore.find(fresh).orElseThrow().read();
                place(fresh, folder);
                return data;
            } finally {
                delete(fresh);
            }
        } catch (IOException e) {
            throw WholeFile.unwritable(cache, e);
        } catch (UncheckedIOException e) {
            throw WholeFile.unwritable(cache, e);
        }
    }

    private static Optional<PreferenceData> known(Path folder) {
        Optional<RowStore> store = RowStore.find(folder).filter(RowStore::holds);
        try {
            return store.isPresent() ? Optional.of(store.get().read()) : Optional.empty();
        } catch (IOException e) {
            // Another process has just put a newer one in its place, or took it away.
            return Optional.empty();
        }
    }

    /** Takes away what processes left that died long ago. */
    private static void sweep(Path stores) throws IOException {
        if (!Files.isDirectory(stores)) {
            return;
        }
        Instant old = Instant.now().minus(LEFT);
        List<Path> all;
        try (Stream<Path> entries = Files.list(stores)) {
            all = entries.filter(entry -> entry.getFileName().toString().startsWith(".")).toList();
        }
        for (Path entry : all) {
            try {
                if (Files.getLastModifiedTime(entry).toInstant().isBefore(old)) {
                    delete(entry);
                }
            } catch (NoSuchFileException gone) {
                continue;
            }
        }
    }

    private static void make(Source source, RowSource file, Path cache, Path folder)
            throws IOException {
        var pictures = new RowPictures(source.images(), new ImageCache(cache.resolve("images")));
        try (var writer = new RowStoreWriter(folder)) {
            var rows = new RowImport(source.format(), pictures, writer);
            file.read(rows);
            writer.finish(rows.finish(source.path()));
        }
    }

    /** Puts the store where it is found again; another process may have been faster. */
    private static void place(Path fresh, Path folder) throws IOException {
        Path old = folder.resolveSibling(".old-" + UUID.randomUUID());
        try {
            if (Files.exists(folder)) {
                Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
            }
            // Where another was faster: the same rows, its store is as good.
            var _ = WholeFile.place(fresh, folder);
        } catch (NoSuchFileException faster) {
            // It took the old one away first.
            return;
        } finally {
            delete(old);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }

    /** Of all that the store depends on, but for pictures that are files of their own. */
    private static String key(Source source, RowSource file) {
        MessageDigest digest = Sha256.start();
        feed(digest, VERSION);
        feed(digest, source.path().toAbsolutePath().normalize().toString());
        feed(digest, source.format().map(DataFormat::label).orElse(""));
        feed(digest, source.images().map(it -> it.toAbsolutePath().toString()).orElse(""));
        for (Path path : file.files()) {
            feed(digest, String.valueOf(path.getFileName()));
            feedFile(digest, path);
        }
        return Sha256.hex(digest);
    }

    private static void feed(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
    }

    private static void feedFile(MessageDigest digest, Path file) {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw RowFaults.unreadable(file, "cannot be read: " + e.getMessage()).causedBy(e);
        }
    }
}
