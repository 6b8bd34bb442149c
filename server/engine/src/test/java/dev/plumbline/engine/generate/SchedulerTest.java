package dev.plumbline.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.ServingWorld.Request;
import dev.plumbline.engine.generate.ServingWorld.Told;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Queues, slow readers, ends that come too soon. */
@Timeout(60)
class SchedulerTest {
    @TempDir static Path cache;

    private static ServingWorld world;
    private static Request request;

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void load() throws IOException {
        world = new ServingWorld(cache);
        request = world.ask("What is in the picture?", 0, 0, SamplingOptions.greedy(60));
    }

    @AfterAll
    static void close() {
        world.close();
    }

    @Test
    void aSlowReaderStopsOnlyItself() throws Exception {
        try (Generator generator = new Generator(world.model, world.limits(2, 0, 64, true))) {
            CountDownLatch reads = new CountDownLatch(1);
            Future<Told> slow = stalled(generator, 2, reads);
            await(() -> generator.decodeSteps() >= Handoff.CAPACITY + 1);
            long before = generator.decodeSteps();
            Told quick = ServingWorld.run(generator, request, new Cancellation());
            assertThat(quick.completion()).isPresent();
            assertThat(generator.decodeSteps() - before)
                    .isBetween(quick.ids().size() - 1L, quick.ids().size() + 1L);
            assertThat(slow.isDone()).isFalse();
            reads.countDown();
            assertThat(slow.get().ids()).isEqualTo(quick.ids());
        }
    }

    @Test
    void aSlowReaderThatIsCancelledLeavesItsSlot() throws Exception {
        try (Generator generator = new Generator(world.model, world.limits(1, 1, 64, true))) {
            CountDownLatch reads = new CountDownLatch(1);
            Cancellation cancellation = new Cancellation();
            Future<Told> slow = stalled(generator, 2, reads, cancellation);
            await(() -> generator.decodeSteps() >= Handoff.CAPACITY);
            Future<Told> next =
                    callers.submit(() -> ServingWorld.run(generator, request, new Cancellation()));
            await(() -> generator.waiting() == 1);
            cancellation.cancel();
            // The reader of the first is stuck still.
            assertThat(next.get().completion()).isPresent();
            reads.countDown();
            assertThat(slow.get().failure()).isEqualTo("CANCELLED");
        }
    }

    @Test
    void whatIsCancelledInTheQueueLeavesAtOnce() throws Exception {
        try (Generator generator = new Generator(world.model, world.limits(1, 2, 64, true))) {
            CountDownLatch reads = new CountDownLatch(1);
            Future<Told> first = stalled(generator, 1, reads);
            await(() -> generator.decodeSteps() >= Handoff.CAPACITY);
            Cancellation cancellation = new Cancellation();
            Future<Told> second =
                    callers.submit(() -> ServingWorld.run(generator, request, cancellation));
            Future<Told> third =
                    callers.submit(() -> ServingWorld.run(generator, request, new Cancellation()));
            await(() -> generator.waiting() == 2);
            // As a deadline does that passes in the queue.
            cancellation.cancel();
            assertThat(second.get(5, TimeUnit.SECONDS).failure()).isEqualTo("CANCELLED");
            assertThat(second.get().pieces()).isEmpty();
            assertThat(generator.waiting()).isEqualTo(1);
            assertThat(first.isDone()).isFalse();
            reads.countDown();
            assertThat(third.get().ids()).isEqualTo(first.get().ids());
        }
    }

    @Test
    void aFullQueueRefusesAndSaysWhenToComeBack() throws Exception {
        try (Generator generator = new Generator(world.model, world.limits(1, 1, 64, true))) {
            CountDownLatch reads = new CountDownLatch(1);
            Future<Told> first = stalled(generator, 1, reads);
            await(() -> generator.requests() == 1);
            Future<Told> second =
                    callers.submit(() -> ServingWorld.run(generator, request, new Cancellation()));
            await(() -> generator.requests() == 2);
            PlumblineException full =
                    catchThrowableOfType(
                            PlumblineException.class,
                            () ->
                                    generator.generate(
                                            request.messages(),
                                            request.adapter(),
                                            request.options(),
                                            new Cancellation(),
                                            piece -> {}));
            assertThat(full.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
            assertThat(full.reason()).isEqualTo("QUEUE_FULL");
            assertThat(full.metadata()).containsEntry("retry_after_seconds", "1");
            reads.countDown();
            assertThat(second.get().ids()).isEqualTo(first.get().ids());
            assertThat(generator.requests()).isZero();
        }
    }

    @Test
    void withLittleMemoryRequestsTakeTurns() throws Exception {
        long perToken = world.model.facts().cacheBytesPerToken();
        int need = ServingWorld.run(generator(), request, new Cancellation()).ids().size() + 60;
        ServingLimits little = new ServingLimits(8, 150 * perToken, 0, 64, 32);
        assertThat(need).isLessThan(150);
        try (Generator generator = new Generator(world.model, little)) {
            List<Future<Told>> futures = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                futures.add(
                        callers.submit(
                                () -> ServingWorld.run(generator, request, new Cancellation())));
            }
            List<Integer> expected = futures.getFirst().get().ids();
            for (Future<Told> future : futures) {
                assertThat(future.get().ids()).isEqualTo(expected).isNotEmpty();
            }
            Request tooLong =
                    world.ask("What is it? ".repeat(60), -1, 0, SamplingOptions.greedy(1));
            assertThat(ServingWorld.run(generator, tooLong, new Cancellation()).failure())
                    .isEqualTo("PROMPT_TOO_LONG");
        }
    }

    @Test
    void aReaderThatFailsLeavesItsSlot() {
        try (Generator generator = new Generator(world.model, world.limits(1, 0, 64, true))) {
            for (int i = 0; i < 3; i++) {
                IllegalStateException failure =
                        catchThrowableOfType(
                                IllegalStateException.class,
                                () ->
                                        ServingWorld.run(
                                                generator,
                                                request,
                                                new Cancellation(),
                                                piece -> {
                                                    throw new IllegalStateException("gone");
                                                }));
                assertThat(failure).hasMessage("gone");
            }
            assertThat(ServingWorld.run(generator, request, new Cancellation()).completion())
                    .isPresent();
        }
    }

    @Test
    void whatTheModelCannotRunFailsAlone() throws Exception {
        Path other = ServingWorld.RESOURCES.resolve("llava/grouped-tied-bf16-sharded-new");
        try (ServingWorld foreign = new ServingWorld(other.resolve("model"), cache);
                Generator generator = new Generator(world.model, world.limits(4, 4, 64, true))) {
            LoraAdapter adapter = LoraAdapter.read(foreign.model, other.resolve("adapter"));
            Request wrong =
                    new Request(request.messages(), Optional.of(adapter), request.options());
            Future<Told> sound =
                    callers.submit(() -> ServingWorld.run(generator, request, new Cancellation()));
            assertThat(ServingWorld.run(generator, wrong, new Cancellation()).failure())
                    .isEqualTo("ONNX_RUNTIME");
            assertThat(sound.get().completion()).isPresent();
            assertThat(ServingWorld.run(generator, request, new Cancellation()).ids())
                    .isEqualTo(sound.get().ids());
        }
    }

    @Test
    void answersAsBeforeAfterItsMemoryWasGivenBack() throws Exception {
        Duration patience = Duration.ofMillis(5);
        try (Generator other = generator()) {
            // So that the sessions are there, and are not counted below.
            ServingWorld.run(other, request, new Cancellation());
        }
        try (Generator generator =
                new Generator(world.model, world.limits(2, 2, 64, true), patience)) {
            long handles = world.liveHandles();
            Told first = ServingWorld.run(generator, request, new Cancellation());
            for (int i = 0; i < 3; i++) {
                await(() -> world.liveHandles() == handles);
                assertThat(ServingWorld.run(generator, request, new Cancellation()).ids())
                        .isEqualTo(first.ids());
            }
        }
    }

    @Test
    void closingEndsWhatIsUnderWayAndWhatWaits() throws Exception {
        Generator generator = new Generator(world.model, world.limits(1, 4, 64, true));
        CountDownLatch reads = new CountDownLatch(1);
        Future<Told> first = stalled(generator, 1, reads);
        await(() -> generator.decodeSteps() >= Handoff.CAPACITY);
        Future<Told> second =
                callers.submit(() -> ServingWorld.run(generator, request, new Cancellation()));
        await(() -> generator.waiting() == 1);
        generator.close();
        assertThat(second.get().failure()).isEqualTo("MODEL_UNLOADED");
        reads.countDown();
        assertThat(first.get().failure()).isEqualTo("MODEL_UNLOADED");
        assertThat(ServingWorld.run(generator, request, new Cancellation()).failure())
                .isEqualTo("MODEL_UNLOADED");
    }

    private static Generator generator() {
        return new Generator(world.model, world.limits(1, 0, 64, false));
    }

    private Future<Told> stalled(Generator generator, int piece, CountDownLatch until) {
        return stalled(generator, piece, until, new Cancellation());
    }

    /** Stops reading at a piece. */
    private Future<Told> stalled(
            Generator generator, int piece, CountDownLatch until, Cancellation cancellation) {
        int[] seen = {0};
        return callers.submit(() ->
                ServingWorld.run(
                        generator,
                        request,
                        cancellation,
                        p -> {
                            if (++seen[0] == piece) {
                                CompletableFuture.runAsync(() -> join(until)).join();
                            }
                        }));
    }

    private static void join(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(1);
        }
    }
}
