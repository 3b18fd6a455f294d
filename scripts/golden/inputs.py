"""Golden inputs and golden files.

Inputs are never stored: `packages/mamba/src/golden/inputs.ts` makes the same numbers, bit for bit.
Files are safetensors, written without any library so that their bytes depend on their contents only.
"""

import json
import math
import struct

import numpy

SAMPLES = 64


def hash_name(name):
    """FNV-1a, 32 bits, over the UTF-8 bytes."""
    result = 0x811C9DC5
    for byte in name.encode("utf-8"):
        result = ((result ^ byte) * 0x01000193) & 0xFFFFFFFF
    return result


def hash_values(seed, count):
    """Uniform multiples of 2^-23 in [-1, 1), one for each index 0 … count - 1: exact in float32."""
    x = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x85EBCA6B)
    x += numpy.uint32((seed * 0x9E3779B9) & 0xFFFFFFFF)
    x ^= x >> numpy.uint32(16)
    x *= numpy.uint32(0x7FEB352D)
    x ^= x >> numpy.uint32(15)
    x *= numpy.uint32(0x846CA68B)
    x ^= x >> numpy.uint32(16)
    return ((x >> numpy.uint32(8)) / 2.0**23 - 1.0).astype(numpy.float32)


def golden_tensor(name, shape, scale=1.0, shift=0.0):
    """float32(float32(float32(scale) * value) + float32(shift)), row-major."""
    values = hash_values(hash_name(name), math.prod(shape))
    return (numpy.float32(scale) * values + numpy.float32(shift)).reshape(shape)


def sample(tensor):
    """
    A large tensor's digest: the elements at floor(k * size / 64), k = 0 … 63, then the sum and the sum of squares of
    all. A tensor of at most 64 elements is kept whole, with the two sums after it.
    """
    flat = numpy.asarray(tensor, dtype=numpy.float64).reshape(-1)
    kept = flat if flat.size <= SAMPLES else flat[[k * flat.size // SAMPLES for k in range(SAMPLES)]]
    return numpy.concatenate([kept, [math.fsum(flat), math.fsum(flat * flat)]])


DTYPES = {"float64": "F64", "float32": "F32", "int32": "I32"}


def write_safetensors(path, tensors, metadata):
    """Widest elements first, so that every tensor is aligned; then by name. The header is padded to 8 bytes."""
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header = {"__metadata__": metadata}
    offset = 0
    for name in names:
        tensor = tensors[name]
        header[name] = {
            "dtype": DTYPES[tensor.dtype.name],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + tensor.nbytes],
        }
        offset += tensor.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in names:
            file.write(numpy.ascontiguousarray(tensors[name]).astype(tensors[name].dtype.newbyteorder("<")).tobytes())
    print(f"{path.name}: {len(names)} tensors, {path.stat().st_size} bytes")
