package dev.plumbline.engine.generate;

import dev.plumbline.engine.checkpoint.StreamDecoder;
import dev.plumbline.engine.model.LoadedModel;
import java.util.List;
import java.util.function.Consumer;

/** An answer so far, and how it is told. */
final class Answer {
    private final LoadedModel model;
    private final Consumer<Piece> pieces;
    private final boolean alternatives;
    private final StreamDecoder decoder;
    private final StopText stopText;
    private boolean ended;

    Answer(LoadedModel model, SamplingOptions options, Consumer<Piece> pieces) {
        this.model = model;
        this.pieces = pieces;
        this.alternatives = options.topLogprobs() > 0;
        this.decoder = new StreamDecoder(model.tokenizer());
        this.stopText = new StopText(options.stop());
    }

    /** Hands a token on. */
    void add(Sampled sampled) {
        int token = sampled.token();
        boolean end = model.endIds().contains(token);
        String text = stopText.push(end ? "" : decoder.push(token));
        ended = end || stopText.reached();
        pieces.accept(
                new Piece(
                        text,
                        List.of(token),
                        List.of(sampled.logprob()),
                        alternatives ? List.of(sampled.top()) : List.of()));
    }

    /** Whether it has come to its own end. */
    boolean ended() {
        return ended;
    }

    /** Tells what was held back. */
    void finish() {
        String rest = stopText.reached() ? "" : stopText.push(decoder.finish());
        ended |= stopText.reached();
        rest += stopText.finish();
        if (!rest.isEmpty()) {
            pieces.accept(new Piece(rest, List.of(), List.of(), List.of()));
        }
    }
}
