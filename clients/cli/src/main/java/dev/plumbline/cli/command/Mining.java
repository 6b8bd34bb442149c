package dev.plumbline.cli.command;

import com.google.longrunning.Operation;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.eval.report.MiningReport;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.MinedNegatives;
import dev.plumbline.v1.MiningProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Mines a data set on the server and makes its page.
 *
 * @param page what people look at; what the server wrote beside the rows where its files are not
 *     ours to read
 */
public record Mining(MinedNegatives mined, Path page) {
    /** Waits for the end; Ctrl-C cancels the work on the server. */
    public static Mining run(Shell shell, PlumblineClient client, MineNegativesRequest request)
            throws IOException {
        Operation begun = client.negatives().mine(request);
        MinedNegatives mined =
                new OperationWatcher(shell, client.operations())
                        .finish(begun, Mining::step, MinedNegatives.class);
        return new Mining(mined, page(mined));
    }

    private static Path page(MinedNegatives mined) throws IOException {
        Path data = Path.of(mined.getReportData());
        if (!Files.isReadable(data)) {
            return data;
        }
        Path rows = Path.of(mined.getOutput());
        String name = String.valueOf(rows.getFileName());
        int dot = name.lastIndexOf('.');
        Path page = rows.resolveSibling(name.substring(0, dot > 0 ? dot : name.length()) + ".html");
        MiningReport.read(rows, data).write(page);
        return page;
    }

    private static OperationWatcher.Step step(Operation operation) {
        try {
            MiningProgress now = operation.getMetadata().unpack(MiningProgress.class);
            return new OperationWatcher.Step(
                    now.getPhase(),
                    now.getDone(),
                    now.getTotal(),
                    now.getRowsPerSecond(),
                    now.getRemainingSeconds(),
                    "rows");
        } catch (InvalidProtocolBufferException other) {
            throw new IllegalStateException(operation.getName() + " is no mining", other);
        }
    }
}
