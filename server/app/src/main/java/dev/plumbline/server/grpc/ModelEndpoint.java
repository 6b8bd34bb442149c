package dev.plumbline.server.grpc;

import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.MemoryEstimate;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.server.service.Hosted;
import dev.plumbline.server.service.ModelRegistry;
import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.service.ServedClip;
import dev.plumbline.server.service.ServedModel;
import dev.plumbline.v1.GetModelRequest;
import dev.plumbline.v1.ListModelsRequest;
import dev.plumbline.v1.ListModelsResponse;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.Model;
import dev.plumbline.v1.ModelMemory;
import dev.plumbline.v1.ModelServiceGrpc;
import dev.plumbline.v1.UnloadModelRequest;
import dev.plumbline.v1.UnloadModelResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.nio.file.Path;

/** Models. */
@GrpcService
class ModelEndpoint extends ModelServiceGrpc.ModelServiceImplBase {
    private final ModelRegistry models;
    private final Pools pools;

    ModelEndpoint(ModelRegistry models, Pools pools) {
        this.models = models;
        this.pools = pools;
    }

    @Override
    public void loadModel(LoadModelRequest request, StreamObserver<Model> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation ->
                        request.getValidateOnly()
                                ? need(request)
                                : model(
                                        models.load(
                                                request.getPath(),
                                                request.getModelId(),
                                                options(request))));
    }

    @Override
    public void unloadModel(
            UnloadModelRequest request, StreamObserver<UnloadModelResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    models.unload(request.getName());
                    return UnloadModelResponse.getDefaultInstance();
                });
    }

    @Override
    public void listModels(
            ListModelsRequest request, StreamObserver<ListModelsResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    Page<Hosted> page =
                            models.list(
                                    new PageRequest(request.getPageSize(), request.getPageToken()));
                    return ListModelsResponse.newBuilder()
                            .addAllModels(page.items().stream().map(ModelEndpoint::model).toList())
                            .setNextPageToken(page.nextToken())
                            .build();
                });
    }

    @Override
    public void getModel(GetModelRequest request, StreamObserver<Model> responses) {
        Calls.answer(
                pools.control(), responses, cancellation -> model(models.get(request.getName())));
    }

    private Model need(LoadModelRequest request) {
        Path folder = ModelRegistry.folder(request.getPath());
        LoadOptions options = options(request);
        MemoryEstimate need = models.need(folder, options);
        return Model.newBuilder()
                .setName(ModelRegistry.nameFor(folder, request.getModelId(), options))
                .setPath(folder.toString())
                .setWeightBytes(need.parts().weights() + need.parts().packed())
                .setPrecision(options.precision().text())
                .setMemory(memory(need))
                .build();
    }

    private static LoadOptions options(LoadModelRequest request) {
        String precision = request.getPrecision();
        return new LoadOptions(
                precision.isEmpty() ? Precision.FP32 : Precision.parse(precision),
                request.getContextLength(),
                LoadProgress.NONE);
    }

    private static ModelMemory memory(MemoryEstimate need) {
        return ModelMemory.newBuilder()
                .setNeededBytes(need.neededBytes())
                .setWeightsBytes(need.parts().weights())
                .setPackedBytes(need.parts().packed())
                .setCacheBytes(need.parts().cache())
                .setPrefillBytes(need.parts().prefill())
                .setVisionBytes(need.parts().vision())
                .setAvailableBytes(need.availableBytes())
                .setContextLength(need.contextLength())
                .setTrainingBytes(need.training().bytes())
                .setTrainingTokens(need.training().tokens())
                .build();
    }

    private static Model model(Hosted hosted) {
        Model.Builder model =
                Model.newBuilder()
                        .setName(hosted.name())
                        .setPath(hosted.folder().toString())
                        .setDigest(hosted.digest());
        switch (hosted) {
            case ServedModel served -> describe(model, served.model());
            case ServedClip served -> describe(model, served.model());
        }
        return model.build();
    }

    private static void describe(Model.Builder description, LoadedModel model) {
        description
                .setFamily(model.family())
                .setParameters(model.parameters())
                .setWeightBytes(model.weightBytes())
                .setContextLength(model.contextLength())
                .setImageTokens(model.imageTokens())
                .setPrecision(model.precision().text())
                .setMemory(memory(model.memory()));
    }

    private static void describe(Model.Builder description, ClipModel model) {
        description
                .setFamily(ClipModel.FAMILY)
                .setParameters(model.parameters())
                .setWeightBytes(model.memory().parts().weights())
                .setContextLength(model.contextLength())
                .setPrecision(Precision.FP32.text())
                .setMemory(memory(model.memory()));
    }
}
