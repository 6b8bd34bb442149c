package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.service.DatasetUpload;
import dev.plumbline.server.service.Datasets;
import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.store.DatasetRecord;
import dev.plumbline.v1.CreateDatasetRequest;
import dev.plumbline.v1.Dataset;
import dev.plumbline.v1.DatasetServiceGrpc;
import dev.plumbline.v1.DeleteDatasetRequest;
import dev.plumbline.v1.DeleteDatasetResponse;
import dev.plumbline.v1.GetDatasetRequest;
import dev.plumbline.v1.ListDatasetsRequest;
import dev.plumbline.v1.ListDatasetsResponse;
import dev.plumbline.v1.PreferenceRow;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** Preference rows that the server keeps. */
@GrpcService
class DatasetEndpoint extends DatasetServiceGrpc.DatasetServiceImplBase {
    private final Datasets datasets;
    private final Pools pools;

    DatasetEndpoint(Datasets datasets, Pools pools) {
        this.datasets = datasets;
        this.pools = pools;
    }

    @Override
    public StreamObserver<CreateDatasetRequest> createDataset(StreamObserver<Dataset> responses) {
        DatasetUpload upload = datasets.upload();
        return new UploadStream<>(
                pools.control(),
                responses,
                new UploadStream.Intake<CreateDatasetRequest, Dataset>() {
                    @Override
                    public void take(CreateDatasetRequest message) {
                        DatasetEndpoint.take(upload, message);
                    }

                    @Override
                    public Dataset finish() {
                        return message(upload.finish());
                    }

                    @Override
                    public void close() {
                        upload.close();
                    }
                });
    }

    private static void take(DatasetUpload upload, CreateDatasetRequest message) {
        switch (message.getContentCase()) {
            case START ->
                    upload.start(
                            message.getStart().getDatasetId(),
                            message.getStart().getPath(),
                            DataRows.of(message.getStart()));
            case ROW -> upload.row(row(message.getRow()));
            case CONTENT_NOT_SET ->
                    throw PlumblineException.invalid(
                            "content", "FIELD_MISSING", "a message has neither start nor row");
        }
    }

    private static DatasetUpload.Row row(PreferenceRow row) {
        return new DatasetUpload.Row(
                row.getImage().getData().toByteArray(),
                row.getPrompt(),
                row.getChosen(),
                row.getRejected());
    }

    @Override
    public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> message(datasets.get(request.getName())));
    }

    @Override
    public void listDatasets(
            ListDatasetsRequest request, StreamObserver<ListDatasetsResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    Page<DatasetRecord> page =
                            datasets.list(
                                    new PageRequest(request.getPageSize(), request.getPageToken()));
                    return ListDatasetsResponse.newBuilder()
                            .addAllDatasets(
                                    page.items().stream().map(DatasetEndpoint::message).toList())
                            .setNextPageToken(page.nextToken())
                            .build();
                });
    }

    @Override
    public void deleteDataset(
            DeleteDatasetRequest request, StreamObserver<DeleteDatasetResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    datasets.delete(request.getName());
                    return DeleteDatasetResponse.getDefaultInstance();
                });
    }

    private static Dataset message(DatasetRecord dataset) {
        return Dataset.newBuilder()
                .setName(dataset.name())
                .setRows(dataset.rows())
                .setPath(dataset.path().toString())
                .setSkippedRows(dataset.skipped())
                .setDataFormat(dataset.layout().format())
                .setCreateTime(Times.timestamp(dataset.createTime()))
                .build();
    }
}
