package dev.plumbline.server.service;

import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.TrainingSession;
import dev.plumbline.server.store.RunSpec;

/** A training session that is open; holds model, plugins and rows until it is closed. */
final class LiveSession implements AutoCloseable {
    private static final String COLLECTION = "trainingSessions";

    private final String id = TimeOrderedIds.next();
    private final RunSpec spec;
    private final Plan plan;
    private final TrainingSession session;
    private final Closing held = new Closing();
    private volatile long usedAt = System.nanoTime();

    /**
     * @param plan what a run of these settings would take
     */
    LiveSession(RunSpec spec, Plan plan, PreparedRun prepared, TrainingSession session) {
        this.spec = spec;
        this.plan = plan;
        this.session = session;
        held.hold(prepared);
        held.hold(session);
    }

    /** The last part of a session's name. */
    static String id(String name) {
        return ResourceNames.id(COLLECTION, name, "session");
    }

    String id() {
        return id;
    }

    String name() {
        return COLLECTION + "/" + id;
    }

    TrainingSession session() {
        return session;
    }

    SessionRecord record() {
        return new SessionRecord(name(), spec, plan, session.steps());
    }

    void touch() {
        usedAt = System.nanoTime();
    }

    long idleNanos() {
        return System.nanoTime() - usedAt;
    }

    @Override
    public void close() {
        held.close();
    }
}
