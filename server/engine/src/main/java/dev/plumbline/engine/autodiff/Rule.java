package dev.plumbline.engine.autodiff;

import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.Value;

/** How a loss changes with one input of a node, given how it changes with the node's output. */
@FunctionalInterface
interface Rule {
    /**
     * Adds the nodes of one input's gradient; only asked for inputs that lead to a wanted one.
     *
     * @param dY gradient of the node's first output, of that output's dims
     * @param input index of the input
     * @return of the dims that the input has after broadcasting; the driver sums them down
     */
    Value gradient(Node node, Value dY, int input);
}
