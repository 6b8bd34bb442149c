package dev.plumbline.cli.demo;

import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.eval.benchmarks.PairedBootstrap;
import dev.plumbline.eval.report.ArmsTable;
import dev.plumbline.eval.report.DemoTable;
import dev.plumbline.eval.report.DemoTable.Measurement;
import dev.plumbline.v1.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cures one model in several ways, with several seeds each, and compares. */
record Arms(Shell shell, PlumblineClient client, Exam exam, Negatives negatives, String model) {
    private static final int SEEDS = 3;
    private static final long BOOTSTRAP_SEED = 0;

    /**
     * @param before of the model alone
     * @param folder for what is mined and trained
     */
    ArmsTable run(Measurement before, Path folder, long firstSeed) throws IOException {
        List<ArmsTable.Arm> arms = new ArrayList<>();
        for (Arm arm : Arm.ALL) {
            List<DemoTable> seeds = new ArrayList<>();
            for (long seed = firstSeed; seed < firstSeed + SEEDS; seed++) {
                shell.say("%s, seed %d".formatted(arm.name(), seed));
                Path place = folder.resolve(arm.slug() + "-" + seed);
                Measurement after = cure(arm, seed, place);
                seeds.add(DemoTable.compare(before, after, new PairedBootstrap(BOOTSTRAP_SEED)));
            }
            arms.add(new ArmsTable.Arm(arm.name(), seeds));
        }
        return new ArmsTable(arms);
    }

    private Measurement cure(Arm arm, long seed, Path place) throws IOException {
        Path data = negatives.world().preferences();
        if (arm.needsNegatives()) {
            data = place.resolve("negatives.jsonl");
            var _ = negatives.mine(arm, seed, data);
        }
        Run run = new Cure(arm, data, model, place.resolve("adapter"), seed).train(shell, client);
        String id = arm.slug() + "-" + seed;
        String adapter = client.adapters().loadTemporarily(model, run.getAdapter(), id).getName();
        try {
            return exam.sit(client, new References.Names(model, adapter, ""), arm.name());
        } finally {
            client.adapters().unload(adapter);
        }
    }
}
