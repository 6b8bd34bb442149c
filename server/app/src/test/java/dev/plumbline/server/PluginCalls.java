package dev.plumbline.server;

import com.google.protobuf.ByteString;
import dev.plumbline.v1.InstallPluginRequest;
import dev.plumbline.v1.InstalledPlugin;
import dev.plumbline.v1.ListPluginsRequest;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.PluginServiceGrpc;
import dev.plumbline.v1.ReloadPluginRequest;
import dev.plumbline.v1.UninstallPluginRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Calls to the plugin service of a running server. */
final class PluginCalls {
    private static final int CHUNK = 700;

    private final Channel channel;

    PluginCalls(Channel channel) {
        this.channel = channel;
    }

    /** Sends a jar in small pieces. */
    InstalledPlugin install(Path jar) {
        List<InstallPluginRequest> pieces = new ArrayList<>();
        try {
            byte[] bytes = Files.readAllBytes(jar);
            for (int at = 0; at < bytes.length; at += CHUNK) {
                int length = Math.min(CHUNK, bytes.length - at);
                var piece = ByteString.copyFrom(bytes, at, length);
                pieces.add(InstallPluginRequest.newBuilder().setChunk(piece).build());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return send(pieces);
    }

    InstalledPlugin installFromServer(String path) {
        return send(List.of(InstallPluginRequest.newBuilder().setPath(path).build()));
    }

    InstalledPlugin send(List<InstallPluginRequest> messages) {
        var answer = new CompletableFuture<InstalledPlugin>();
        StreamObserver<InstallPluginRequest> requests =
                PluginServiceGrpc.newStub(channel)
                        .installPlugin(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(InstalledPlugin installed) {
                                        answer.complete(installed);
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        answer.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {}
                                });
        messages.forEach(requests::onNext);
        requests.onCompleted();
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StatusRuntimeException refusal) {
                throw refusal;
            }
            throw e;
        }
    }

    InstalledPlugin reload(String id) {
        return PluginServiceGrpc.newBlockingStub(channel)
                .reloadPlugin(ReloadPluginRequest.newBuilder().setPluginId(id).build());
    }

    /** The version that is back. */
    String uninstall(String id) {
        return PluginServiceGrpc.newBlockingStub(channel)
                .uninstallPlugin(UninstallPluginRequest.newBuilder().setPluginId(id).build())
                .getRestoredVersion();
    }

    List<Plugin> list() {
        return PluginServiceGrpc.newBlockingStub(channel)
                .listPlugins(ListPluginsRequest.getDefaultInstance())
                .getPluginsList();
    }
}
