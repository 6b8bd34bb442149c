package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes rows of any format and writes them in ours; each that cannot be used is told. */
final class RowImport implements RowSource.Taker {
    /** So many rows are held back until one tells the format. */
    private static final int HELD = 20;

    private final RowPictures pictures;
    private final RowStoreWriter out;
    private final List<Held> held = new ArrayList<>();
    private Optional<DataFormat> format;

    private record Held(Place place, ObjectNode row) {}

    /**
     * @param format nothing, to tell it from the rows
     */
    RowImport(Optional<DataFormat> format, RowPictures pictures, RowStoreWriter out) {
        this.format = format;
        this.pictures = pictures;
        this.out = out;
    }

    @Override
    public void row(Place place, ObjectNode row) {
        format = format.or(() -> DataFormat.of(row));
        if (format.isPresent()) {
            release(format.get());
            take(format.get(), place, row);
        } else {
            held.add(new Held(place, row));
            if (held.size() >= HELD) {
                throw unknown(place.file());
            }
        }
    }

    @Override
    public void fault(PlumblineException why) {
        out.add(UnusableRow.of(why));
    }

    /**
     * Ends the import.
     *
     * @throws PlumblineException {@code DATA_FORMAT_UNKNOWN}, or {@code DATA_NOT_FOUND} where there
     *     are no rows
     */
    DataFormat finish(Path file) {
        if (out.count() == 0 && held.isEmpty()) {
            throw RowFaults.unreadable(file, "has no rows");
        }
        if (format.isEmpty() && !held.isEmpty()) {
            throw unknown(file);
        }
        // Rows of which none is an object are bad in every format alike.
        return format.orElse(DataFormat.PLUMBLINE);
    }

    private void release(DataFormat known) {
        held.forEach(each -> take(known, each.place(), each.row()));
        held.clear();
    }

    private void take(DataFormat known, Place place, ObjectNode row) {
        ObjectNode ours;
        try {
            ours = known.layout().ours(place, row);
            pictures.resolve(place, ours);
            var _ = PreferenceRows.row(place, ours);
        } catch (PlumblineException e) {
            if (e.code() != ErrorCode.INVALID_ARGUMENT) {
                throw e;
            }
            fault(e);
            return;
        }
        out.add(place, ours);
    }

    private PlumblineException unknown(Path file) {
        List<String> found = new ArrayList<>();
        held.getFirst().row().fieldNames().forEachRemaining(found::add);
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "DATA_FORMAT_UNKNOWN",
                "%s: its rows have the fields %s, by which no format is known. The formats are %s. Convert it, or say data_format"
                        .formatted(file, found, DataFormat.described()),
                Map.of("field", "data", "file", file.toString(), "found", found.toString()));
    }
}
