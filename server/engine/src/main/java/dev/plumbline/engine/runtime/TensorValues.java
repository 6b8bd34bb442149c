package dev.plumbline.engine.runtime;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Our tensors as ONNX Runtime's values, and back; the elements are never copied. */
final class TensorValues {
    private static final MethodHandle PPLPLIP = OrtApi.handle(Signature.PPLPLIP);

    private TensorValues() {}

    /** A value over the tensor's memory, which must outlive it. */
    static Handle wrap(Environment environment, Tensor tensor, Scratch scratch) {
        OrtApi api = environment.api();
        // A pointer to nothing would be refused, even where there is nothing to read.
        MemorySegment memory = tensor.byteSize() == 0 ? scratch.second() : tensor.segment();
        OrtFunction function = OrtFunction.CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE;
        try {
            MemorySegment status =
                    (MemorySegment)
                            PPLPLIP.invokeExact(
                                    api.address(function, Signature.PPLPLIP),
                                    environment.mainMemory(),
                                    memory,
                                    tensor.byteSize(),
                                    scratch.sizes(tensor.shape()),
                                    (long) tensor.shape().rank(),
                                    tensor.dtype().onnxCode(),
                                    scratch.out());
            api.status().check(function, status);
        } catch (Throwable e) {
            throw OrtApi.unexpected(e);
        }
        return new Handle(api, OrtFunction.RELEASE_VALUE, scratch.pointerOut());
    }

    /** A view of a value's memory, to be used only while the scope is open. */
    static Tensor view(OrtApi api, MemorySegment value, ViewScope scope, Scratch scratch) {
        api.call(OrtFunction.GET_TENSOR_TYPE_AND_SHAPE, value, scratch.out());
        DType dtype;
        Shape shape;
        try (Handle info =
                new Handle(
                        api,
                        OrtFunction.RELEASE_TENSOR_TYPE_AND_SHAPE_INFO,
                        scratch.pointerOut())) {
            api.call(OrtFunction.GET_TENSOR_ELEMENT_TYPE, info.pointer(), scratch.out());
            dtype = DType.ofOnnx(scratch.intOut());
            api.call(OrtFunction.GET_DIMENSIONS_COUNT, info.pointer(), scratch.out());
            long rank = scratch.longOut();
            api.call(OrtFunction.GET_DIMENSIONS, info.pointer(), scratch.sizes(), rank);
            shape = scratch.shape((int) rank);
        }
        api.call(OrtFunction.GET_TENSOR_MUTABLE_DATA, value, scratch.out());
        long bytes = dtype.bytes(shape.elements());
        return Tensor.view(dtype, shape, scope.limit(scratch.pointerOut(), bytes));
    }
}
