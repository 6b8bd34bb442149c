package dev.plumbline.client;

import com.google.protobuf.UnsafeByteOperations;
import dev.plumbline.v1.AdapterFile;
import dev.plumbline.v1.UploadAdapterRequest;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A PEFT folder as the messages of an upload, read as they are wanted. */
final class AdapterFolder implements Iterator<UploadAdapterRequest>, AutoCloseable {
    private static final int CHUNK = 1 << 20;
    private static final List<String> NEEDED =
            List.of("adapter_config.json", "adapter_model.safetensors");
    private static final List<String> FILES =
            List.of("adapter_config.json", "adapter_model.safetensors", "README.md");

    private final Queue<Path> files;
    private final Queue<UploadAdapterRequest> ready = new ArrayDeque<>();
    private @Nullable InputStream open;

    private AdapterFolder(String id, List<Path> files) {
        this.files = new ArrayDeque<>(files);
        ready.add(
                UploadAdapterRequest.newBuilder()
                        .setStart(UploadAdapterRequest.Start.newBuilder().setAdapterId(id))
                        .build());
    }

    static AdapterFolder open(String id, Path folder) {
        for (String name : NEEDED) {
            Path file = folder.resolve(name);
            if (!Files.isRegularFile(file)) {
                throw new PlumblineClientException(
                        Status.Code.NOT_FOUND,
                        "FILE_NOT_FOUND",
                        "there is no file %s: give the folder of a PEFT adapter".formatted(file),
                        Map.of("file", file.toString()));
            }
        }
        return new AdapterFolder(
                id, FILES.stream().map(folder::resolve).filter(Files::isRegularFile).toList());
    }

    @Override
    public boolean hasNext() {
        try {
            while (ready.isEmpty() && (open != null || !files.isEmpty())) {
                advance();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return !ready.isEmpty();
    }

    private void advance() throws IOException {
        InputStream in = open;
        if (in == null) {
            begin(files.remove());
            return;
        }
        byte[] piece = in.readNBytes(CHUNK);
        if (piece.length == 0) {
            close();
        } else {
            ready.add(
                    UploadAdapterRequest.newBuilder()
                            .setChunk(UnsafeByteOperations.unsafeWrap(piece))
                            .build());
        }
    }

    private void begin(Path file) throws IOException {
        ready.add(
                UploadAdapterRequest.newBuilder()
                        .setFile(
                                AdapterFile.newBuilder()
                                        .setName(file.getFileName().toString())
                                        .setSize(Files.size(file))
                                        .setSha256(FileDigest.of(file)))
                        .build());
        open = Files.newInputStream(file);
    }

    @Override
    public UploadAdapterRequest next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    @Override
    public void close() throws IOException {
        InputStream in = open;
        open = null;
        if (in != null) {
            in.close();
        }
    }
}
