package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/**
 * A preference row.
 *
 * @param place where it stands, for messages: file and line
 * @param mining how its negatives were drawn
 * @param fields the row as it was read; what we do not know is kept when it is written again
 */
public record PreferenceExample(
        Place place,
        Path image,
        String prompt,
        String chosen,
        String rejected,
        Mining mining,
        ObjectNode fields) {
    /**
     * Where a row stands in a file.
     *
     * @param unit {@code line}, counted from 1, or {@code row} of an array or a Parquet file, from
     *     0
     */
    public record Place(Path file, int line, String unit) {
        public Place(Path file, int line) {
            this(file, line, "line");
        }

        static Place row(Path file, long row) {
            return new Place(file, Math.toIntExact(row), "row");
        }

        @Override
        public String toString() {
            return file + " " + unit + " " + line;
        }
    }

    /**
     * How a row's negatives were drawn.
     *
     * @param sampling {@code greedy}, {@code with_replacement} or {@code without_replacement}
     * @param poolSize candidates that the negatives were drawn from, 0 where it is not known
     * @param temperature of the proposal, NaN where it is not known
     */
    public record Mining(
            List<NegativeImage> negatives, String sampling, int poolSize, double temperature) {
        /** All ways to sample. */
        public static final List<String> SAMPLINGS =
                List.of("greedy", "with_replacement", "without_replacement");

        /** Of a row without negatives. */
        public static final Mining NONE = new Mining(List.of(), "greedy", 0, Double.NaN);

        public Mining {
            negatives = List.copyOf(negatives);
        }
    }

    public List<NegativeImage> negatives() {
        return mining.negatives();
    }

    /** The same row with other things beside what we know of it. */
    public PreferenceExample withFields(ObjectNode other) {
        return new PreferenceExample(place, image, prompt, chosen, rejected, mining, other);
    }

    /** The same row with other negatives. */
    public PreferenceExample with(Mining other) {
        ObjectNode rest = fields.deepCopy();
        rest.remove(List.of("negative_images", "sampling", "pool_size", "temperature"));
        return new PreferenceExample(place, image, prompt, chosen, rejected, other, rest);
    }
}
