package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.train.TrainingSession;
import dev.plumbline.server.store.RunSpec;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Sessions in which clients train step by step: few, each used by one call at a time, and closed
 * where nobody uses them any more.
 */
@Singleton
public final class TrainingSessions {
    static final int MOST = 4;
    private static final Duration IDLE = Duration.ofMinutes(30);
    private static final Logger LOG = Logger.getLogger(TrainingSessions.class);
    private static final int QUEUE = 64;

    private final RunPlanner planner;
    private final TrainingTurn turn;
    private final Duration idle;
    private final BoundedPool thread = new BoundedPool("session", 1, QUEUE);
    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("plumbline-session-clock").factory());

    /** The open ones, by id. */
    private final Map<String, LiveSession> sessions = new TreeMap<>();

    /** Places of sessions that are being opened. */
    private int opening;

    private boolean stopped;

    @Inject
    public TrainingSessions(RunPlanner planner, RunService runs) {
        this(planner, runs.turn(), IDLE);
    }

    /**
     * @param idle how long a session may be unused
     */
    TrainingSessions(RunPlanner planner, TrainingTurn turn, Duration idle) {
        this.planner = planner;
        this.turn = turn;
        this.idle = idle;
        long period = Math.max(1, idle.toMillis() / 30);
        var _ = clock.scheduleWithFixedDelay(this::expire, period, period, TimeUnit.MILLISECONDS);
    }

    /** The one thread on which sessions are used. */
    public BoundedPool thread() {
        return thread;
    }

    /**
     * Opens a session; reads its data and loads what it needs.
     *
     * @throws PlumblineException {@code TOO_MANY_SESSIONS}, or what is wrong with the spec
     */
    public SessionRecord create(RunSpec spec) {
        SessionSpecs.requireUsable(spec);
        takePlace();
        Optional<LiveSession> opened = Optional.empty();
        try {
            opened = Optional.of(open(spec));
        } finally {
            settle(opened);
        }
        return opened.orElseThrow().record();
    }

    private synchronized void takePlace() {
        if (stopped) {
            throw BoundedPool.stopping();
        }
        if (sessions.size() + opening >= MOST) {
            throw new PlumblineException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "TOO_MANY_SESSIONS",
                    "%d training sessions are open already: close one with CloseTrainingSession"
                            .formatted(MOST),
                    Map.of("limit", Integer.toString(MOST), "open", String.join(", ", names())));
        }
        opening++;
    }

    private synchronized void settle(Optional<LiveSession> opened) {
        opening--;
        opened.ifPresent(live -> {
            if (stopped) {
                live.close();
                throw BoundedPool.stopping();
            }
            sessions.put(live.id(), live);
        });
    }

    private LiveSession open(RunSpec spec) {
        PlannedRun planned = planner.plan(spec);
        planned.requirePossible();
        // Nothing is mined for it, so it needs no folder of its own.
        PreparedRun prepared =
                planner.prepare(spec, planned.model(), Path.of(""), (phase, done, total) -> {});
        try {
            var served = prepared.lease().served();
            var session =
                    TrainingSession.open(
                            served.model(),
                            prepared.plugins(),
                            prepared.spec(),
                            planned.plan(),
                            prepared.rows(),
                            served.scorer().store());
            return new LiveSession(spec, planned.plan(), prepared, session);
        } catch (RuntimeException | Error e) {
            prepared.close();
            throw e;
        }
    }

    /**
     * Uses a session; on {@link #thread}, while no run makes a step.
     *
     * @throws PlumblineException {@code SESSION_NOT_FOUND}; further whatever the use throws
     */
    public <T> T use(String name, Function<TrainingSession, T> work) {
        LiveSession live = find(name);
        try {
            return turn.take(() -> work.apply(live.session()));
        } finally {
            live.touch();
        }
    }

    /** The folder that a session's state goes to, made where there is none. */
    public static Path output(String output) {
        Path folder = Paths.of(output, "output");
        Outputs.create(folder, "output");
        return folder;
    }

    /** Goes to a saved state; as {@link #use}. */
    public SessionRecord load(String name, String path) {
        Path saved = Paths.of(path, "path");
        use(
                name,
                session -> {
                    session.load(saved);
                    return session;
                });
        return find(name).record();
    }

    /** Closes a session; on {@link #thread}. */
    public void close(String name) {
        LiveSession live = find(name);
        forget(live.id());
        live.close();
    }

    private synchronized LiveSession find(String name) {
        LiveSession live = sessions.get(LiveSession.id(name));
        if (live == null) {
            throw ResourceNames.notFound("session", name, "session", names());
        }
        return live;
    }

    private synchronized List<String> names() {
        return sessions.values().stream().map(LiveSession::name).toList();
    }

    private synchronized void forget(String id) {
        sessions.remove(id);
    }

    /** On the thread of the calls: a session in use is not idle. */
    private void expire() {
        try {
            thread.execute(this::closeIdle);
        } catch (PlumblineException e) {
            LOG.debugf("sessions are busy: %s", e.getMessage());
        }
    }

    private synchronized void closeIdle() {
        Iterator<LiveSession> open = sessions.values().iterator();
        while (open.hasNext()) {
            LiveSession live = open.next();
            if (live.idleNanos() > idle.toNanos()) {
                LOG.infof("%s was not used for %s and is closed", live.name(), idle);
                open.remove();
                live.close();
            }
        }
    }

    void stop(Duration patience) {
        clock.shutdownNow();
        synchronized (this) {
            stopped = true;
        }
        thread.stop(patience);
        synchronized (this) {
            sessions.values().forEach(LiveSession::close);
            sessions.clear();
        }
    }
}
