package dev.plumbline.client;

import com.google.protobuf.ByteString;
import dev.plumbline.v1.InstallPluginRequest;
import dev.plumbline.v1.InstalledPlugin;
import dev.plumbline.v1.ListPluginsRequest;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.PluginServiceGrpc;
import dev.plumbline.v1.ReloadPluginRequest;
import dev.plumbline.v1.UninstallPluginRequest;
import dev.plumbline.v1.UninstallPluginResponse;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What is plugged into a server. */
public final class PluginClient {
    private static final int CHUNK = 1 << 20;

    private final Channel channel;

    PluginClient(Channel channel) {
        this.channel = channel;
    }

    public Iterable<Plugin> list() {
        return Pages.of(token -> {
            var request = ListPluginsRequest.newBuilder().setPageToken(token).build();
            var response = PluginServiceGrpc.newBlockingStub(channel).listPlugins(request);
            return new Pages.Page<>(response.getPluginsList(), response.getNextPageToken());
        });
    }

    /**
     * Sends a jar of this machine's.
     *
     * @throws IOException where it cannot be read
     */
    public InstalledPlugin install(Path jar) throws IOException {
        try (InputStream bytes = Files.newInputStream(jar)) {
            var answer = new Answer();
            StreamObserver<InstallPluginRequest> requests =
                    PluginServiceGrpc.newStub(channel).installPlugin(answer);
            while (!answer.result.isDone()) {
                byte[] chunk = bytes.readNBytes(CHUNK);
                if (chunk.length == 0) {
                    break;
                }
                var piece = InstallPluginRequest.newBuilder().setChunk(ByteString.copyFrom(chunk));
                requests.onNext(piece.build());
            }
            return answer.end(requests);
        }
    }

    /** Installs a jar of the server's own disk. */
    public InstalledPlugin installFromServer(String path) {
        var answer = new Answer();
        StreamObserver<InstallPluginRequest> requests =
                PluginServiceGrpc.newStub(channel).installPlugin(answer);
        requests.onNext(InstallPluginRequest.newBuilder().setPath(path).build());
        return answer.end(requests);
    }

    /**
     * Has the server read a plugin's jar again.
     *
     * @param id of the plugin, or the name of what it offers
     */
    public InstalledPlugin reload(String id) {
        var request = ReloadPluginRequest.newBuilder().setPluginId(id).build();
        return Calls.call(() -> PluginServiceGrpc.newBlockingStub(channel).reloadPlugin(request));
    }

    /**
     * Takes an installed plugin away.
     *
     * @param id of the plugin, or the name of what it offers
     */
    public UninstallPluginResponse uninstall(String id) {
        var request = UninstallPluginRequest.newBuilder().setPluginId(id).build();
        return Calls.call(
                () -> PluginServiceGrpc.newBlockingStub(channel).uninstallPlugin(request));
    }

    /** The one answer to a stream of requests. */
    private static final class Answer implements StreamObserver<InstalledPlugin> {
        private final CompletableFuture<InstalledPlugin> result = new CompletableFuture<>();

        InstalledPlugin end(StreamObserver<InstallPluginRequest> requests) {
            requests.onCompleted();
            try {
                return result.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof StatusRuntimeException failure) {
                    throw PlumblineClientException.of(failure);
                }
                throw e;
            }
        }

        @Override
        public void onNext(InstalledPlugin installed) {
            result.complete(installed);
        }

        @Override
        public void onError(Throwable failure) {
            result.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            // Without an answer before, the call has failed.
            result.completeExceptionally(
                    io.grpc.Status.INTERNAL
                            .withDescription("the server ended the call without an answer")
                            .asRuntimeException());
        }
    }
}
