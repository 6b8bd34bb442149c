package dev.plumbline.server;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.plumbline.v1.CreatePoolRequest;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.MinedNegatives;
import dev.plumbline.v1.ModelServiceGrpc;
import dev.plumbline.v1.NegativeServiceGrpc;
import dev.plumbline.v1.Pool;
import dev.plumbline.v1.PreviewNegativesRequest;
import dev.plumbline.v1.PreviewNegativesResponse;
import dev.plumbline.v1.SelectionSpec;
import io.grpc.Channel;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;

/** Calls about negatives to a running server. */
final class NegativeCalls {
    static final String CLIP = "models/clip";

    private final Channel channel;

    NegativeCalls(Channel channel) {
        this.channel = channel;
    }

    NegativeServiceGrpc.NegativeServiceBlockingStub negatives() {
        return NegativeServiceGrpc.newBlockingStub(channel);
    }

    OperationsGrpc.OperationsBlockingStub operations() {
        return OperationsGrpc.newBlockingStub(channel);
    }

    /** The demo's CLIP model. */
    void loadClip() {
        var _ =
                ModelServiceGrpc.newBlockingStub(channel)
                        .loadModel(
                                LoadModelRequest.newBuilder()
                                        .setPath(TestApi.demo().resolve("clip").toString())
                                        .setModelId("clip")
                                        .build());
    }

    static SelectionSpec.Builder selection(String pool) {
        return SelectionSpec.newBuilder().setPool(pool).setSelector("random").setK(2).setSeed(7);
    }

    /** Two negatives for a picture of the demo, without CLIP. */
    PreviewNegativesResponse preview(String pool, String selector) {
        return negatives()
                .previewNegatives(
                        PreviewNegativesRequest.newBuilder()
                                .setSelection(selection(pool).setSelector(selector))
                                .setImage(DemoServer.image(3))
                                .setPrompt(DemoServer.QUESTION)
                                .setAnswer("There is a red circle.")
                                .build());
    }

    Operation mine(SelectionSpec.Builder selection, Path data, Path output) {
        return negatives()
                .mineNegatives(
                        MineNegativesRequest.newBuilder()
                                .setSelection(selection)
                                .setData(data.toString())
                                .setOutput(output.toString())
                                .build());
    }

    MinedNegatives mined(SelectionSpec.Builder selection, Path data, Path output) {
        return mined(await(mine(selection, data, output)));
    }

    static MinedNegatives mined(Operation ended) {
        try {
            Assertions.assertThat(ended.getError().getMessage()).isEmpty();
            return ended.getResponse().unpack(MinedNegatives.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    Operation createPool(String id, Path path) {
        return await(
                negatives()
                        .createPool(
                                CreatePoolRequest.newBuilder()
                                        .setPoolId(id)
                                        .setClip(CLIP)
                                        .setPath(path.toString())
                                        .build()));
    }

    static Pool pool(Operation ended) {
        try {
            Assertions.assertThat(ended.getError().getMessage()).isEmpty();
            return ended.getResponse().unpack(Pool.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** The reason of an operation that failed. */
    static ErrorInfo failure(Operation ended) {
        try {
            Assertions.assertThat(ended.getDone()).isTrue();
            for (var detail : ended.getError().getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    return detail.unpack(ErrorInfo.class);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("it did not fail: " + ended);
    }

    Operation await(Operation operation) {
        Operation now =
                operations()
                        .waitOperation(
                                WaitOperationRequest.newBuilder()
                                        .setName(operation.getName())
                                        .setTimeout(Duration.newBuilder().setSeconds(60))
                                        .build());
        Assertions.assertThat(now.getDone()).as("%s", now).isTrue();
        return now;
    }

    Operation get(String name) {
        return operations().getOperation(GetOperationRequest.newBuilder().setName(name).build());
    }

    void cancel(Operation operation) {
        var _ =
                operations()
                        .cancelOperation(
                                CancelOperationRequest.newBuilder()
                                        .setName(operation.getName())
                                        .build());
    }
}
