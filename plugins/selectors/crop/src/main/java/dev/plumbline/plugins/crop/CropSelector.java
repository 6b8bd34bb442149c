package dev.plumbline.plugins.crop;

import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Raster;
import dev.plumbline.spi.Selection;
import dev.plumbline.spi.Workshop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.pf4j.Extension;

/**
 * The row's own picture with most of what it shows taken away: mDPO's random crop of 0 to 20 % of
 * the picture (Wang et al. 2024, arXiv 2406.11839, section 3.2), and its kin.
 */
@Extension
public final class CropSelector implements NegativeSelector {
    private static final int MOST_TRIES = 100;

    @Override
    public String name() {
        return "crop";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                OptionSpec.choice(
                        "kind",
                        List.of("crop", "mask", "rotate", "blur", "black"),
                        "What is done: crop keeps a part, mask blackens all but a part, rotate"
                                + " turns by 45 to 315 degrees, blur averages, black leaves nothing."),
                OptionSpec.number(
                        "share",
                        0.2,
                        0.001,
                        1,
                        "Most of the picture's area that crop and mask leave; of blur, the square's"
                                + " side as a share of the picture's."));
    }

    @Override
    public Chooser open(Workshop workshop, Options options) {
        String kind = options.text("kind");
        double share = options.number("share");
        return selection -> Choice.greedy(different(selection, kind, share));
    }

    /** As many as are wanted, no two alike. */
    private static List<Negative> different(Selection selection, String kind, double share) {
        Raster own = selection.image();
        List<Negative> made = new ArrayList<>();
        Set<ByteBuffer> seen = new HashSet<>(Set.of(ByteBuffer.wrap(own.rgb())));
        for (int i = 0; made.size() < selection.k(); i++) {
            if (i == MOST_TRIES * selection.k()) {
                throw new IllegalStateException(
                        "a picture of %d x %d gives no %d different ones by %s"
                                .formatted(own.width(), own.height(), selection.k(), kind));
            }
            Raster picture = spoilt(own, kind, share, selection.random());
            if (seen.add(ByteBuffer.wrap(picture.rgb()))) {
                made.add(Negative.made(picture, 0));
            }
        }
        return made;
    }

    private static Raster spoilt(Raster own, String kind, double share, RandomGenerator random) {
        return switch (kind) {
            case "crop" -> Pixels.crop(own, Window.random(own, share, random));
            case "mask" -> Pixels.mask(own, Window.random(own, share, random));
            case "rotate" -> Pixels.rotate(own, Math.toRadians(45 + 270 * random.nextDouble()));
            case "blur" -> Pixels.blur(own, radius(own, share, random), radius(own, share, random));
            case "black" -> Pixels.black(own, random);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** Between half of the wanted one and all of it. */
    private static int radius(Raster own, double share, RandomGenerator random) {
        double most = share * Math.min(own.width(), own.height()) / 2;
        return (int) Math.ceil(most * (0.5 + random.nextDouble() / 2));
    }
}
