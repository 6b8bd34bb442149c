package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.Operation;
import dev.plumbline.v1.DeletePoolRequest;
import dev.plumbline.v1.GetPoolRequest;
import dev.plumbline.v1.ListPoolsRequest;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.MinedNegatives;
import dev.plumbline.v1.ModelServiceGrpc;
import dev.plumbline.v1.Pool;
import io.grpc.Channel;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools, good ones and bad ones. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class PoolsTest {
    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private NegativeCalls calls;

    @BeforeEach
    void open() {
        calls = new NegativeCalls(channel);
        calls.loadClip();
    }

    @Test
    void aPoolIsMadeListedMinedAndDeleted() {
        Path pictures = PluginTestServer.pool(folder, 12);
        Pool pool = NegativeCalls.pool(calls.createPool("good", pictures));
        assertThat(pool.getName()).isEqualTo("pools/good");
        assertThat(pool.getImages()).isEqualTo(12);
        assertThat(pool.getSource()).isEqualTo(pictures.toString());
        assertThat(pool.getClip()).endsWith("clip");
        assertThat(calls.negatives().getPool(get("pools/good"))).isEqualTo(pool);
        assertThat(
                        calls.negatives()
                                .listPools(ListPoolsRequest.getDefaultInstance())
                                .getPoolsList())
                .contains(pool);
        Path output = folder.resolve("mined.jsonl");
        MinedNegatives mined =
                calls.mined(
                        NegativeCalls.selection("pools/good"), DemoServer.rows(folder, 6), output);
        assertThat(mined.getFiguresMap())
                .containsKeys("excluded_false_negatives", "pairwise_cosine");
        Path direct = folder.resolve("direct.jsonl");
        var _ =
                calls.mined(
                        NegativeCalls.selection(pictures.toString()).setClip(NegativeCalls.CLIP),
                        DemoServer.rows(folder, 6),
                        direct);
        assertThat(direct).hasSameBinaryContentAs(output);
        var _ =
                calls.negatives()
                        .deletePool(DeletePoolRequest.newBuilder().setName("pools/good").build());
        var e = refusal(() -> calls.negatives().getPool(get("pools/good")));
        assertThat(TestApi.reason(e)).isEqualTo("POOL_NOT_FOUND");
        assertThat(pictures).isNotEmptyDirectory();
    }

    private static GetPoolRequest get(String name) {
        return GetPoolRequest.newBuilder().setName(name).build();
    }

    @Test
    void anEmptyFolderIsNoPool() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Operation failed = calls.createPool("empty", empty);
        assertThat(NegativeCalls.failure(failed).getReason()).isEqualTo("POOL_EMPTY");
        assertThat(failed.getError().getMessage()).contains(empty.toString());
        var e = refusal(() -> calls.negatives().getPool(get("pools/empty")));
        assertThat(TestApi.reason(e)).isEqualTo("POOL_NOT_FOUND");
        var mining =
                refusal(() ->
                        calls.mine(
                                NegativeCalls.selection(empty.toString()),
                                DemoServer.rows(folder, 2),
                                folder.resolve("mined.jsonl")));
        assertThat(TestApi.reason(mining)).isEqualTo("POOL_EMPTY");
        assertThat(TestApi.field(mining)).isEqualTo("selection.pool");
    }

    @Test
    void aDamagedFileAmongManyIsNamedAndSkipped() throws IOException {
        Path pictures = PluginTestServer.pool(folder, 9);
        Files.write(pictures.resolve("0003.jpg"), new byte[] {(byte) 0xff, (byte) 0xd8, 1, 2, 3});
        Pool pool = NegativeCalls.pool(calls.createPool("damaged", pictures));
        assertThat(pool.getImages()).isEqualTo(8);
        assertThat(pool.getSkippedTotal()).isEqualTo(1);
        assertThat(pool.getSkipped(0).getFile()).contains("0003.jpg");
        assertThat(pool.getSkipped(0).getReason()).isNotBlank();
    }

    @Test
    void aParquetFileWithoutTheColumnIsRefusedWithThoseItHas() {
        Path parquet = folder.resolve("rows.parquet");
        var _ =
                calls.mined(
                        NegativeCalls.selection(PluginTestServer.pool(folder, 4).toString()),
                        DemoServer.rows(folder, 2),
                        parquet);
        var request =
                dev.plumbline.v1.CreatePoolRequest.newBuilder()
                        .setPoolId("parquet")
                        .setClip(NegativeCalls.CLIP)
                        .setPath(parquet.toString())
                        .setColumn("picture");
        Operation failed = calls.await(calls.negatives().createPool(request.build()));
        assertThat(NegativeCalls.failure(failed).getReason()).isEqualTo("POOL_COLUMN_MISSING");
        assertThat(failed.getError().getMessage()).contains("picture", "chosen");
    }

    @Test
    void embeddingsOfAnotherClipModelAreNotMixed() throws IOException {
        var _ = NegativeCalls.pool(calls.createPool("mine", PluginTestServer.pool(folder, 5)));
        Path other = otherClip();
        var _ =
                ModelServiceGrpc.newBlockingStub(channel)
                        .loadModel(
                                LoadModelRequest.newBuilder()
                                        .setPath(other.toString())
                                        .setModelId("other")
                                        .build());
        var e =
                refusal(() ->
                        calls.mine(
                                NegativeCalls.selection("pools/mine").setClip("models/other"),
                                DemoServer.rows(folder, 2),
                                folder.resolve("mined.jsonl")));
        assertThat(TestApi.reason(e)).isEqualTo("CLIP_MISMATCH");
        assertThat(TestApi.field(e)).isEqualTo("selection.clip");
        assertThat(TestApi.info(e).getMetadataMap()).containsEntry("pool", "pools/mine");
        assertThat(folder.resolve("mined.jsonl")).doesNotExist();
    }

    /** The demo's, with another way to see. */
    private Path otherClip() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other-clip"));
        try (Stream<Path> files = Files.list(TestApi.demo().resolve("clip"))) {
            for (Path file : files.toList()) {
                Files.copy(file, other.resolve(file.getFileName().toString()));
            }
        }
        Path processor = other.resolve("preprocessor_config.json");
        Files.writeString(processor, Files.readString(processor).replaceFirst("0\\.48", "0.58"));
        return other;
    }
}
