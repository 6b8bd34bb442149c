package dev.plumbline.server.grpc;

import dev.plumbline.engine.select.PoolFile;
import dev.plumbline.server.store.PoolRecord;
import dev.plumbline.v1.Pool;
import dev.plumbline.v1.SkippedImage;

/** Pools as protobuf. */
final class PoolMessages {
    private static final int MOST_NAMED = 100;

    private PoolMessages() {}

    static Pool of(PoolRecord pool) {
        PoolFile.Facts facts = pool.facts();
        return Pool.newBuilder()
                .setName(pool.name())
                .setSource(facts.source().toString())
                .setImages(facts.images())
                .setSkippedTotal(facts.skippedCount())
                .addAllSkipped(
                        facts.skipped().stream()
                                .limit(MOST_NAMED)
                                .map(it ->
                                        SkippedImage.newBuilder()
                                                .setFile(it.file())
                                                .setReason(it.reason())
                                                .build())
                                .toList())
                .setExcludedCount(facts.excluded())
                .setClip(pool.origin().clip().folder())
                .setClipDigest(facts.clipDigest())
                .setDimension(facts.dimension())
                .setDigest(facts.digest())
                .setCreateTime(Times.timestamp(pool.origin().createTime()))
                .build();
    }
}
