"""
Large honest model files of several kinds, and small ones that unpack to 100 GB. The first argument is the folder that
they are put into, the second how many bytes a large one has. Standard output is `{file: bytes that it unpacks to}`.
"""

import gzip
import json
import os
import pickle
import struct
import sys
import zlib

import joblib
import numpy

BOMB_BYTES = 100_000_000_000
STEP_BYTES = 1_000_000_000


def arrays(size):
    """As of a network: float32 weights, some of them small."""
    draw = numpy.random.default_rng(1)
    count = 64
    return {f"layer.{n}.weight": draw.standard_normal(size // 4 // count, dtype=numpy.float32) for n in range(count)}


def save_pickle(path, size):
    """As a forest that was written by hand: no array, only numbers and short texts."""
    with open(path, "wb") as file:
        pickler = pickle.Pickler(file, protocol=4)
        rows = [float(n) * 1.0001 for n in range(size // 9)]
        pickler.dump(rows)


def save_safetensors(path, weights):
    at, header = 0, {}
    for name, values in weights.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in weights.values():
            file.write(values.tobytes())


def zeros(wbits):
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    piece = bytes(10_000_000)
    parts = [packer.compress(piece) for _ in range(STEP_BYTES // len(piece))]
    return b"".join([*parts, packer.flush()])


def save_overlapping_zip(path):
    """A directory of a hundred members that are all the same bytes."""
    packed = zeros(-15)
    sum_of_zeros = 0
    for _ in range(STEP_BYTES // 10_000_000):
        sum_of_zeros = zlib.crc32(bytes(10_000_000), sum_of_zeros)
    claims = struct.pack("<HHHHIII", 0, 8, 0, 0, sum_of_zeros, len(packed), STEP_BYTES)
    local = b"PK\x03\x04" + struct.pack("<H", 20) + claims + struct.pack("<HH", 1, 0) + b"a"
    entries = b"".join(
        b"PK\x01\x02" + struct.pack("<HH", 20, 20) + claims + struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
        for _ in range(BOMB_BYTES // STEP_BYTES)
    )
    count = BOMB_BYTES // STEP_BYTES
    at = len(local) + len(packed)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), at, 0)
    with open(path, "wb") as file:
        file.write(local + packed + entries + end)


def save_nested_gzip(path):
    member = zeros(31)
    with gzip.open(path, "wb") as file:
        for _ in range(BOMB_BYTES // STEP_BYTES):
            file.write(member)


if __name__ == "__main__":
    folder, size = sys.argv[1], int(sys.argv[2])
    at = lambda name: os.path.join(folder, name)
    weights = arrays(size)
    save_pickle(at("numbers.pkl"), size)
    joblib.dump(weights, at("arrays.joblib"))
    numpy.savez(at("stored.npz"), **weights)
    save_safetensors(at("weights.safetensors"), weights)
    quarter = {name: values.round(2) for name, values in list(weights.items())[:16]}
    numpy.savez_compressed(at("deflated.npz"), **quarter)
    unpacked = {name: os.path.getsize(at(name)) for name in os.listdir(folder)}
    unpacked["deflated.npz"] = sum(values.nbytes for values in quarter.values())
    save_overlapping_zip(at("overlapping.zip"))
    save_nested_gzip(at("nested.gz"))
    unpacked["overlapping.zip"] = unpacked["nested.gz"] = BOMB_BYTES
    json.dump(unpacked, sys.stdout)
