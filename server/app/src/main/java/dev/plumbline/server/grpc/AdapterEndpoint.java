package dev.plumbline.server.grpc;

import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.server.service.AdapterRegistry;
import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.service.ServedAdapter;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.GetAdapterRequest;
import dev.plumbline.v1.ListAdaptersRequest;
import dev.plumbline.v1.ListAdaptersResponse;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.UnloadAdapterRequest;
import dev.plumbline.v1.UnloadAdapterResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** LoRA adapters. */
@GrpcService
class AdapterEndpoint extends AdapterServiceGrpc.AdapterServiceImplBase {
    private final AdapterRegistry adapters;
    private final Pools pools;

    AdapterEndpoint(AdapterRegistry adapters, Pools pools) {
        this.adapters = adapters;
        this.pools = pools;
    }

    @Override
    public void loadAdapter(LoadAdapterRequest request, StreamObserver<Adapter> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation ->
                        adapter(
                                adapters.load(
                                        request.getModel(),
                                        request.getPath(),
                                        request.getAdapterId())));
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
    public void listAdapters(
            ListAdaptersRequest request, StreamObserver<ListAdaptersResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    Page<ServedAdapter> page =
                            adapters.list(
                                    new PageRequest(request.getPageSize(), request.getPageToken()));
                    return ListAdaptersResponse.newBuilder()
                            .addAllAdapters(
                                    page.items().stream().map(AdapterEndpoint::adapter).toList())
                            .setNextPageToken(page.nextToken())
                            .build();
                });
    }

    @Override
    public void getAdapter(GetAdapterRequest request, StreamObserver<Adapter> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> adapter(adapters.get(request.getName())));
    }

    private static Adapter adapter(ServedAdapter served) {
        LoraAdapter adapter = served.adapter();
        return Adapter.newBuilder()
                .setName(served.name())
                .setModel(served.model())
                .setPath(served.path().toString())
                .setDigest(adapter.digest())
                .setRank(adapter.rank())
                .setAlpha(adapter.alpha())
                .addAllTargetModules(adapter.targets())
                .setParameters(adapter.parameters())
                .build();
    }
}
