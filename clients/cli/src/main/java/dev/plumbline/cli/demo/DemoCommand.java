package dev.plumbline.cli.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.plumbline.cli.command.Mining;
import dev.plumbline.cli.command.PrecisionOption;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.eval.benchmarks.PairedBootstrap;
import dev.plumbline.eval.report.ArmsTable;
import dev.plumbline.eval.report.CaptionPair;
import dev.plumbline.eval.report.DemoReport;
import dev.plumbline.eval.report.DemoTable;
import dev.plumbline.eval.report.DemoTable.Measurement;
import dev.plumbline.eval.report.EvaluationFolder;
import dev.plumbline.eval.report.MinedRow;
import dev.plumbline.eval.report.TrainingCurve;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.Part;
import dev.plumbline.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures, cures and measures again. */
@Command(
        name = "demo",
        description = "Serve a small model, measure it, cure it, and measure it again.",
        footer = {"", "Example:", "  ./plumbline demo --seed 0 --out /tmp/plumbline-demo"})
public final class DemoCommand implements Callable<Integer> {
    private static final int EXAMPLES = 12;
    private static final long BOOTSTRAP_SEED = 0;
    private static final String QUESTION = "Describe the image in detail.";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and an example.")
    private boolean help;

    @Option(names = "--json", description = "Print exactly one JSON document.")
    private boolean json;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of negatives, order and adapter; default 0.")
    private long seed;

    @Option(names = "--keep", description = "Leave the server up.")
    private boolean keep;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Adapter and report; default: a fresh folder for temporary files.")
    private @Nullable String out;

    @Option(
            names = "--arms",
            description = {
                "Also compare losses and selectors, three seeds each (about half an hour)."
            })
    private boolean arms;

    @Mixin private PrecisionOption precision = new PrecisionOption();

    private final Shell shell;

    public DemoCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        var world = DemoWorld.in(shell.environment().root());
        Path folder =
                out == null
                        ? Files.createTempDirectory("plumbline-demo-")
                        : Files.createDirectories(shell.environment().resolve(out));
        Session session = Session.start(shell, "Starting a server for the demo", keep);
        boolean done = false;
        try {
            run(session.client(), world, folder);
            done = true;
        } finally {
            if (done && keep) {
                session.leaveRunning();
                shell.say(
                        ("The server stays up: ./plumbline models list --server %s. To end it:"
                                        + " kill %d")
                                .formatted(session.target(), session.processId()));
            } else {
                session.close();
            }
        }
        return 0;
    }

    private void run(PlumblineClient client, DemoWorld world, Path folder) throws IOException {
        var request =
                LoadModelRequest.newBuilder()
                        .setPath(world.model().toString())
                        .setModelId("demo")
                        .setPrecision(precision.text())
                        .build();
        String model = client.models().load(request).getName();
        var base = new References.Names(model, "", "");
        show(client, base, world.picture());
        var exam = new Exam(shell, world);
        Measurement before = exam.sit(client, base, "before");
        Negatives negatives = Negatives.with(shell, client, world);
        Path minedRows = folder.resolve("negatives.jsonl");
        Mining mining = negatives.mine(Arm.CURE, seed, minedRows);
        var cure = new Cure(Arm.CURE, minedRows, model, folder.resolve("adapter"), seed);
        Run run = cure.train(shell, client);
        String adapter =
                client.adapters().loadTemporarily(model, run.getAdapter(), "cured").getName();
        var cured = new References.Names(model, adapter, "");
        show(client, cured, world.picture());
        Measurement after = exam.sit(client, cured, "after");

        var table = DemoTable.compare(before, after, new PairedBootstrap(BOOTSTRAP_SEED));
        Path adapterFolder = Path.of(run.getAdapter());
        var report =
                new DemoReport(
                        table,
                        TrainingCurve.read(adapterFolder.resolve("metrics.jsonl")),
                        CaptionPair.choose(
                                before.chair(), after.chair(), world.testImages(), EXAMPLES),
                        MinedRow.read(minedRows, EXAMPLES),
                        cure.settings(run));
        Path page = folder.resolve("report.html");
        EvaluationFolder.write(page, report.html());
        if (arms) {
            ArmsTable all =
                    new Arms(shell, client, exam, negatives, model)
                            .run(before, folder.resolve("arms"), seed);
            EvaluationFolder.write(folder.resolve("arms.html"), all.html());
            print(table, new Places(world.model(), adapterFolder, page, mining.page()), all);
        } else {
            print(table, new Places(world.model(), adapterFolder, page, mining.page()), null);
        }
    }

    /** What is worth looking at. */
    private record Places(Path model, Path adapter, Path page, Path negatives) {}

    /** Streams what the model says about one picture. */
    private void show(PlumblineClient client, References.Names names, Path picture)
            throws IOException {
        var image = Image.newBuilder().setData(ByteString.copyFrom(Files.readAllBytes(picture)));
        var request =
                GenerateRequest.newBuilder()
                        .setModel(names.model())
                        .setAdapter(names.adapter())
                        .addParts(Part.newBuilder().setImage(image))
                        .addParts(Part.newBuilder().setText(QUESTION))
                        .build();
        String who = names.adapter().isEmpty() ? "base model" : "with the adapter";
        shell.say("%s — \"%s\" (%s):".formatted(picture.getFileName(), QUESTION, who));
        try (var pieces = client.generate(request);
                var _ = shell.interruption().onInterrupt(pieces::close)) {
            pieces.forEachRemaining(piece -> {
                shell.err().print(piece.getText());
                shell.err().flush();
            });
        }
        shell.say("");
    }

    private void print(DemoTable table, Places places, @Nullable ArmsTable all) {
        if (json) {
            ObjectNode document = table.json();
            if (all != null) {
                document.setAll(all.json());
            }
            document.put("model", places.model().toString())
                    .put("adapter", places.adapter().toString())
                    .put("report", places.page().toString())
                    .put("negatives", places.negatives().toString());
            Json.print(shell.out(), document);
            return;
        }
        shell.out().println();
        shell.out().print(table.text());
        if (all != null) {
            shell.out().println();
            shell.out().print(all.text());
        }
        shell.out()
                .printf(
                        "%nadapter   %s%nnegatives %s%nreport    %s%n",
                        places.adapter(), places.negatives(), places.page());
        shell.out().flush();
    }
}
