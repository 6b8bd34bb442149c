package dev.plumbline.server.grpc;

import dev.plumbline.engine.data.SkippedRows;
import dev.plumbline.engine.data.UnusableRow;
import dev.plumbline.server.store.RowsChoice;
import dev.plumbline.v1.DatasetStart;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.Plan;
import dev.plumbline.v1.SkippedRow;
import dev.plumbline.v1.TrainingSpec;

/** How rows are read, and which were not, to protobuf and back. */
final class DataRows {
    private DataRows() {}

    static RowsChoice of(TrainingSpec spec) {
        return choice(spec.getDataFormat(), spec.getImages(), spec.getOnBadRow());
    }

    static RowsChoice of(MineNegativesRequest request) {
        return choice(request.getDataFormat(), request.getImages(), request.getOnBadRow());
    }

    static RowsChoice of(DatasetStart start) {
        return choice(start.getDataFormat(), start.getImages(), start.getOnBadRow());
    }

    private static RowsChoice choice(String format, String images, String onBadRow) {
        return new RowsChoice(
                format, images, onBadRow.isEmpty() ? RowsChoice.ON_BAD_ROW.getFirst() : onBadRow);
    }

    static void into(RowsChoice rows, TrainingSpec.Builder spec) {
        spec.setDataFormat(rows.format()).setImages(rows.images()).setOnBadRow(rows.onBadRow());
    }

    static void into(SkippedRows skipped, Plan.Builder plan) {
        plan.setSkippedTotal(skipped.total());
        for (UnusableRow row : skipped.first()) {
            plan.addSkipped(
                    SkippedRow.newBuilder()
                            .setFile(row.file())
                            .setRow(row.row())
                            .setField(row.field())
                            .setReason(row.reason())
                            .setMessage(row.message()));
        }
    }
}
