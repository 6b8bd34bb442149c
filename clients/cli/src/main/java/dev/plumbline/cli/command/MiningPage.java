package dev.plumbline.cli.command;

import dev.plumbline.eval.report.MiningReport;
import dev.plumbline.v1.MinedNegatives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The page beside a mined file. */
final class MiningPage {
    private MiningPage() {}

    /**
     * Writes it, where the server's disk is ours too.
     *
     * @return the page; else what it would be made of, on the server's disk
     */
    static String write(MinedNegatives mined) throws IOException {
        Path data = Path.of(mined.getReportData());
        if (!Files.isReadable(data)) {
            return mined.getReportData();
        }
        Path rows = Path.of(mined.getOutput());
        String name = String.valueOf(rows.getFileName());
        Path page = rows.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".html");
        MiningReport.read(rows, data).write(page);
        return page.toString();
    }
}
