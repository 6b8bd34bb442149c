package dev.plumbline.plugins.noise;

import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Raster;
import dev.plumbline.spi.Workshop;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.pf4j.Extension;

/**
 * The row's own picture, diffused forward to a step: {@code x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 -
 * alpha_bar_t) epsilon} with pixels in [-1, 1] (Ho et al. 2020, arXiv 2006.11239, Eq. 4), by the
 * schedule of that paper or, as contrastive decoding uses it, by a sigmoid one (Leng et al. 2023,
 * arXiv 2311.16922).
 */
@Extension
public final class NoiseSelector implements NegativeSelector {
    private static final int STEPS = 1000;

    @Override
    public String name() {
        return "noise";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                OptionSpec.integer(
                        "step", 500, 1, STEPS, "Of 1,000 steps of diffusion, how many are taken."),
                OptionSpec.choice(
                        "schedule",
                        List.of("linear", "sigmoid"),
                        "How noise grows: beta from 1e-4 to 0.02, or 1e-5 to 5e-3 by a sigmoid."));
    }

    @Override
    public Chooser open(Workshop workshop, Options options) {
        double kept = kept(options.integer("step"), options.text("schedule").equals("sigmoid"));
        return selection -> {
            Raster own = selection.image();
            return Choice.greedy(
                    Stream.generate(() -> diffused(own, kept, selection.random()))
                            .limit(selection.k())
                            .map(picture -> Negative.made(picture, 0))
                            .toList());
        };
    }

    /** {@code alpha_bar_t}: the product of {@code 1 - beta_s} up to the step. */
    static double kept(int step, boolean sigmoid) {
        double product = 1;
        for (int s = 0; s < step; s++) {
            double along = (double) s / (STEPS - 1);
            double beta =
                    sigmoid
                            ? 1e-5 + (5e-3 - 1e-5) / (1 + Math.exp(-(12 * along - 6)))
                            : 1e-4 + (0.02 - 1e-4) * along;
            product *= 1 - beta;
        }
        return product;
    }

    private static Raster diffused(Raster own, double kept, RandomGenerator random) {
        byte[] rgb = new byte[own.rgb().length];
        double signal = Math.sqrt(kept);
        double noise = Math.sqrt(1 - kept);
        for (int i = 0; i < rgb.length; i++) {
            double x = (own.rgb()[i] & 0xff) / 127.5 - 1;
            double diffused = signal * x + noise * random.nextGaussian();
            rgb[i] = (byte) Math.clamp(Math.round((diffused + 1) * 127.5), 0, 255);
        }
        return new Raster(own.width(), own.height(), rgb);
    }
}
