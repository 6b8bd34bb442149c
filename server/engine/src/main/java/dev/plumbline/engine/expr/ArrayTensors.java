package dev.plumbline.engine.expr;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import java.util.Arrays;

/** A plugin's arrays as tensors, and back. */
final class ArrayTensors {
    private ArrayTensors() {}

    /** A copy in native memory, widened or rounded where the type is another. */
    static Tensor tensor(Array array, DType dtype) {
        Shape shape = Shape.of(Arrays.stream(array.shape()).asLongStream().toArray());
        if (dtype == DType.F64) {
            double[] values = array.isDouble() ? array.doubles() : widened(array.floats());
            return Tensor.ofDoubles(shape, values);
        }
        return Tensor.of(shape, array.isDouble() ? rounded(array.doubles()) : array.floats());
    }

    /** A tensor of F32 as one of another type. */
    static Tensor as(Tensor tensor, DType dtype) {
        return dtype == tensor.dtype()
                ? tensor
                : Tensor.ofDoubles(tensor.shape(), widened(tensor.toFloats()));
    }

    static Array array(Tensor tensor) {
        int[] shape = tensor.shape().sizes().stream().mapToInt(Math::toIntExact).toArray();
        return tensor.dtype() == DType.F64
                ? Array.of(tensor.toDoubles(), shape)
                : Array.of(tensor.toFloats(), shape);
    }

    /** An array of zeros of a tensor's type, with another number of rows. */
    static Array rows(Tensor like, int rows) {
        int[] shape = like.shape().sizes().stream().mapToInt(Math::toIntExact).toArray();
        shape[0] = rows;
        int size =
                Math.toIntExact(Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact));
        return like.dtype() == DType.F64
                ? Array.of(new double[size], shape)
                : Array.of(new float[size], shape);
    }

    /** Overwrites elements of an array, from one on, with all of a tensor of its type. */
    static void copy(Tensor from, Array to, int at) {
        int count = Math.toIntExact(from.shape().elements());
        if (from.dtype() == DType.F64) {
            from.read(0, to.doubles(), at, count);
        } else {
            from.read(0, to.floats(), at, count);
        }
    }

    private static double[] widened(float[] floats) {
        double[] doubles = new double[floats.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }

    private static float[] rounded(double[] doubles) {
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return floats;
    }
}
