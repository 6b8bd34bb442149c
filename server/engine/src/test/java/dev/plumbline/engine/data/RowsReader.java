package dev.plumbline.engine.data;

import java.nio.file.Path;
import java.util.SplittableRandom;

/** A process of its own, to have little memory: reads a data set and some of its rows at random. */
final class RowsReader {
    private static final int SOME = 2000;

    private RowsReader() {}

    /** Arguments: file and cache. */
    public static void main(String[] arguments) {
        PreferenceData data =
                PreferenceData.read(
                                PreferenceData.Source.of(Path.of(arguments[0])),
                                Path.of(arguments[1]))
                        .under(BadRowPolicy.STOP);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < SOME; i++) {
            int row = random.nextInt(data.rows().size());
            String prompt = data.rows().get(row).prompt();
            if (!prompt.equals("Question " + row)) {
                throw new AssertionError("row " + row + " asks " + prompt);
            }
        }
        System.out.println(data.rows().size() + " rows of " + data.format().label());
    }
}
