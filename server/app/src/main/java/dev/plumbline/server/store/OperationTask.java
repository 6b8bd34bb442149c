package dev.plumbline.server.store;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What an operation does; enough to do it again in another process. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = OperationTask.Mining.class, name = "mining"),
    @JsonSubTypes.Type(value = OperationTask.Pool.class, name = "pool"),
    @JsonSubTypes.Type(value = OperationTask.Sampling.class, name = "sampling")
})
public sealed interface OperationTask {
    /** What it makes; two at a time would be in each other's way. */
    String target();

    /**
     * Negatives for the rows of a data set, as a file.
     *
     * @param data resource name of a data set, or a file
     * @param output JSON Lines, or Parquet by its ending
     * @param model that flags, or none
     */
    record Mining(
            SelectionChoice selection,
            String data,
            RowsChoice rows,
            String output,
            ModelChoice model)
            implements OperationTask {
        public Mining {
            rows = RowsChoice.orDefault(rows);
            SpecChecks.oneOf("on_bad_row", rows.onBadRow(), RowsChoice.ON_BAD_ROW);
        }

        @Override
        public String target() {
            return output;
        }
    }

    /**
     * A pool, embedded.
     *
     * @param poolId last part of its resource name
     * @param path folder, Parquet file or COCO folder
     * @param exclude ids to leave out
     * @param excludeFile with such ids, or empty
     * @param column of the Parquet file
     */
    record Pool(
            String poolId,
            ModelChoice clip,
            String path,
            List<String> exclude,
            String excludeFile,
            String column)
            implements OperationTask {
        public Pool {
            exclude = List.copyOf(exclude);
        }

        @Override
        public String target() {
            return "pools/" + poolId;
        }
    }

    /**
     * A comparison of ways to sample.
     *
     * @param adapter resource name, and once found the folder that it was loaded from
     * @param selection of the candidates; each selector takes its place in turn
     * @param data resource name of a data set, or a file
     */
    record Sampling(
            ModelChoice model,
            String adapter,
            SelectionChoice selection,
            String data,
            SamplingChoice choice)
            implements OperationTask {
        /** It writes nothing; only the very same analysis is refused. */
        @Override
        public String target() {
            return "the analysis " + this;
        }
    }
}
