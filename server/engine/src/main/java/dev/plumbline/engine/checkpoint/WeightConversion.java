package dev.plumbline.engine.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Converts weights on all processors, piece by piece: what is in memory at any time is a few pieces
 * of a million elements, whatever the size of the checkpoint or of a tensor.
 */
final class WeightConversion implements AutoCloseable {
    private final Map<Path, FileChannel> files = new LinkedHashMap<>();
    private final List<WeightPart> parts;
    private final SafetensorsWriter writer;

    WeightConversion(List<WeightPart> parts, SafetensorsWriter writer) {
        this.parts = parts;
        this.writer = writer;
        try {
            for (WeightPart part : parts) {
                Path file = part.source().file();
                if (!files.containsKey(file)) {
                    files.put(file, open(file));
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Writes every part into the writer's file. */
    void run(LoadProgress progress) {
        long total = parts.stream().mapToLong(WeightPart::sourceBytes).sum();
        AtomicLong done = new AtomicLong();
        Processors.forEach(
                WeightPiece.of(parts),
                () -> new PieceConverter(writer),
                (converter, piece) -> {
                    converter.convert(piece, file(piece));
                    progress.at(
                            LoadProgress.Stage.CONVERTING,
                            done.addAndGet(piece.sourceBytes()),
                            total);
                });
    }

    private FileChannel file(WeightPiece piece) {
        FileChannel file = files.get(piece.part().source().file());
        if (file == null) {
            throw new IllegalStateException("not opened: " + piece.part().source().file());
        }
        return file;
    }

    private static FileChannel open(Path file) {
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw Faults.unreadable(file, e);
        }
    }

    @Override
    public void close() {
        for (Map.Entry<Path, FileChannel> file : files.entrySet()) {
            try {
                file.getValue().close();
            } catch (IOException e) {
                throw Faults.unreadable(file.getKey(), e);
            }
        }
    }
}
