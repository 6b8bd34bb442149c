package dev.plumbline.engine.runtime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The weights that a model only names, and that come to it from our memory. */
final class ExternalWeights {
    /** The location that models give for them. */
    private static final String LOCATION = "weights";

    // Fields of onnx.proto.
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int TENSOR_SIZES = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_DATA_LOCATION = 14;
    private static final int EXTERNAL = 1;

    /** What a model says of a weight. */
    record Declaration(String name, int onnxType, List<Long> sizes) {
        Declaration {
            sizes = List.copyOf(sizes);
        }

        boolean matches(Tensor tensor) {
            return tensor.dtype().onnxCode() == onnxType && tensor.shape().sizes().equals(sizes);
        }
    }

    private ExternalWeights() {}

    /**
     * A folder with a file of the name that models give as the place of their weights. ONNX Runtime
     * demands that it exist, and reads nothing from it.
     */
    static Path folder(Path nativeFolder) {
        Path folder = nativeFolder.resolve("external");
        try {
            Files.createDirectories(folder);
            Path file = folder.resolve(LOCATION);
            if (!Files.exists(file)) {
                Files.write(file, new byte[1]);
            }
            // ONNX Runtime refuses symbolic links that lead out of the folder.
            return folder.toRealPath();
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "FOLDER_NOT_WRITABLE",
                            "%s could not be made (%s); check that the disk has room and may be written"
                                    .formatted(folder, e),
                            Map.of("folder", folder.toString()))
                    .causedBy(e);
        }
    }

    /** Those of a model; none of bytes that are no model, which ONNX Runtime will refuse. */
    static List<Declaration> declarations(byte[] model) {
        List<Declaration> weights = new ArrayList<>();
        try {
            CodedInputStream in = CodedInputStream.newInstance(model);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (isMessage(tag, MODEL_GRAPH)) {
                    int end = in.pushLimit(in.readRawVarint32());
                    readGraph(in, weights);
                    in.popLimit(end);
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return weights;
    }

    private static void readGraph(CodedInputStream in, List<Declaration> weights)
            throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, GRAPH_INITIALIZER)) {
                int end = in.pushLimit(in.readRawVarint32());
                readTensor(in, weights);
                in.popLimit(end);
            } else {
                in.skipField(tag);
            }
        }
    }

    private static void readTensor(CodedInputStream in, List<Declaration> weights)
            throws IOException {
        String name = "";
        int type = 0;
        boolean external = false;
        List<Long> sizes = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case TENSOR_SIZES -> readSizes(in, tag, sizes);
                case TENSOR_TYPE -> type = in.readInt32();
                case TENSOR_NAME -> name = in.readString();
                case TENSOR_DATA_LOCATION -> external = in.readEnum() == EXTERNAL;
                default -> in.skipField(tag);
            }
        }
        if (external) {
            weights.add(new Declaration(name, type, sizes));
        }
    }

    /** Numbers in a row come packed or one by one. */
    private static void readSizes(CodedInputStream in, int tag, List<Long> sizes)
            throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
            sizes.add(in.readInt64());
            return;
        }
        int end = in.pushLimit(in.readRawVarint32());
        while (!in.isAtEnd()) {
            sizes.add(in.readInt64());
        }
        in.popLimit(end);
    }

    private static boolean isMessage(int tag, int field) {
        return WireFormat.getTagFieldNumber(tag) == field
                && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}
