package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes rows of any format and writes them in ours; each that cannot be used is told. Where the
 * format is not given, most of the first rows decide: one that looks like another's decides
 * nothing.
 */
final class RowImport implements RowSource.Taker {
    private static final int FIRST = 20;

    private final RowPictures pictures;
    private final RowStoreWriter out;
    private final List<Consumer<DataFormat>> held = new ArrayList<>();
    private final Map<DataFormat, Integer> votes = new LinkedHashMap<>();
    private final List<String> found = new ArrayList<>();
    private Optional<DataFormat> format;

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
        if (format.isPresent()) {
            take(format.get(), place, row);
            return;
        }
        DataFormat.of(row).ifPresent(vote -> votes.merge(vote, 1, Integer::sum));
        if (held.isEmpty()) {
            row.fieldNames().forEachRemaining(found::add);
        }
        hold(place.file(), known -> take(known, place, row));
    }

    @Override
    public void fault(PlumblineException why) {
        if (held.isEmpty()) {
            out.add(UnusableRow.of(why));
        } else {
            // After the rows that came before it.
            hold(
                    Path.of(why.metadata().getOrDefault("file", "")),
                    known -> out.add(UnusableRow.of(why)));
        }
    }

    private void hold(Path file, Consumer<DataFormat> work) {
        held.add(work);
        if (held.size() >= FIRST) {
            release(elected().orElseThrow(() -> unknown(file)));
        }
    }

    /** The format of most rows so far, the first of equals. */
    private Optional<DataFormat> elected() {
        int most = votes.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        return votes.entrySet().stream()
                .filter(vote -> vote.getValue() == most)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private void release(DataFormat known) {
        format = Optional.of(known);
        held.forEach(work -> work.accept(known));
        held.clear();
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
        if (!held.isEmpty()) {
            release(elected().orElseThrow(() -> unknown(file)));
        }
        // Rows of which none is an object are bad in every format alike.
        return format.orElse(DataFormat.PLUMBLINE);
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
            out.add(UnusableRow.of(e));
            return;
        }
        out.add(place, ours);
    }

    private PlumblineException unknown(Path file) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "DATA_FORMAT_UNKNOWN",
                "%s: its rows have the fields %s, by which no format is known. The formats are %s. Convert it, or say data_format"
                        .formatted(file, found, DataFormat.described()),
                Map.of("field", "data", "file", file.toString(), "found", found.toString()));
    }
}
