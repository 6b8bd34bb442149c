package dev.plumbline.client;

import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.AdapterServiceGrpc.AdapterServiceBlockingStub;
import dev.plumbline.v1.GetAdapterRequest;
import dev.plumbline.v1.ListAdaptersRequest;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.UnloadAdapterRequest;
import io.grpc.Channel;

/** The LoRA adapters that a server holds. */
public final class AdapterClient {
    private final AdapterServiceBlockingStub stub;

    AdapterClient(Channel channel) {
        stub = AdapterServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Puts a PEFT folder on the server's disk live.
     *
     * @param model resource name of the model it was made for
     * @param id the last part of the resource name; empty takes the folder's
     */
    public Adapter load(String model, String folder, String id) {
        var request =
                LoadAdapterRequest.newBuilder()
                        .setModel(model)
                        .setPath(folder)
                        .setAdapterId(id)
                        .build();
        return Calls.call(() -> stub.loadAdapter(request));
    }

    public Iterable<Adapter> list() {
        return Pages.of(token -> {
            var request = ListAdaptersRequest.newBuilder().setPageToken(token).build();
            var response = stub.listAdapters(request);
            return new Pages.Page<>(response.getAdaptersList(), response.getNextPageToken());
        });
    }

    /**
     * @param name for example "adapters/cured"
     */
    public Adapter get(String name) {
        var request = GetAdapterRequest.newBuilder().setName(name).build();
        return Calls.call(() -> stub.getAdapter(request));
    }

    public void unload(String name) {
        var request = UnloadAdapterRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.unloadAdapter(request));
    }
}
