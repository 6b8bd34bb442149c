package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.v1.AdapterProof;
import dev.plumbline.v1.VerifyAdapterRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells whether an adapter does something. */
@Command(
        name = "verify",
        description = {
            "Tell which tensors of an adapter fit a model, and how much it changes log-probabilities"
                    + " on a probe. Exit code 1 where it does not fit or changes nothing."
        },
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline adapters verify --model eval-harness/demo/llava eval-harness/demo/adapter"
        })
public final class AdapterVerifyCommand implements Callable<Integer> {
    /** More are counted. */
    private static final int TOLD = 10;

    @Mixin private CommonOptions common = new CommonOptions();

    @Option(
            names = "--model",
            paramLabel = "NAME|DIR",
            description = "By default the one that the adapter was loaded for.")
    private @Nullable String model;

    @Parameters(
            paramLabel = "NAME|DIR",
            description = "adapters/ID, runs/ID, or a folder of the server's disk.")
    private String adapter = "";

    private final Shell shell;

    public AdapterVerifyCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        var references = new References(model, null);
        AdapterProof proof;
        try (Session session = common.connect(shell, references)) {
            var names = references.resolve(shell.environment(), session.client());
            var given = AdapterSource.of(shell.environment(), adapter);
            proof =
                    session.client()
                            .adapters()
                            .verify(
                                    VerifyAdapterRequest.newBuilder()
                                            .setModel(names.model())
                                            .setName(given.name())
                                            .setPath(given.path())
                                            .build());
        }
        if (common.json()) {
            Json.printResource(shell.out(), proof);
        } else {
            tell(proof);
        }
        return proof.getEffective() ? 0 : 1;
    }

    private void tell(AdapterProof proof) {
        var out = shell.out();
        out.printf(
                "%d tensors matched, %d unmatched, %d layers missing%n",
                proof.getMatchedCount(), proof.getUnmatchedCount(), proof.getMissingCount());
        proof.getUnmatchedList().stream()
                .limit(TOLD)
                .forEach(
                        one -> out.printf("unmatched: %s: %s%n", one.getTensor(), one.getReason()));
        proof.getMissingList().stream()
                .limit(TOLD)
                .forEach(layer -> out.printf("missing: %s%n", layer));
        if (proof.hasEffect()) {
            var effect = proof.getEffect();
            out.printf(
                    "|Δ log p| over %d tokens of %d answers: mean %.4g, max %.4g nats%n",
                    effect.getProbeTokens(),
                    effect.getProbeRows(),
                    effect.getMean(),
                    effect.getMax());
        }
        out.println(proof.getEffective() ? "It changes the model." : "It would be refused.");
        out.flush();
    }
}
