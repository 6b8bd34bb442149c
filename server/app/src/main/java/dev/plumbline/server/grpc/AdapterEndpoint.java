package dev.plumbline.server.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.config.PlumblineConfig;
import dev.plumbline.server.service.AdapterDownload;
import dev.plumbline.server.service.AdapterRegistry;
import dev.plumbline.server.service.AdapterUpload;
import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterProof;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.DeleteAdapterRequest;
import dev.plumbline.v1.DeleteAdapterResponse;
import dev.plumbline.v1.DownloadAdapterRequest;
import dev.plumbline.v1.DownloadAdapterResponse;
import dev.plumbline.v1.GetAdapterRequest;
import dev.plumbline.v1.ListAdaptersRequest;
import dev.plumbline.v1.ListAdaptersResponse;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.UnloadAdapterRequest;
import dev.plumbline.v1.UnloadAdapterResponse;
import dev.plumbline.v1.UploadAdapterRequest;
import dev.plumbline.v1.VerifyAdapterRequest;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.time.Duration;

/** LoRA adapters. */
@GrpcService
class AdapterEndpoint extends AdapterServiceGrpc.AdapterServiceImplBase {
    private final AdapterRegistry adapters;
    private final Pools pools;
    private final Duration patience;

    AdapterEndpoint(AdapterRegistry adapters, Pools pools, PlumblineConfig config) {
        this.adapters = adapters;
        this.pools = pools;
        this.patience = config.limits().stall();
    }

    @Override
    public void loadAdapter(LoadAdapterRequest request, StreamObserver<Adapter> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation ->
                        AdapterMessages.adapter(
                                adapters.load(AdapterMessages.load(request), cancellation)));
    }

    @Override
    public void verifyAdapter(
            VerifyAdapterRequest request, StreamObserver<AdapterProof> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation ->
                        AdapterMessages.proof(
                                adapters.verify(
                                        AdapterMessages.verification(request), cancellation)));
    }

    @Override
    public void unloadAdapter(
            UnloadAdapterRequest request, StreamObserver<UnloadAdapterResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    adapters.unload(request.getName());
                    return UnloadAdapterResponse.getDefaultInstance();
                });
    }

    @Override
    public void deleteAdapter(
            DeleteAdapterRequest request, StreamObserver<DeleteAdapterResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    adapters.delete(request.getName());
                    return DeleteAdapterResponse.getDefaultInstance();
                });
    }

    @Override
    public void listAdapters(
            ListAdaptersRequest request, StreamObserver<ListAdaptersResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    Page<AdapterRecord> page =
                            adapters.list(
                                    new PageRequest(request.getPageSize(), request.getPageToken()));
                    return ListAdaptersResponse.newBuilder()
                            .addAllAdapters(
                                    page.items().stream().map(AdapterMessages::adapter).toList())
                            .setNextPageToken(page.nextToken())
                            .build();
                });
    }

    @Override
    public void getAdapter(GetAdapterRequest request, StreamObserver<Adapter> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> AdapterMessages.adapter(adapters.get(request.getName())));
    }

    @Override
    public StreamObserver<UploadAdapterRequest> uploadAdapter(StreamObserver<Adapter> responses) {
        AdapterUpload upload = adapters.upload();
        return new UploadStream<>(
                pools.control(),
                responses,
                new UploadStream.Intake<UploadAdapterRequest, Adapter>() {
                    @Override
                    public void take(UploadAdapterRequest message) {
                        AdapterEndpoint.take(upload, message);
                    }

                    @Override
                    public Adapter finish() {
                        return AdapterMessages.adapter(upload.finish());
                    }

                    @Override
                    public void close() {
                        upload.close();
                    }
                });
    }

    private static void take(AdapterUpload upload, UploadAdapterRequest message) {
        switch (message.getContentCase()) {
            case START -> upload.start(message.getStart().getAdapterId());
            case FILE ->
                    upload.file(
                            message.getFile().getName(),
                            message.getFile().getSize(),
                            message.getFile().getSha256());
            case CHUNK -> upload.chunk(message.getChunk().toByteArray());
            case CONTENT_NOT_SET ->
                    throw PlumblineException.invalid(
                            "content",
                            "FIELD_MISSING",
                            "a message has neither start, file nor chunk");
        }
    }

    @Override
    public void downloadAdapter(
            DownloadAdapterRequest request, StreamObserver<DownloadAdapterResponse> responses) {
        Calls.stream(
                pools.control(),
                responses,
                patience,
                (cancellation, stream) -> {
                    try (AdapterDownload download = adapters.download(request.getName())) {
                        download.send(
                                file ->
                                        stream.send(
                                                DownloadAdapterResponse.newBuilder()
                                                        .setFile(AdapterMessages.file(file))
                                                        .build()),
                                chunk ->
                                        stream.send(
                                                DownloadAdapterResponse.newBuilder()
                                                        .setChunk(
                                                                UnsafeByteOperations.unsafeWrap(
                                                                        chunk))
                                                        .build()));
                    }
                });
    }
}
