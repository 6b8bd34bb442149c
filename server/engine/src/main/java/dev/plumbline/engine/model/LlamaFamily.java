package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.tensor.Shape;
import java.util.Map;
import java.util.Set;

/** A family whose text side is a Llama with pictures: what a new one need not write. */
interface LlamaFamily extends ModelFamily {
    LlamaWithPictures text();

    @Override
    default Map<String, Shape> linearModules() {
        return LlamaDecoder.linearModules(text().config());
    }

    @Override
    default RotaryTable rotary() {
        return text().config().rope().table();
    }

    @Override
    default Graph decoder(Set<String> adapted) {
        return text().decoder(adapted);
    }

    @Override
    default AnswerGraph answers(Projections projections) {
        return text().answers(projections);
    }
}
