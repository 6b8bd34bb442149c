package dev.plumbline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.ListPluginsRequest;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.PluginServiceGrpc;
import dev.plumbline.v1.TrainingServiceGrpc;
import dev.plumbline.v1.TrainingSpec;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Without the Plackett-Luce jar, and beside a jar without an index, the server starts. */
@QuarkusTest
@TestProfile(LossTakenAwayTest.FewerPlugins.class)
class LossTakenAwayTest {
    @GrpcClient("plumbline")
    Channel channel;

    @Test
    void theOthersAreThere() {
        var plugins =
                PluginServiceGrpc.newBlockingStub(channel)
                        .listPlugins(ListPluginsRequest.getDefaultInstance());
        assertThat(plugins.getPluginsList())
                .extracting(Plugin::getName)
                .contains("plugins/dpo", "plugins/random")
                .doesNotContain("plugins/plackett-luce");
    }

    @Test
    void aRunThatNamesItIsRefusedByThatName() {
        var spec = TrainingSpec.newBuilder().setModel("models/m").setData("/rows.jsonl").build();
        var e =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                TrainingServiceGrpc.newBlockingStub(channel)
                                        .createRun(
                                                CreateRunRequest.newBuilder()
                                                        .setSpec(spec)
                                                        .build()));
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(TestApi.reason(e)).isEqualTo("LOSS_NOT_FOUND");
        assertThat(TestApi.info(e).getMetadataMap())
                .containsEntry("loss", "plackett-luce")
                .containsEntry("available", "dpo, mdpo");
    }

    /** The built plugins without that jar, and one whose build forgot the index. */
    public static final class FewerPlugins implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            Path folder = PluginFolders.built(name -> !name.contains("plackett-luce"));
            try {
                PluginJars.build(
                        folder.resolve("forgotten.jar"),
                        "Forgotten",
                        PluginJars.loss("Forgotten", "forgotten", "row.chosenLogps()"),
                        null,
                        PluginJars.manifest("loss-forgotten"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Map.of("plumbline.plugins.dir", folder.toString());
        }
    }
}
