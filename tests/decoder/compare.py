#!/usr/bin/python3
"""compare.py DUMP [-n COUNT] [-s SEED] DIRECTORY - checks that libdz and the package dz of python/ agree in what they accept and in every value

DUMP is the program made of dump.c. Each .dz file in DIRECTORY is compared as it is, then COUNT mutations of the small ones.
"""
import argparse
import ctypes
import ctypes.util
import pathlib
import random
import struct
import subprocess
import sys

from dz_dump import dump
from dz import _format as dz

# More would take Python too long.
MUTATED_BYTES, MUTATED_RECORDS = 32768, 100000
EDGES = (0, 1, 2, 127, 128, 255, 256, 65535, 65536, 2**31, 2**32 - 1, 2**63, 2**64 - 1)


def compress(raw):
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    zstd.ZSTD_compressBound.restype = zstd.ZSTD_compress.restype = ctypes.c_size_t
    zstd.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    zstd.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    out = ctypes.create_string_buffer(zstd.ZSTD_compressBound(len(raw)))
    size = zstd.ZSTD_compress(out, len(out), raw, len(raw), 1)  # before out.raw, which is a copy
    return out.raw[:size]


class Library:
    """libdz, behind a pipe"""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def dump(self, data):
        self.process.stdin.write(struct.pack("<Q", len(data)) + data)
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == b"end\n":
                return b"".join(lines).decode()
            lines.append(line)
        sys.exit("compare.py: {} has died with status {}".format(self.process.args, self.process.wait()))


def blocks_of(data):
    offset, blocks = dz.FILE_HEADER, []
    while block := dz.parse_block(data, offset):
        blocks.append(block)
        offset = block.end
    return blocks


def pack_block(block, payload):
    head = struct.pack("<II4sHHQIIIIIIQQI", 0x184D2A5C, 64, b"DZB1", block.kind & 0xFFFF, block.flags & 0xFFFF,
                       block.file_id, block.sequence, block.generation, len(payload), block.raw, block.records,
                       block.reserved, block.first, block.last, dz.crc32c(payload))
    return head + struct.pack("<I", dz.crc32c(head)) + payload


def flip(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def burst(rng, data):
    at, size = rng.randrange(len(data)), rng.randint(1, 600)
    junk = rng.randbytes(size) if rng.random() < 0.7 else bytes(size)
    return data[:at] + junk[:len(data) - at] + data[at + size:]


def cut(rng, data):
    return data[:rng.randrange(len(data))]


def remove(rng, data):
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randint(1, 300):]


def insert(rng, data):
    at = rng.randrange(len(data))
    start = rng.randrange(len(data))
    piece = rng.choice((rng.randbytes(rng.randint(1, 300)), data[start:start + rng.randint(1, 3000)]))
    return data[:at] + piece + data[at:]


def shuffle(rng, data):
    """Whole blocks moved, doubled, or left out."""
    blocks = blocks_of(data)
    pieces = [data[b.offset:b.end] for b in blocks]
    tail = data[blocks[-1].end:] if blocks else b""
    for _ in range(rng.randint(1, 3)):
        if pieces:
            piece = pieces[rng.randrange(len(pieces))]
            action = rng.randrange(3)
            if action:
                pieces.insert(rng.randrange(len(pieces) + 1), piece)
            if action != 1:
                pieces.remove(piece)
    return data[:dz.FILE_HEADER] + b"".join(pieces) + tail


def forge_header(rng, data):
    """A block header with another value and a good checksum."""
    blocks = blocks_of(data)
    if not blocks:
        return flip(rng, data)
    block = rng.choice(blocks)
    payload = data[block.offset + dz.BLOCK_HEADER:block.end]
    name, bits = rng.choice((("kind", 16), ("flags", 16), ("file_id", 64), ("sequence", 32), ("generation", 32),
                             ("raw", 32), ("records", 32), ("reserved", 32), ("first", 64), ("last", 64)))
    value = getattr(block, name)
    value = rng.choice((value + 1, value - 1, value ^ 1 << rng.randrange(bits), rng.choice(EDGES)))
    setattr(block, name, value & ((1 << bits) - 1))
    return data[:block.offset] + pack_block(block, payload) + data[block.end:]


def forge_payload(rng, data):
    """A payload with other bytes, and all its checksums good."""
    blocks = blocks_of(data)
    if not blocks:
        return flip(rng, data)
    block = rng.choice(blocks)
    end = block.end
    try:
        raw = bytearray(dz.decompress(data[block.offset + dz.BLOCK_HEADER:end], block.raw))
    except dz.Bad:
        return flip(rng, data)
    for _ in range(rng.randint(1, 3)):
        # The directory is at the start, and where most of the rules are.
        at = rng.randrange(min(len(raw), 80) if rng.random() < 0.7 else len(raw))
        raw[at] = rng.choice((raw[at] ^ 1 << rng.randrange(8), rng.randrange(256), (raw[at] + 1) & 255))
    if rng.random() < 0.1:
        raw += rng.randbytes(rng.randint(1, 5))
    block.raw = len(raw)
    return data[:block.offset] + pack_block(block, compress(bytes(raw))) + data[end:]


def forge_end(rng, data):
    """A file header or a trailer with another byte and a good checksum."""
    start, size = rng.choice(((0, dz.FILE_HEADER), (len(data) - dz.TRAILER, dz.TRAILER)))
    frame = bytearray(data[start:start + size])
    if len(frame) < size:
        return flip(rng, data)
    frame[rng.randrange(16, size - 4)] = rng.randrange(256)
    frame[size - 4:] = struct.pack("<I", dz.crc32c(bytes(frame[:size - 4])))
    return data[:start] + bytes(frame) + data[start + size:]


MUTATIONS = (flip, burst, cut, remove, insert, shuffle, forge_header, forge_payload, forge_payload, forge_end)


def mutate(rng, data):
    name = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if data:
            mutation = rng.choice(MUTATIONS)
            name.append(mutation.__name__)
            data = mutation(rng, data)
    return data, "+".join(name)


def compare(library, data, name):
    theirs, ours = library.dump(data), dump(data)
    if theirs == ours:
        return theirs
    wrong = pathlib.Path("disagreement.dz")
    wrong.write_bytes(data)
    print("{}: the two readers disagree; see {}".format(name, wrong.resolve()), file=sys.stderr)
    for a, b in zip(theirs.splitlines() + ["(end)"], ours.splitlines() + ["(end)"]):
        if a != b:
            print("  libdz: {}\n  python: {}".format(a[:300], b[:300]), file=sys.stderr)
            break
    sys.exit(1)


def mutable(paths):
    """The small files, and how often to choose each: one with many records takes as long as a hundred others."""
    seeds, shares = [], []
    for data in (path.read_bytes() for path in paths):
        records = sum(block.records for block in blocks_of(data))
        if len(data) <= MUTATED_BYTES and records <= MUTATED_RECORDS:
            seeds.append(data)
            shares.append(1 / (1 + records // 2000))
    return seeds, shares


def main():
    parser = argparse.ArgumentParser(description="compare libdz with the reader in Python")
    parser.add_argument("dump")
    parser.add_argument("-n", type=int, default=0, help="how many mutations")
    parser.add_argument("-s", type=int, default=1, help="seed of the mutations")
    parser.add_argument("directory", type=pathlib.Path)
    arguments = parser.parse_args()
    library = Library(arguments.dump)
    rows = refused = told = 0
    paths = sorted(arguments.directory.glob("*.dz"))
    for path in paths:
        compare(library, path.read_bytes(), path)
    seeds, shares = mutable(paths)
    for n in range(arguments.n):
        rng = random.Random("{} {}".format(arguments.s, n))
        data, name = mutate(rng, rng.choices(seeds, shares)[0])
        text = compare(library, data, "mutation {} ({})".format(n, name))
        rows += text.count("\nrow ")
        refused += text.startswith("refused")
        told += "\ndamage " in text
    print("{} files and {} mutations: agreed in all; {} refused, {} with damage, {} rows".format(
        len(paths), arguments.n, refused, told, rows))


if __name__ == "__main__":
    main()
