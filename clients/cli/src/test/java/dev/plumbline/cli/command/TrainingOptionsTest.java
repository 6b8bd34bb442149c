package dev.plumbline.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.v1.ModuleAlpha;
import dev.plumbline.v1.ModuleRank;
import dev.plumbline.v1.TrainingSpec;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class TrainingOptionsTest {
    @TempDir Path directory;

    private TrainingSpec spec(String... arguments) {
        var options = new Words();
        new CommandLine(options).parseArgs(arguments);
        var environment = new Environment(directory, directory, directory, Optional.empty(), false);
        return options.training.spec(environment).build();
    }

    @Command
    private static final class Words {
        @CommandLine.Mixin private final TrainingOptions training = new TrainingOptions();
    }

    @Test
    void whatIsLeftOutIsLeftToTheServer() {
        assertThat(spec("--data", "rows.jsonl"))
                .isEqualTo(
                        TrainingSpec.newBuilder()
                                .setData(directory.resolve("rows.jsonl").toString())
                                .build());
    }

    @Test
    void everyOptionArrives() {
        var spec =
                spec(
                        "--data=r",
                        "--out=o",
                        "--loss=dpo",
                        "--beta=0.5",
                        "--weighting=none",
                        "--init-adapter=a",
                        "--rank=8",
                        "--alpha=16",
                        "--targets=q_proj,v_proj",
                        "--batch-size=4",
                        "--epochs=2",
                        "--max-steps=0",
                        "--learning-rate=1e-3",
                        "--warmup=0",
                        "--schedule=constant",
                        "--max-grad-norm=0",
                        "--passes=unit-weight",
                        "--micro-batch=3",
                        "--order=as-is",
                        "--seed=7",
                        "--selector=random",
                        "--pool=p/q",
                        "-k",
                        "5",
                        "--weight-decay=0.1");
        assertThat(spec)
                .isEqualTo(
                        TrainingSpec.newBuilder()
                                .setData(directory.resolve("r").toString())
                                .setOutput(directory.resolve("o").toString())
                                .setLoss("dpo")
                                .setBeta(0.5)
                                .putLossOptions("weighting", "none")
                                .setInitAdapter(directory.resolve("a").toString())
                                .setRank(8)
                                .setAlpha(16)
                                .addTargets("q_proj")
                                .addTargets("v_proj")
                                .setBatchSize(4)
                                .setEpochs(2)
                                .setMaxSteps(0)
                                .setLearningRate(1e-3)
                                .setWarmup(0)
                                .setSchedule("constant")
                                .setMaxGradNorm(0)
                                .setPasses("unit-weight")
                                .setMicroBatch(3)
                                .setOrder("as-is")
                                .setSeed(7)
                                .setSelector("random")
                                .setPool(directory.resolve("p/q").toString())
                                .setK(5)
                                .setWeightDecay(0.1)
                                .build());
    }

    @Test
    void theAdaptersShapeArrives() {
        assertThat(
                        spec(
                                "--data=r",
                                "--target-pattern=.*v_proj",
                                "--exclude=o_proj,k_proj",
                                "--exclude-pattern=.*visual.*",
                                "--rslora",
                                "--dropout=0.1",
                                "--rank-pattern=v_proj=2",
                                "--alpha-pattern=layers\\.0\\..*=3"))
                .isEqualTo(
                        TrainingSpec.newBuilder()
                                .setData(directory.resolve("r").toString())
                                .setTargetPattern(".*v_proj")
                                .addExcludeModules("o_proj")
                                .addExcludeModules("k_proj")
                                .setExcludePattern(".*visual.*")
                                .setUseRslora(true)
                                .setLoraDropout(0.1)
                                .addRankPattern(
                                        ModuleRank.newBuilder().setPattern("v_proj").setRank(2))
                                .addAlphaPattern(
                                        ModuleAlpha.newBuilder()
                                                .setPattern("layers\\.0\\..*")
                                                .setAlpha(3))
                                .build());
    }

    @Test
    void theGateArrives() {
        assertThat(
                        spec(
                                "--data=r",
                                "--gate=g.jsonl",
                                "--gate-images=i",
                                "--gate-every=5",
                                "--gate-metric=f1",
                                "--no-keep-best",
                                "--early-stop=2"))
                .isEqualTo(
                        TrainingSpec.newBuilder()
                                .setData(directory.resolve("r").toString())
                                .setGateData(directory.resolve("g.jsonl").toString())
                                .setGateImages(directory.resolve("i").toString())
                                .setGateEvery(5)
                                .setGateMetric("f1")
                                .setKeepBest(false)
                                .setEarlyStopPatience(2)
                                .build());
    }

    @Test
    void howRowsAreReadArrives() {
        assertThat(
                        spec(
                                "--data=datasets/mine",
                                "--data-format=trl",
                                "--images=pictures",
                                "--on-bad-row=skip"))
                .isEqualTo(
                        TrainingSpec.newBuilder()
                                .setData("datasets/mine")
                                .setDataFormat("trl")
                                .setImages(directory.resolve("pictures").toString())
                                .setOnBadRow("skip")
                                .build());
    }

    @Test
    void anOptionBelongsToTheSelectorWhereItBeginsWithItsName() {
        var spec =
                spec(
                        "--data=r",
                        "--selector=random",
                        "--option=random.temperature=2",
                        "--option=plackett-luce.weighting=none",
                        "--option=beta=0.3");
        assertThat(spec.getSelectorOptionsMap()).containsOnlyKeys("temperature");
        assertThat(spec.getLossOptionsMap())
                .containsOnlyKeys("plackett-luce.weighting", "beta")
                .containsEntry("beta", "0.3");
    }
}
