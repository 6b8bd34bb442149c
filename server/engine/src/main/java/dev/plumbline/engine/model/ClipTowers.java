package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.CheckpointWeights;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The sessions of CLIP's two towers over one copy of the weights. */
final class ClipTowers implements AutoCloseable {
    /**
     * Patches or tokens in one run: enough to keep all threads busy, few enough for their caches.
     */
    private static final int POSITIONS_PER_RUN = 1100;

    private final ClipConfig config;
    private final Weights weights;
    private final Session images;
    private final Session texts;

    private ClipTowers(ClipConfig config, Weights weights, Session images, Session texts) {
        this.config = config;
        this.weights = weights;
        this.images = images;
        this.texts = texts;
    }

    /**
     * @param kept closed with the towers, and if this fails
     */
    static ClipTowers open(ClipConfig config, CheckpointWeights kept, Runtime runtime) {
        Weights weights = runtime.weights(kept.tensors(), kept::close);
        try {
            Session images = session(config.images(), weights, runtime);
            try {
                return new ClipTowers(
                        config, weights, images, session(config.texts(), weights, runtime));
            } catch (RuntimeException | Error e) {
                images.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    private static Session session(Graph graph, Weights weights, Runtime runtime) {
        return runtime.session(OnnxWriter.write(graph), weights, Device.CPU);
    }

    int picturesPerRun() {
        return picturesPerRun(config);
    }

    static int picturesPerRun(ClipConfig config) {
        return Math.max(1, POSITIONS_PER_RUN / (config.vision().patches() + 1));
    }

    int textsPerRun() {
        return Math.max(1, POSITIONS_PER_RUN / config.text().maxPositionEmbeddings());
    }

    /** One row a picture of {@code pixel_values}, each of length 1. */
    List<float[]> images(Map<String, Tensor> pixels, Cancellation cancellation) {
        return rows(images, pixels, cancellation);
    }

    /** One row a text, each of length 1. */
    List<float[]> texts(List<ClipTokens> batch, Cancellation cancellation) {
        int width = batch.stream().mapToInt(text -> text.ids().length).max().orElseThrow();
        // Nobody looks at what follows a text's end, so that any token may stand there.
        long[] ids = new long[batch.size() * width];
        // Never one row alone, whose products would be computed in another way.
        long[] ends = new long[Math.max(2, batch.size())];
        for (int row = 0; row < batch.size(); row++) {
            int[] own = batch.get(row).ids();
            for (int i = 0; i < own.length; i++) {
                ids[row * width + i] = own[i];
            }
            ends[row] = (long) row * width + batch.get(row).end();
        }
        long[] positions = new long[width];
        for (int i = 0; i < width; i++) {
            positions[i] = i;
        }
        Map<String, Tensor> inputs =
                Map.of(
                        "input_ids", Tensor.of(Shape.of(batch.size(), width), ids),
                        "positions", Tensor.of(Shape.of(width), positions),
                        "ends", Tensor.of(Shape.of(ends.length), ends));
        return rows(texts, inputs, cancellation).subList(0, batch.size());
    }

    private List<float[]> rows(
            Session session, Map<String, Tensor> inputs, Cancellation cancellation) {
        try (Results results = session.run(inputs, List.of("embeddings"), cancellation)) {
            Tensor embeddings = results.get("embeddings");
            List<float[]> rows = new ArrayList<>();
            for (long row = 0; row < embeddings.shape().get(0); row++) {
                rows.add(normalized(embeddings.slice(row, row + 1).toFloats()));
            }
            return rows;
        }
    }

    private static float[] normalized(float[] row) {
        double squares = 0;
        for (float value : row) {
            squares += (double) value * value;
        }
        double length = Math.sqrt(squares);
        if (!(length > 0) || Double.isInfinite(length)) {
            throw new PlumblineException(
                    ErrorCode.DATA_LOSS,
                    "EMBEDDING_NOT_FINITE",
                    "the CLIP model makes a vector of length %s; check its weights"
                            .formatted(length),
                    Map.of("length", Double.toString(length)));
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (row[i] / length);
        }
        return row;
    }

    @Override
    public void close() {
        images.close();
        texts.close();
        weights.close();
    }
}
