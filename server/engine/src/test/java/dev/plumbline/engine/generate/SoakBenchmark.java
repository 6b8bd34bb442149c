package dev.plumbline.engine.generate;

import dev.plumbline.engine.generate.ServingWorld.Told;
import dev.plumbline.engine.runtime.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Very many requests, a third of which are cancelled while they are answered, and a third run past
 * a deadline, in the queue or later. Argument: how many; 10,000 unless told. Prints the memory as
 * it goes, and its slope.
 */
final class SoakBenchmark {
    private final ServingWorld world;
    private final Generator generator;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Random random = new Random(11);

    /**
     * What is left of a soak.
     *
     * @param bytesPerRequest slope of the resident memory over the second half
     */
    record Outcome(int answered, int cancelled, int refused, double bytesPerRequest) {}

    SoakBenchmark(ServingWorld world, Generator generator) {
        this.world = world;
        this.generator = generator;
    }

    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        Path cache = Files.createTempDirectory("soak");
        try (ServingWorld world = new ServingWorld(cache);
                Generator generator = new Generator(world.model, world.limits(8, 24, 32, true))) {
            System.out.println(new SoakBenchmark(world, generator).run(count, true));
            System.out.println(generator.prefixes());
            System.out.printf("waiting %d, inside %d%n", generator.waiting(), generator.requests());
        }
    }

    /** Waves of as many requests as may be in the house. */
    Outcome run(int count, boolean report) throws IOException {
        List<double[]> resident = new ArrayList<>();
        int[] ends = new int[3];
        int wave = 32;
        for (int done = 0; done < count; done += wave) {
            for (Told told : wave(done, wave)) {
                ends[
                        told.completion().isPresent()
                                ? 0
                                : told.failure().equals("CANCELLED") ? 1 : 2]++;
            }
            resident.add(new double[] {done, residentBytes()});
            if (report && done % 1024 == 0) {
                System.out.printf("%d requests: %.1f MB%n", done, residentBytes() / 1e6);
            }
        }
        clock.shutdown();
        return new Outcome(
                ends[0],
                ends[1],
                ends[2],
                slope(resident.subList(resident.size() / 2, resident.size())));
    }

    private List<Told> wave(int first, int size) {
        List<Future<Told>> futures = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < size; i++) {
                int kind = (first + i) % 3;
                var request =
                        world.ask(
                                "Question " + random.nextInt(40) + ": what is in the picture?",
                                random.nextInt(4) - 1,
                                random.nextInt(world.adapters.size()),
                                SamplingOptions.greedy(1 + random.nextInt(40)));
                int pieces = kind == 1 ? random.nextInt(10) : Integer.MAX_VALUE;
                Cancellation cancellation = new Cancellation();
                if (kind == 2) {
                    clock.schedule(cancellation::cancel, random.nextInt(30), TimeUnit.MILLISECONDS);
                }
                int[] seen = {0};
                futures.add(
                        callers.submit(() ->
                                ServingWorld.run(
                                        generator,
                                        request,
                                        cancellation,
                                        piece -> {
                                            if (seen[0]++ == pieces) {
                                                cancellation.cancel();
                                            }
                                        })));
            }
        }
        return futures.stream().map(SoakBenchmark::get).toList();
    }

    private static Told get(Future<Told> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Least squares. */
    private static double slope(List<double[]> points) {
        double meanX = points.stream().mapToDouble(p -> p[0]).average().orElse(0);
        double meanY = points.stream().mapToDouble(p -> p[1]).average().orElse(0);
        double over = points.stream().mapToDouble(p -> (p[0] - meanX) * (p[1] - meanY)).sum();
        double under = points.stream().mapToDouble(p -> (p[0] - meanX) * (p[0] - meanX)).sum();
        return over / under;
    }

    static long residentBytes() throws IOException {
        String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
        return Long.parseLong(pages[1]) * 4096;
    }
}
