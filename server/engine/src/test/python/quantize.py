"""Weights in blocks of 32 with one scale each, and back: numpy only, written apart from the engine.

As a module: quantize(rows, bits) and dequantize(numbers, scales, bits, columns).
As a program: writes the fixtures of BlockQuantizerTest (src/test/resources/tensor).
"""

import json
import pathlib
import struct

import numpy

BLOCK = 32


def blocks_of(rows):
    """[N, K] to [N, blocks, 32], padded with zeros."""
    rows = numpy.asarray(rows, dtype=numpy.float32)
    padding = -rows.shape[1] % BLOCK
    padded = numpy.pad(rows, [(0, 0), (0, padding)])
    return padded.reshape(rows.shape[0], -1, BLOCK)


def quantize(rows, bits):
    """The bytes [N, blocks, 16 or 32] and the scales [N, blocks] of rows [N, K]."""
    blocks = blocks_of(rows)
    where = numpy.abs(blocks).argmax(axis=-1, keepdims=True)
    largest = numpy.take_along_axis(blocks, where, axis=-1)
    if bits == 4:
        scales, zero_point, last = largest / numpy.float32(-8), 8, 15
    else:
        scales, zero_point, last = numpy.abs(largest) / numpy.float32(127), 128, 255
    with numpy.errstate(divide="ignore", invalid="ignore"):
        steps = numpy.where(scales == 0, numpy.float32(0), blocks / scales)
    # numpy.rint rounds halves to even.
    numbers = numpy.clip(numpy.rint(steps) + zero_point, 0, last).astype(numpy.uint8)
    if bits == 4:
        numbers = numbers[..., 0::2] | (numbers[..., 1::2] << 4)
    return numbers, scales[..., 0].astype(numpy.float32)


def dequantize(numbers, scales, bits, columns):
    """The weights [N, columns] that the bytes and scales stand for."""
    if bits == 4:
        low, high = numbers & 15, numbers >> 4
        numbers = numpy.stack([low, high], axis=-1).reshape(*numbers.shape[:-1], -1)
    steps = numbers.astype(numpy.float32) - numpy.float32(8 if bits == 4 else 128)
    weights = steps * scales[..., None]
    return weights.reshape(weights.shape[0], -1)[:, :columns]


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, array in tensors.items():
        kind = {"float32": "F32", "uint8": "U8"}[str(array.dtype)]
        raw = array.tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def cases():
    random = numpy.random.default_rng(20)
    yield "normal", random.normal(0, 0.02, (7, 96)).astype(numpy.float32)
    yield "padded", random.normal(0, 1, (5, 40)).astype(numpy.float32)
    yield "short", random.normal(0, 1, (2, 3)).astype(numpy.float32)
    outliers = random.normal(0, 0.01, (4, 64)).astype(numpy.float32)
    outliers[:, ::17] *= 100
    yield "outliers", outliers
    # Halves, ties of magnitude with either sign first, blocks of zeros, subnormal scales.
    halves = numpy.arange(-16, 16, dtype=numpy.float32) / 2
    yield "edges", numpy.stack(
        [
            numpy.concatenate([halves, -halves]),
            numpy.concatenate([numpy.zeros(32), numpy.tile([3, -3], 16)]),
            numpy.concatenate([numpy.tile([-3, 3], 16), numpy.full(32, 1e-45)]),
            numpy.concatenate([numpy.arange(32) * 1e-44, numpy.full(32, -2.5)]),
            numpy.concatenate([numpy.arange(32) * 4.0, 127 - numpy.arange(32) / 2]),
        ]
    ).astype(numpy.float32)


def main():
    tensors = {}
    for name, rows in cases():
        tensors[name] = rows
        for bits in (4, 8):
            numbers, scales = quantize(rows, bits)
            tensors[f"{name}.int{bits}"] = numbers
            tensors[f"{name}.int{bits}.scales"] = scales
    folder = pathlib.Path(__file__).parents[1] / "resources" / "tensor"
    folder.mkdir(exist_ok=True)
    write_safetensors(folder / "quantized.safetensors", tensors)


if __name__ == "__main__":
    main()
