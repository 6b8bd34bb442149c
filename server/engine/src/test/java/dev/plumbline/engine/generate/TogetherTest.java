package dev.plumbline.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.generate.SamplingOptions.Randomness;
import dev.plumbline.engine.generate.ServingWorld.Request;
import dev.plumbline.engine.generate.ServingWorld.Told;
import dev.plumbline.engine.runtime.Cancellation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is asked at the same time: everybody gets what he gets alone. */
class TogetherTest {
    private static final double MARGIN = 1e-3;
    private static final List<String> QUESTIONS =
            List.of(
                    "What is in the picture?",
                    "Is there a dog?",
                    "Describe the image in every detail that you can see, and then once more.",
                    "How many dots are there in the picture, and of what color are they all?");

    @TempDir static Path cache;

    @Test
    void oneKindOfPositions() throws Exception {
        try (ServingWorld world = new ServingWorld(cache)) {
            togetherAsAlone(world);
        }
    }

    @Test
    void picturesOfManySizesWithPositionsInThreeDirections() throws Exception {
        try (ServingWorld world = ServingWorld.of("qwen/tied-f32-new", cache)) {
            togetherAsAlone(world);
        }
    }

    private static void togetherAsAlone(ServingWorld world) throws Exception {
        List<Request> requests = requests(world, 32);
        List<Told> alone = alone(world, requests);
        for (int round = 0; round < 3; round++) {
            // In the second and third round, what was cached in the first is used.
            try (Generator generator =
                    new Generator(world.model, world.limits(6, 32, 16, round > 0))) {
                compare(requests, alone, together(generator, requests, round), round);
                compare(requests, alone, together(generator, requests, round + 3), round);
                assertThat(generator.waiting()).isZero();
                assertThat(generator.requests()).isZero();
                assertThat(generator.prefixes().hits() > 0).isEqualTo(round > 0);
            }
        }
    }

    private static List<Request> requests(ServingWorld world, int count) {
        Random random = new Random(5);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Randomness randomness =
                    i % 2 == 0 ? Randomness.GREEDY : new Randomness(1.2, 0.95, 0, 100 + i);
            SamplingOptions options =
                    new SamplingOptions(
                            1 + random.nextInt(60), randomness, i % 5 == 0 ? 1.2 : 1, List.of(), 2);
            requests.add(
                    world.ask(
                            QUESTIONS.get(random.nextInt(QUESTIONS.size())),
                            random.nextInt(4) - 1,
                            random.nextInt(world.adapters.size()),
                            options));
        }
        return requests;
    }

    private static List<Told> alone(ServingWorld world, List<Request> requests) {
        List<Told> told = new ArrayList<>();
        for (Request request : requests) {
            try (Generator generator = new Generator(world.model, world.limits(1, 0, 512, false))) {
                told.add(ServingWorld.run(generator, request, new Cancellation()));
            }
        }
        return told;
    }

    /** All at once; every third is cancelled after some pieces, or before its first. */
    private static List<Told> together(Generator generator, List<Request> requests, int seed)
            throws ExecutionException, InterruptedException {
        Random random = new Random(seed);
        List<Future<Told>> futures = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < requests.size(); i++) {
                Request request = requests.get(i);
                int pieces = i % 3 == 1 ? random.nextInt(12) : Integer.MAX_VALUE;
                futures.add(callers.submit(() -> cancelledAfter(generator, request, pieces)));
            }
        }
        List<Told> told = new ArrayList<>();
        for (Future<Told> future : futures) {
            told.add(future.get());
        }
        return told;
    }

    private static Told cancelledAfter(Generator generator, Request request, int pieces) {
        Cancellation cancellation = new Cancellation();
        int[] seen = {0};
        if (pieces == 0) {
            cancellation.cancel();
        }
        return ServingWorld.run(
                generator,
                request,
                cancellation,
                piece -> {
                    if (++seen[0] == pieces) {
                        cancellation.cancel();
                    }
                });
    }

    private static void compare(
            List<Request> requests, List<Told> alone, List<Told> together, int round) {
        for (int i = 0; i < requests.size(); i++) {
            Told one = alone.get(i);
            Told all = together.get(i);
            if (all.completion().isPresent()) {
                assertThat(all.pieces()).as("request %d", i).hasSameSizeAs(one.pieces());
                assertThat(all.completion()).isEqualTo(one.completion());
            } else {
                assertThat(all.failure())
                        .as("request %d of round %d", i, round)
                        .isEqualTo("CANCELLED");
            }
            comparePieces(i, one, all);
        }
    }

    private static void comparePieces(int request, Told one, Told all) {
        for (int t = 0; t < all.pieces().size(); t++) {
            Piece expected = one.pieces().get(t);
            Piece got = all.pieces().get(t);
            if (!got.tokenIds().equals(expected.tokenIds())) {
                List<TokenLogprob> top = expected.topLogprobs().getFirst();
                assertThat(top.get(0).logprob() - top.get(1).logprob())
                        .as("margin of request %d at token %d", request, t)
                        .isLessThan(MARGIN);
                return;
            }
            assertThat(got.text()).isEqualTo(expected.text());
            for (int k = 0; k < got.logprobs().size(); k++) {
                assertThat(got.logprobs().get(k))
                        .isCloseTo(expected.logprobs().get(k), within(1e-4));
            }
        }
    }
}
