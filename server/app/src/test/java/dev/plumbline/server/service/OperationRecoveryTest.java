package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.DemoServer;
import dev.plumbline.server.PluginTestServer;
import dev.plumbline.server.plugin.PluginHost;
import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.OperationRecord;
import dev.plumbline.server.store.OperationStore;
import dev.plumbline.server.store.OperationTask;
import dev.plumbline.server.store.RowsChoice;
import dev.plumbline.server.store.SelectionChoice;
import dev.plumbline.server.store.SelectionChoice.Margins;
import dev.plumbline.server.store.WorkState;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server leaves unfinished, the next one finishes. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class OperationRecoveryTest {
    private static final int ROWS = 40;

    @TempDir Path folder;
    @Inject OperationJobs jobs;
    @Inject PluginHost plugins;

    @Test
    void theNextServerGoesOn() throws Exception {
        var _ =
                plugins.install(
                        PluginJars.build(
                                folder.resolve("slow.jar"),
                                "slow",
                                "1.0.0",
                                "Slow",
                                PluginJars.selector(
                                        "Slow",
                                        "slow",
                                        """
                                        return selection -> {
                                            try { Thread.sleep(20); } catch (InterruptedException e) { throw new IllegalStateException(e); }
                                            int first = selection.random().nextInt(selection.candidates().size());
                                            return Choice.greedy(List.of(Negative.of(first, 1, Double.NaN, 0)));
                                        };
                                        """)),
                        "slow.jar");
        var store = new OperationStore(folder.resolve("operations"));
        Path output = folder.resolve("mined.jsonl");
        var first = new OperationService(store, jobs);
        OperationRecord begun = first.create(task(output), "once");
        awaitRows(first, begun, 5);
        first.stop(Duration.ofSeconds(20));
        OperationRecord left = store.operation(begun.id()).orElseThrow();
        assertThat(left.state()).isEqualTo(WorkState.RUNNING);
        assertThat(output).doesNotExist();
        var second = new OperationService(store, jobs);
        second.recover();
        OperationRecord ended =
                second.await(begun.name(), Duration.ofSeconds(60), Cancellation.none());
        assertThat(ended.state()).as("%s", ended.failure()).isEqualTo(WorkState.SUCCEEDED);
        assertThat(second.create(task(output), "once").name()).isEqualTo(begun.name());
        Path whole = folder.resolve("whole.jsonl");
        OperationRecord again = second.create(task(whole), "");
        var _ = second.await(again.name(), Duration.ofSeconds(60), Cancellation.none());
        assertThat(output).hasSameBinaryContentAs(whole);
        assertThat(Files.readAllLines(output)).hasSize(ROWS);
        second.stop(Duration.ofSeconds(5));
    }

    private static void awaitRows(OperationService service, OperationRecord begun, int rows)
            throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (service.get(begun.name()).progress().done() < rows && System.nanoTime() < until) {
            Thread.sleep(5);
        }
        assertThat(service.get(begun.name()).progress().done()).isBetween((long) rows, ROWS - 5L);
    }

    private OperationTask.Mining task(Path output) {
        var selection =
                new SelectionChoice(
                        PluginTestServer.pool(folder, 8).toString(),
                        ModelChoice.NONE,
                        "slow",
                        Map.of(),
                        1,
                        3,
                        new Margins(Margins.DEFAULT, Margins.DEFAULT));
        return new OperationTask.Mining(
                selection,
                DemoServer.rows(folder, ROWS).toString(),
                RowsChoice.DEFAULT,
                output.toString(),
                ModelChoice.NONE);
    }
}
