package dev.plumbline.client;

import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterProof;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.AdapterServiceGrpc.AdapterServiceBlockingStub;
import dev.plumbline.v1.DeleteAdapterRequest;
import dev.plumbline.v1.DownloadAdapterRequest;
import dev.plumbline.v1.GetAdapterRequest;
import dev.plumbline.v1.ListAdaptersRequest;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.UnloadAdapterRequest;
import dev.plumbline.v1.VerifyAdapterRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Path;

/** The LoRA adapters that a server holds. */
public final class AdapterClient {
    private final Channel channel;
    private final AdapterServiceBlockingStub stub;

    AdapterClient(Channel channel) {
        this.channel = channel;
        stub = AdapterServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Puts a PEFT folder on the server's disk live, and keeps a copy of it there.
     *
     * @param model resource name of the model it was made for
     * @param id the last part of the resource name; empty takes the folder's
     */
    public Adapter load(String model, String folder, String id) {
        return load(
                LoadAdapterRequest.newBuilder()
                        .setModel(model)
                        .setPath(folder)
                        .setAdapterId(id)
                        .build());
    }

    /** The same without a copy: gone when it is unloaded or the server ends. */
    public Adapter loadTemporarily(String model, String folder, String id) {
        return load(
                LoadAdapterRequest.newBuilder()
                        .setModel(model)
                        .setPath(folder)
                        .setAdapterId(id)
                        .setTemporary(true)
                        .build());
    }

    /** Puts an adapter live. */
    public Adapter load(LoadAdapterRequest request) {
        return Calls.call(() -> stub.loadAdapter(request));
    }

    /** Tells which tensors fit a model, and what the adapter changes. */
    public AdapterProof verify(VerifyAdapterRequest request) {
        return Calls.call(() -> stub.verifyAdapter(request));
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

    /** Takes an adapter out of use; one that is kept stays on the server's disk. */
    public void unload(String name) {
        var request = UnloadAdapterRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.unloadAdapter(request));
    }

    /** Takes an adapter out of use and deletes the server's copy. */
    public void delete(String name) {
        var request = DeleteAdapterRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.deleteAdapter(request));
    }

    /**
     * Sends a PEFT folder of this machine's; it is live once it is loaded.
     *
     * @param id the last part of the resource name
     * @throws IOException where the folder cannot be read
     */
    public Adapter upload(String id, Path folder) throws IOException {
        try (AdapterFolder files = AdapterFolder.open(id, folder)) {
            var sending = new Sending<>(files, Adapter.class);
            var _ = AdapterServiceGrpc.newStub(channel).uploadAdapter(sending);
            return sending.answer();
        }
    }

    /**
     * Writes the files of an adapter that the server keeps into a new folder, which appears as a
     * whole.
     *
     * @throws IOException where the folder exists or cannot be written
     */
    public void download(String name, Path folder) throws IOException {
        var request = DownloadAdapterRequest.newBuilder().setName(name).build();
        try (var messages = ServerStream.open(() -> stub.downloadAdapter(request))) {
            DownloadedFolder.write(messages, folder);
        }
    }
}
