package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AdapterEffect;
import dev.plumbline.server.config.PlumblineConfig;
import dev.plumbline.server.service.AdapterProofs.Candidate;
import dev.plumbline.server.service.AdapterSources.Source;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterRecord.Use;
import dev.plumbline.server.store.AdapterStore;
import dev.plumbline.server.store.AdapterVersion;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adapters by name. A name changes from one adapter to the next at once: calls in flight end with
 * the one they began with. What is loaded is copied, so that it is there after a restart.
 */
@Startup
@Singleton
public final class AdapterRegistry {
    static final String COLLECTION = "adapters";

    private final ModelRegistry models;
    private final AdapterStore store;
    private final AdapterNames names;
    private final AdapterSources sources;
    private final AdapterProofs proofs;
    private final PlumblineConfig.Limits limits;

    public AdapterRegistry(
            ModelRegistry models,
            AdapterStore store,
            AdapterNames names,
            AdapterSources sources,
            AdapterProofs proofs,
            PlumblineConfig config) {
        this.models = models;
        this.store = store;
        this.names = names;
        this.sources = sources;
        this.proofs = proofs;
        this.limits = config.limits();
    }

    @PostConstruct
    void sweep() {
        store.sweep();
    }

    /** An adapter that is about to have a name. */
    private record Fitted(
            Source source, ServedModel model, Candidate candidate, LoraAdapter adapter, Use use) {}

    /**
     * Puts an adapter live, or finds it live.
     *
     * @throws PlumblineException what is wrong with its files, {@code ADAPTER_MISMATCH}, {@code
     *     ADAPTER_TENSOR_MISSING}, {@code ADAPTER_CHANGES_NOTHING}, {@code ADAPTER_EXISTS}
     */
    public AdapterRecord load(AdapterLoad request, Cancellation cancellation) {
        Source source = sources.find(request.path(), request.source(), "source");
        try (ModelLease lease = models.lease(request.model(), "model")) {
            ServedModel model = lease.served();
            Candidate candidate = proofs.read(model, source.folder(), source.field());
            LoraAdapter adapter = proofs.fitted(model, candidate, source.folder(), source.field());
            Optional<AdapterRecord> alike = alike(request, source, model, adapter);
            if (alike.isPresent()) {
                return alike.get();
            }
            AdapterEffect effect = proofs.effect(model, adapter, request.probe(), cancellation);
            if (!request.allowNoEffect()) {
                var proof =
                        new AdapterProof(
                                "",
                                model.name(),
                                adapter.digest(),
                                candidate.match(),
                                Optional.of(effect));
                AdapterProofs.requireEffect(proof, effect, source.folder());
            }
            Use use = new Use(model.name(), model.model().digest(), effect);
            return register(request, new Fitted(source, model, candidate, adapter, use));
        }
    }

    /** The same tensors under a name already, where no other name is wanted. */
    private Optional<AdapterRecord> alike(
            AdapterLoad request, Source source, ServedModel model, LoraAdapter adapter) {
        if (!request.id().isEmpty() || source.kept().isPresent()) {
            return Optional.empty();
        }
        return names.all().stream()
                .filter(AdapterRecord::loaded)
                .filter(a -> isFor(a, model) && a.digest().equals(adapter.digest()))
                .filter(a -> !a.isTemporary() || request.temporary())
                .findFirst();
    }

    private static boolean isFor(AdapterRecord adapter, ServedModel model) {
        Use use = adapter.use();
        return use != null && use.model().equals(model.name());
    }

    private AdapterRecord register(AdapterLoad request, Fitted fitted) {
        synchronized (names) {
            AdapterRecord record = recorded(request, fitted);
            names.put(
                    new ServedAdapter(
                            record, fitted.use(), fitted.candidate().match(), fitted.adapter()));
            return record;
        }
    }

    private AdapterRecord recorded(AdapterLoad request, Fitted fitted) {
        Optional<AdapterRecord> kept = fitted.source().kept();
        String wanted = request.id();
        if (kept.isPresent() && (wanted.isEmpty() || wanted.equals(kept.get().id()))) {
            AdapterRecord now = names.get(kept.get().id(), "source").loadedFor(fitted.use());
            store.save(now);
            return now;
        }
        String id = wanted.isEmpty() ? freeId(request, fitted) : wanted;
        names.find(id).ifPresent(old -> refuseOther(old, request, fitted.model()));
        AdapterRecord record =
                AdapterUpload.record(id, fitted.source().origin(), fitted.candidate().peft())
                        .loadedFor(fitted.use());
        return request.temporary() ? record : kept(record, fitted.source());
    }

    /** Copies the files, and makes sure that they are those that were looked at. */
    private AdapterRecord kept(AdapterRecord record, Source source) {
        try (AdapterVersion version = new AdapterVersion(store, Long.MAX_VALUE)) {
            version.copy(source.folder());
            String digest = AdapterUpload.read(version.folder(), source.field()).digest();
            if (!digest.equals(record.digest())) {
                throw new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "ADAPTER_CHANGED",
                        "%s was written to while it was loaded: load it again"
                                .formatted(source.folder()),
                        Map.of("path", source.folder().toString(), "field", source.field()));
            }
            return version.publish(record.with(version.files()));
        }
    }

    /** The source's name, numbered where another adapter has it. */
    private String freeId(AdapterLoad request, Fitted fitted) {
        String base = fitted.source().idea();
        String id = base;
        for (int number = 2; isTaken(id, request, fitted); number++) {
            id = base.substring(0, Math.min(base.length(), 55)) + "-" + number;
        }
        return id;
    }

    /** What was trained anew in the same folder takes its old name. */
    private boolean isTaken(String id, AdapterLoad request, Fitted fitted) {
        Optional<AdapterRecord> old = names.find(id);
        return old.isPresent()
                && !(old.get().source().equals(fitted.source().origin())
                        && isFor(old.get(), fitted.model())
                        && mayReplace(request, old.get()));
    }

    /** What is temporary does not take the place of what is kept. */
    private static boolean mayReplace(AdapterLoad request, AdapterRecord old) {
        return old.isTemporary() || !request.temporary();
    }

    private static void refuseOther(AdapterRecord old, AdapterLoad request, ServedModel model) {
        if (isFor(old, model) && mayReplace(request, old)) {
            return;
        }
        Use use = old.use();
        throw new PlumblineException(
                ErrorCode.ALREADY_EXISTS,
                "ADAPTER_EXISTS",
                "%s is %s: give another adapter_id, or delete it first"
                        .formatted(
                                old.name(),
                                use == null || use.model().equals(model.name())
                                        ? "kept already"
                                        : "an adapter for " + use.model()),
                Map.of("adapter", old.name(), "field", "adapter_id"));
    }

    public AdapterRecord get(String name) {
        return names.get(name, "name");
    }

    public Page<AdapterRecord> list(PageRequest request) {
        return Page.of(names.all(), AdapterRecord::name, request);
    }

    /** Takes an adapter out of use; one that is kept stays on disk. */
    public void unload(String name) {
        synchronized (names) {
            AdapterRecord adapter = get(name);
            if (!adapter.isTemporary()) {
                store.save(adapter.unloaded());
            }
            names.remove(adapter.id());
        }
    }

    /** Takes an adapter out of use, and its files away. */
    public void delete(String name) {
        synchronized (names) {
            AdapterRecord adapter = get(name);
            names.remove(adapter.id());
            if (!adapter.isTemporary()) {
                store.delete(adapter.id());
            }
        }
    }

    /** Begins an adapter that a client sends. */
    public AdapterUpload upload() {
        return new AdapterUpload(store, limits.adapterBytes());
    }

    /** The files of a kept adapter. */
    public AdapterDownload download(String name) {
        return AdapterDownload.open(get(name), store);
    }

    /**
     * What is to be verified.
     *
     * @param name resource name of an adapter or a run, or empty
     * @param path PEFT folder, or empty
     * @param model resource name; may be empty for an adapter that was loaded
     */
    public record Verification(String name, String path, String model, List<ProbeQuestion> probe) {
        public Verification {
            probe = List.copyOf(probe);
        }
    }

    /** Tells which tensors fit, and what the adapter changes. */
    public AdapterProof verify(Verification request, Cancellation cancellation) {
        boolean named = !request.name().isEmpty() && !request.name().startsWith("runs/");
        Optional<AdapterRecord> record =
                named ? Optional.of(names.get(request.name(), "name")) : Optional.empty();
        String wanted =
                request.model().isEmpty()
                        ? record.map(AdapterRecord::use).map(Use::model).orElse("")
                        : request.model();
        try (ModelLease lease = models.lease(wanted, "model")) {
            ServedModel model = lease.served();
            Optional<ServedAdapter> live =
                    record.flatMap(r -> names.inMemory(r.id()))
                            .filter(a -> a.use().modelDigest().equals(model.model().digest()));
            String name = record.map(AdapterRecord::name).orElse("");
            return live.map(a -> proof(a, model, request, cancellation))
                    .orElseGet(() ->
                            proof(source(request, record), name, model, request, cancellation));
        }
    }

    private Source source(Verification request, Optional<AdapterRecord> record) {
        return record.filter(AdapterRecord::isTemporary)
                .map(r -> sources.find(r.source(), "", "name"))
                .orElseGet(() -> sources.find(request.path(), request.name(), "name"));
    }

    private AdapterProof proof(
            ServedAdapter served,
            ServedModel model,
            Verification request,
            Cancellation cancellation) {
        AdapterEffect effect =
                proofs.effect(model, served.adapter(), request.probe(), cancellation);
        return new AdapterProof(
                served.record().name(),
                model.name(),
                served.adapter().digest(),
                served.match(),
                Optional.of(effect));
    }

    private AdapterProof proof(
            Source source,
            String name,
            ServedModel model,
            Verification request,
            Cancellation cancellation) {
        Candidate candidate = proofs.read(model, source.folder(), source.field());
        Optional<AdapterEffect> effect = Optional.empty();
        if (candidate.match().isComplete()) {
            LoraAdapter adapter = proofs.fitted(model, candidate, source.folder(), source.field());
            effect = Optional.of(proofs.effect(model, adapter, request.probe(), cancellation));
        }
        String digest = candidate.peft().digest();
        return new AdapterProof(name, model.name(), digest, candidate.match(), effect);
    }

    /**
     * The adapter for one call.
     *
     * @param name empty for the model alone
     */
    Optional<LoraAdapter> forCall(String name, ServedModel model) {
        return name.isEmpty() ? Optional.empty() : Optional.of(names.forCall(name, model));
    }
}
