package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.select.CandidateScores;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.engine.train.SamplingAnalysis;
import dev.plumbline.engine.train.SamplingReport;
import dev.plumbline.engine.train.SamplingScores;
import dev.plumbline.engine.train.SamplingSettings;
import dev.plumbline.engine.train.SamplingSubject;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.service.OperationJobs.Assignment;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterStore;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.OperationOutcome.SelectorTime;
import dev.plumbline.server.store.OperationTask;
import dev.plumbline.server.store.RowsChoice;
import dev.plumbline.server.store.SamplingChoice;
import dev.plumbline.server.store.SelectionChoice;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Compares ways to sample negatives with full enumeration. */
@Singleton
public final class SamplingJob {
    private static final SelectionFields FIELDS = new SelectionFields("", "options");

    private final Selections selections;
    private final Datasets datasets;
    private final KnownModels models;
    private final AdapterRegistry adapters;
    private final AdapterStore store;
    private final Path pictures;

    public SamplingJob(
            Selections selections,
            Datasets datasets,
            KnownModels models,
            AdapterRegistry adapters,
            AdapterStore store,
            Folders folders) {
        this.selections = selections;
        this.datasets = datasets;
        this.models = models;
        this.adapters = adapters;
        this.store = store;
        this.pictures = folders.negatives();
    }

    /** Checks what can be checked at once; the adapter is then named by its folder. */
    OperationTask.Sampling prepare(OperationTask.Sampling wanted) {
        var _ = settings(wanted);
        ModelChoice model = models.find(wanted.model(), "model");
        Path adapter = adapter(wanted.adapter());
        var _ = datasets.rows(wanted.data(), "data", RowsChoice.DEFAULT);
        SelectionChoice found = wanted.selection();
        for (String selector : wanted.choice().selectors()) {
            try {
                found = selections.prepare(wanted.selection().withSelector(selector), FIELDS);
            } catch (PlumblineException e) {
                throw e.field().orElse("").equals("selector") ? Failures.at(e, "selectors") : e;
            }
        }
        return new OperationTask.Sampling(
                model, adapter.toString(), found, wanted.data(), wanted.choice());
    }

    private Path adapter(String name) {
        try {
            AdapterRecord adapter = adapters.get(name);
            return adapter.isTemporary() ? Path.of(adapter.source()) : store.files(adapter);
        } catch (PlumblineException e) {
            throw Failures.at(e, "adapter");
        }
    }

    private static SamplingSettings settings(OperationTask.Sampling task) {
        SamplingChoice choice = task.choice();
        if (choice.candidates() > 0) {
            SamplingSettings.requireEnumerable(choice.candidates(), choice.rows());
        }
        return new SamplingSettings(
                choice.ks(), choice.draws(), choice.beta(), choice.clip(), task.selection().seed());
    }

    OperationOutcome run(OperationTask.Sampling task, Assignment assignment) {
        List<PreferenceExample> rows =
                datasets.rows(task.data(), "data", RowsChoice.DEFAULT).rows();
        int[] chosen = evenly(rows.size(), task.choice().rows());
        List<List<SamplingScores>> scores = new ArrayList<>();
        List<List<Path>> candidates = new ArrayList<>();
        for (int i = 0; i < chosen.length; i++) {
            scores.add(new ArrayList<>());
        }
        List<SelectorTime> times = new ArrayList<>();
        for (String selector : task.choice().selectors()) {
            long start = System.nanoTime();
            try (OpenSelection open =
                            selections.open(
                                    task.selection().withSelector(selector),
                                    FIELDS,
                                    pictures,
                                    assignment.miningListener());
                    Miner miner = miner(open, rows, task.choice())) {
                long ready = System.nanoTime();
                candidates.clear();
                for (int i = 0; i < chosen.length; i++) {
                    assignment.progress().update("scoring by " + selector, i, chosen.length, 0);
                    CandidateScores one = miner.score(chosen[i], sample(task));
                    candidates.add(one.candidates());
                    scores.get(i)
                            .add(
                                    SamplingScores.of(
                                            selector, one.scores(), one.order(), one.greedy()));
                }
                long end = System.nanoTime();
                times.add(
                        new SelectorTime(
                                selector,
                                (ready - start) / 1e9,
                                (end - ready) / 1e9 / chosen.length));
            }
        }
        List<SamplingSubject> subjects =
                IntStream.range(0, chosen.length)
                        .mapToObj(i ->
                                new SamplingSubject(
                                        rows.get(chosen[i]), candidates.get(i), scores.get(i)))
                        .toList();
        return new OperationOutcome.Sampled(enumerate(task, subjects, assignment), times);
    }

    private SamplingReport enumerate(
            OperationTask.Sampling task, List<SamplingSubject> subjects, Assignment assignment) {
        try (ModelLease lease = models.pin(task.model(), "model")) {
            return SamplingAnalysis.run(
                    lease.served().model(),
                    Path.of(task.adapter()),
                    subjects,
                    settings(task),
                    (phase, done, total) -> assignment.progress().update(phase, done, total, 0),
                    assignment.cancellation());
        }
    }

    private static CandidateScores.Sample sample(OperationTask.Sampling task) {
        int most = task.choice().candidates();
        return new CandidateScores.Sample(
                most == 0 ? Integer.MAX_VALUE : most, task.selection().seed());
    }

    /** A pool that is too large is refused before a selector is asked for all of it. */
    private static Miner miner(
            OpenSelection open, List<PreferenceExample> rows, SamplingChoice choice) {
        if (choice.candidates() == 0) {
            SamplingSettings.requireEnumerable(
                    open.setup().source().pool().size(), Math.min(choice.rows(), rows.size()));
        }
        return open.miner(rows);
    }

    private static int[] evenly(int size, int wanted) {
        int count = Math.min(size, wanted);
        return IntStream.range(0, count).map(i -> (int) ((long) i * size / count)).toArray();
    }
}
