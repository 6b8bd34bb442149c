package dev.plumbline.client;

import dev.plumbline.v1.GetModelRequest;
import dev.plumbline.v1.ListModelsRequest;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.Model;
import dev.plumbline.v1.ModelServiceGrpc;
import dev.plumbline.v1.ModelServiceGrpc.ModelServiceBlockingStub;
import dev.plumbline.v1.UnloadModelRequest;
import io.grpc.Channel;

/** The models that a server holds. */
public final class ModelClient {
    private final ModelServiceBlockingStub stub;

    ModelClient(Channel channel) {
        stub = ModelServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Loads a Hugging Face folder on the server's disk; a folder of the same digest is not loaded
     * twice.
     *
     * @param id the last part of the resource name; empty takes the folder's
     */
    public Model load(String folder, String id) {
        return load(LoadModelRequest.newBuilder().setPath(folder).setModelId(id).build());
    }

    /** Loads a folder in a precision, or tells what that would need where it only validates. */
    public Model load(LoadModelRequest request) {
        return Calls.call(() -> stub.loadModel(request));
    }

    public Iterable<Model> list() {
        return Pages.of(token -> {
            var request = ListModelsRequest.newBuilder().setPageToken(token).build();
            var response = stub.listModels(request);
            return new Pages.Page<>(response.getModelsList(), response.getNextPageToken());
        });
    }

    /**
     * @param name for example "models/llava"
     */
    public Model get(String name) {
        return Calls.call(() -> stub.getModel(GetModelRequest.newBuilder().setName(name).build()));
    }

    public void unload(String name) {
        var request = UnloadModelRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.unloadModel(request));
    }
}
