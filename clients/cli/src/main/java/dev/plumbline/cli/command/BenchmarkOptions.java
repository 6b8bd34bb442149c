package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.eval.benchmarks.ChairSet;
import dev.plumbline.eval.benchmarks.PopeReader;
import dev.plumbline.eval.runner.Evaluation;
import dev.plumbline.eval.runner.Evaluator;
import dev.plumbline.eval.runner.PromptTemplate;
import dev.plumbline.eval.runner.RunOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is asked, and what the answers are judged by. */
public final class BenchmarkOptions {
    /** The benchmarks there are, named as on the command line. */
    enum Benchmark {
        pope,
        chair
    }

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(names = "--benchmark", required = true, description = "${COMPLETION-CANDIDATES}.")
    private Benchmark benchmark = Benchmark.pope;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "PATH",
            description =
                    "pope: a file of questions, or a folder with pope_random, _popular and"
                            + " _adversarial; chair: captions.jsonl, or its folder.")
    private String data = "";

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "The pictures; default: the folder images beside the data.")
    private @Nullable String images;

    @Option(
            names = "--objects",
            paramLabel = "FILE",
            description = "chair: each picture's true objects; default: objects.json there.")
    private @Nullable String objects;

    @Option(
            names = "--synonyms",
            paramLabel = "FILE",
            description = "chair: a line an object, its name first; default: synonyms.txt there.")
    private @Nullable String synonyms;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "In place of the question; {question} stands for it.")
    private @Nullable String prompt;

    private @Nullable Integer maxNewTokens;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Where an answer is cut off; default 128 for pope, 256 for chair.")
    void setMaxNewTokens(Integer value) {
        if (value < 1) {
            throw wrong("--max-new-tokens is " + value + " but must be at least 1");
        }
        maxNewTokens = value;
    }

    private RuntimeException wrong(String message) {
        return command == null
                ? new IllegalStateException(message)
                : new ParameterException(command.commandLine(), message);
    }

    /** Refuses what only this benchmark cannot use. */
    void check() {
        if (benchmark == Benchmark.pope && (objects != null || synonyms != null)) {
            throw wrong("--objects and --synonyms are for --benchmark chair");
        }
        if (prompt != null && prompt.isBlank()) {
            throw wrong("--prompt is empty");
        }
    }

    String name() {
        return benchmark.name();
    }

    Evaluation run(Evaluator evaluator, Environment environment) {
        Path path = environment.resolve(data);
        Path pictures = images(environment);
        return switch (benchmark) {
            case pope -> evaluator.pope(PopeReader.read(path), pictures, adjust(RunOptions.pope()));
            case chair ->
                    evaluator.chair(
                            ChairSet.read(
                                    path,
                                    resolve(environment, objects),
                                    resolve(environment, synonyms)),
                            pictures,
                            adjust(RunOptions.chair()));
        };
    }

    private static @Nullable Path resolve(Environment environment, @Nullable String path) {
        return path == null ? null : environment.resolve(path);
    }

    private RunOptions adjust(RunOptions usual) {
        RunOptions options = usual;
        if (maxNewTokens != null) {
            options = options.withMaxNewTokens(maxNewTokens);
        }
        return prompt == null ? options : options.withPrompt(new PromptTemplate(prompt));
    }

    Path images(Environment environment) {
        if (images != null) {
            return environment.resolve(images);
        }
        Path path = environment.resolve(data);
        Path folder = Files.isDirectory(path) ? path : path.resolveSibling("");
        Path beside = folder.resolve("images");
        return Files.isDirectory(beside) ? beside : folder;
    }

    /** For the reader of a report. */
    Map<String, String> settings(Environment environment) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("data", environment.resolve(data).toString());
        settings.put("images", images(environment).toString());
        if (prompt != null) {
            settings.put("prompt", prompt);
        }
        if (maxNewTokens != null) {
            settings.put("max_new_tokens", maxNewTokens.toString());
        }
        return settings;
    }
}
