package dev.plumbline.server.grpc;

import dev.plumbline.server.service.AdapterLoad;
import dev.plumbline.server.service.AdapterProof;
import dev.plumbline.server.service.AdapterRegistry.Verification;
import dev.plumbline.server.service.EncodedImage;
import dev.plumbline.server.service.ProbeQuestion;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterRecord.StoredFile;
import dev.plumbline.server.store.AdapterRecord.Use;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterEffect;
import dev.plumbline.v1.AdapterFile;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.ProbeRow;
import dev.plumbline.v1.VerifyAdapterRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Adapters, from protobuf and back. */
final class AdapterMessages {
    private AdapterMessages() {}

    static AdapterLoad load(LoadAdapterRequest request) {
        return new AdapterLoad(
                request.getModel(),
                request.getPath(),
                request.getSource(),
                request.getAdapterId(),
                request.getAllowNoEffect(),
                request.getTemporary(),
                probe(request.getProbeList()));
    }

    static Verification verification(VerifyAdapterRequest request) {
        return new Verification(
                request.getName(),
                request.getPath(),
                request.getModel(),
                probe(request.getProbeList()));
    }

    private static List<ProbeQuestion> probe(List<ProbeRow> rows) {
        List<ProbeQuestion> questions = new ArrayList<>();
        for (ProbeRow row : rows) {
            String field = "probe[%d]".formatted(questions.size());
            Optional<EncodedImage> image =
                    row.hasImage()
                            ? Optional.of(
                                    new EncodedImage(
                                            field + ".image",
                                            row.getImage().getData().toByteArray()))
                            : Optional.empty();
            questions.add(new ProbeQuestion(field, row.getPrompt(), row.getAnswer(), image));
        }
        return questions;
    }

    static Adapter adapter(AdapterRecord adapter) {
        AdapterRecord.Facts facts = adapter.facts();
        Adapter.Builder message =
                Adapter.newBuilder()
                        .setName(adapter.name())
                        .setPath(adapter.source())
                        .setDigest(adapter.digest())
                        .setRank(facts.rank())
                        .setAlpha(facts.alpha())
                        .addAllTargetModules(facts.targets())
                        .setParameters(facts.parameters())
                        .setBaseModel(facts.baseModel())
                        .setState(adapter.loaded() ? Adapter.State.LOADED : Adapter.State.STORED)
                        .setTemporary(adapter.isTemporary());
        Use use = adapter.use();
        if (use != null) {
            message.setModel(use.model()).setEffect(effect(use.effect()));
        }
        return message.build();
    }

    private static AdapterEffect effect(dev.plumbline.engine.score.AdapterEffect effect) {
        return AdapterEffect.newBuilder()
                .setProbeRows(effect.rows())
                .setProbeTokens(effect.tokens())
                .setMean(effect.mean())
                .setMax(effect.max())
                .build();
    }

    static dev.plumbline.v1.AdapterProof proof(AdapterProof proof) {
        dev.plumbline.v1.AdapterProof.Builder message =
                dev.plumbline.v1.AdapterProof.newBuilder()
                        .setAdapter(proof.adapter())
                        .setModel(proof.model())
                        .setDigest(proof.digest())
                        .setBaseModel(proof.match().baseModel())
                        .addAllMatched(proof.match().matched())
                        .addAllMissing(proof.match().missing())
                        .setEffective(proof.isEffective());
        proof.match()
                .unmatched()
                .forEach(one ->
                        message.addUnmatchedBuilder().setTensor(one.tensor()).setReason(one.why()));
        proof.effect().ifPresent(effect -> message.setEffect(effect(effect)));
        return message.build();
    }

    static AdapterFile file(StoredFile file) {
        return AdapterFile.newBuilder()
                .setName(file.name())
                .setSize(file.size())
                .setSha256(file.sha256())
                .build();
    }
}
