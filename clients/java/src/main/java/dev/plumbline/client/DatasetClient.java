package dev.plumbline.client;

import dev.plumbline.v1.CreateDatasetRequest;
import dev.plumbline.v1.Dataset;
import dev.plumbline.v1.DatasetServiceGrpc;
import dev.plumbline.v1.DatasetServiceGrpc.DatasetServiceBlockingStub;
import dev.plumbline.v1.DatasetServiceGrpc.DatasetServiceStub;
import dev.plumbline.v1.DatasetStart;
import dev.plumbline.v1.DeleteDatasetRequest;
import dev.plumbline.v1.GetDatasetRequest;
import dev.plumbline.v1.ListDatasetsRequest;
import dev.plumbline.v1.PreferenceRow;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Preference rows that the server keeps. */
public final class DatasetClient {
    private final DatasetServiceBlockingStub stub;
    private final DatasetServiceStub streaming;

    DatasetClient(Channel channel) {
        stub = DatasetServiceGrpc.newBlockingStub(channel);
        streaming = DatasetServiceGrpc.newStub(channel);
    }

    /**
     * Names a file of the server's disk.
     *
     * @param id last part of the resource name; empty for a name that is made up
     */
    public Dataset create(String id, String path) {
        return create(DatasetStart.newBuilder().setDatasetId(id).setPath(path).build());
    }

    /** Names a file of the server's disk and says how it is read. */
    public Dataset create(DatasetStart start) {
        return send(start.toBuilder(), List.<PreferenceRow>of().iterator());
    }

    /** Sends rows, no faster than the server takes them in. */
    public Dataset create(String id, Iterator<PreferenceRow> rows) {
        return send(DatasetStart.newBuilder().setDatasetId(id), rows);
    }

    private Dataset send(DatasetStart.Builder start, Iterator<PreferenceRow> rows) {
        var sending = new Sending(start, rows);
        var _ = streaming.createDataset(sending);
        try {
            return sending.answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StatusRuntimeException refusal
                    ? PlumblineClientException.of(refusal)
                    : e;
        }
    }

    /**
     * @param name for example "datasets/rlhf-v"
     */
    public Dataset get(String name) {
        var request = GetDatasetRequest.newBuilder().setName(name).build();
        return Calls.call(() -> stub.getDataset(request));
    }

    public Iterable<Dataset> list() {
        return Pages.of(token -> {
            var request = ListDatasetsRequest.newBuilder().setPageToken(token).build();
            var response = stub.listDatasets(request);
            return new Pages.Page<>(response.getDatasetsList(), response.getNextPageToken());
        });
    }

    /** Rows that were sent go with it; a file elsewhere stays. */
    public void delete(String name) {
        var request = DeleteDatasetRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.deleteDataset(request));
    }

    /** Sends whenever there is room. */
    private static final class Sending
            implements ClientResponseObserver<CreateDatasetRequest, Dataset> {
        private final CompletableFuture<Dataset> answer = new CompletableFuture<>();
        private final DatasetStart.Builder start;
        private final Iterator<PreferenceRow> rows;
        private boolean started;
        private boolean completed;

        Sending(DatasetStart.Builder start, Iterator<PreferenceRow> rows) {
            this.start = start;
            this.rows = rows;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<CreateDatasetRequest> requests) {
            requests.setOnReadyHandler(() -> send(requests));
        }

        private void send(ClientCallStreamObserver<CreateDatasetRequest> requests) {
            try {
                while (requests.isReady() && !completed) {
                    next(requests);
                }
            } catch (RuntimeException e) {
                completed = true;
                answer.completeExceptionally(e);
                requests.cancel("the rows cannot be read", e);
            }
        }

        private void next(ClientCallStreamObserver<CreateDatasetRequest> requests) {
            if (!started) {
                started = true;
                requests.onNext(CreateDatasetRequest.newBuilder().setStart(start).build());
            } else if (rows.hasNext()) {
                requests.onNext(CreateDatasetRequest.newBuilder().setRow(rows.next()).build());
            } else {
                completed = true;
                requests.onCompleted();
            }
        }

        @Override
        public void onNext(Dataset dataset) {
            answer.complete(dataset);
        }

        @Override
        public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {}
    }
}
