package dev.plumbline.client;

import dev.plumbline.v1.AdapterFile;
import dev.plumbline.v1.DownloadAdapterResponse;
import io.grpc.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Writes the files that a server sends beside their folder's place, and then moves them there. */
final class DownloadedFolder implements AutoCloseable {
    private final Path temporary;
    private final List<Path> written = new ArrayList<>();
    private Optional<AdapterFile> file = Optional.empty();
    private OutputStream out = OutputStream.nullOutputStream();

    private DownloadedFolder(Path temporary) {
        this.temporary = temporary;
    }

    static void write(Iterator<DownloadAdapterResponse> messages, Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Path temporary =
                target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        Files.createDirectories(temporary);
        try (var download = new DownloadedFolder(temporary)) {
            while (messages.hasNext()) {
                download.take(messages.next());
            }
            download.finishFile();
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void take(DownloadAdapterResponse message) throws IOException {
        if (message.hasFile()) {
            finishFile();
            begin(message.getFile());
        } else {
            message.getChunk().writeTo(out);
        }
    }

    private void begin(AdapterFile next) throws IOException {
        Path path = temporary.resolve(next.getName()).normalize();
        if (!temporary.equals(path.getParent())) {
            throw broken("the server sent a file named \"%s\"".formatted(next.getName()), next);
        }
        out = Files.newOutputStream(path);
        written.add(path);
        file = Optional.of(next);
    }

    /** Checks the file that was begun last. */
    private void finishFile() throws IOException {
        out.close();
        if (file.isPresent()) {
            AdapterFile sent = file.get();
            if (!FileDigest.of(written.getLast()).equals(sent.getSha256())) {
                throw broken("%s has arrived damaged: try again".formatted(sent.getName()), sent);
            }
        }
    }

    private static PlumblineClientException broken(String message, AdapterFile file) {
        return new PlumblineClientException(
                Status.Code.DATA_LOSS, "DOWNLOAD_BROKEN", message, Map.of("file", file.getName()));
    }

    /** Nothing remains of what was not moved. */
    @Override
    public void close() throws IOException {
        out.close();
        for (Path path : written) {
            Files.deleteIfExists(path);
        }
        Files.deleteIfExists(temporary);
    }
}
