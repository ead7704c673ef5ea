#!/usr/bin/env python3
"""make_fleet.py - many small traces of many hosts, made from the recordings of the tree

  usage: make_fleet.py SOURCE-DIRECTORY OUTPUT-DIRECTORY [HOSTS]     (200: 2,000 files)

Each host gets the same ten recordings, in seven days, with its own name, boot and uuids. One in ten has 5,000 exits."""
import ctypes
import ctypes.util
import hashlib
import os
import re
import struct
import sys
import time

SOURCE = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(SOURCE, "python"))
from dz import _format  # noqa: E402, pylint: disable=wrong-import-position

RECORDINGS = ["samples/demo/demo.dz", "tests/cli/traces/deaths.dz", "tests/cli/traces/hostile.dz",
              *(f"tests/cli/recordings/{name}.dz" for name in ("crash", "full", "handled", "make", "memory", "names", "script"))]
# names.dz has 5,000 different names, w0 and so on; a fleet has many processes of few services.
SERVICES = [b"api", b"billing", b"cache", b"gateway", b"indexer", b"mailer", b"queue", b"search", b"session", b"upload", b"web", b"worker"]
STRING_KIND, CLOCK_KIND, INFO_KIND, INDEX_KIND = 1, 16, 17, 19
DAY_NS = 86400 * 10**9
FIRST_NS = (int(time.time()) // 86400 - 7) * DAY_NS  # the last seven days: databases drop what is older than their retention
LEVEL = 3


def compress(raw, zstd=ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")):
    zstd.ZSTD_compressBound.restype = zstd.ZSTD_compress.restype = ctypes.c_size_t
    zstd.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    zstd.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    out = ctypes.create_string_buffer(zstd.ZSTD_compressBound(len(raw)))
    size = zstd.ZSTD_compress(out, len(out), raw, len(raw), LEVEL)  # before out.raw, which is a copy
    return out.raw[:size]


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def table(columns):
    """A payload with plain columns of numbers."""
    datas = [b"".join(map(varint, column)) for column in columns]
    directory = b"".join(varint(number) + b"\0\1" + varint(len(data)) for number, data in enumerate(datas))
    return varint(len(columns)) + directory + b"".join(datas)


def strings(texts):
    data = b"".join(varint(len(text)) for text in texts) + b"".join(texts)
    return b"\1\0\0\5" + varint(len(data)) + data


class Recording:
    """A recording of the tree, taken apart once."""

    def __init__(self, path):
        with open(os.path.join(SOURCE, path), "rb") as file:
            self.data = file.read()
        self.name = os.path.basename(path)
        self.header = self.data[:_format.FILE_HEADER]
        self.realtime_ns = struct.unpack_from("<Q", self.header, 88)[0]
        self.blocks, offset = [], _format.FILE_HEADER
        while block := _format.parse_block(self.data, offset):
            stored = self.data[offset + _format.BLOCK_HEADER:block.end]
            self.blocks.append((block, stored, _format.decompress(stored, block.raw)))
            offset = block.end
        self.trailer = self.data[offset:]
        self.host = self.find_host()

    def find_host(self):
        texts = {}
        for block, _, raw in self.blocks:
            if block.kind == STRING_KIND:
                texts.update(((block.generation, block.first + i), text) for i, text in enumerate(_format.decode_strings(raw, block.records)))
        for block, _, raw in self.blocks:
            if block.kind == INFO_KIND:
                _, keys, values = _format.decode_table(raw, block.records, 3)
                for key, value in zip(keys, values):
                    if texts.get((block.generation, key)) == b"host.name":
                        return texts[block.generation, value]
        return None

    def replaced(self, text, host):
        if text == self.host:
            return host
        if re.fullmatch(rb"w[0-9]+", text):
            return SERVICES[int(text[1:]) % len(SERVICES)]
        return text

    def change(self, block, raw, host, shift):
        """The payload of a block for another host and time; None: as it is."""
        if block.kind == STRING_KIND:
            return strings([self.replaced(text, host) for text in _format.decode_strings(raw, block.records)])
        if block.kind == CLOCK_KIND:
            time, realtime, monotonic = _format.decode_table(raw, block.records, 3)
            return table([time, [value + shift for value in realtime], monotonic])
        return None

    def write(self, path, host, boot, number):
        file_uuid = hashlib.sha256(f"{host} {number}".encode()).digest()[:16]
        day_ns = FIRST_NS + number % 7 * DAY_NS
        shift = day_ns + self.realtime_ns % DAY_NS - self.realtime_ns
        header = self.header[:32] + file_uuid + boot + self.header[64:88] + struct.pack("<Q", self.realtime_ns + shift) + self.header[96:124]
        out = header + struct.pack("<I", _format.crc32c(header))
        index = []
        for block, stored, raw in self.blocks:
            payload = self.change(block, raw, host, shift)
            if block.kind == INDEX_KIND:
                payload = table(list(zip(*index)))
            if payload is not None:
                raw, stored = payload, compress(payload)
            if block.kind == INDEX_KIND:
                index_offset = len(out)
            index.append((len(out), block.kind, block.generation, block.sequence, block.first, block.last, block.records))
            head = struct.pack("<II4sHHQIIIIIIQQI", 0x184D2A5C, 64, b"DZB1", block.kind, block.flags,
                               struct.unpack("<Q", file_uuid[:8])[0], block.sequence, block.generation, len(stored), len(raw), block.records,
                               block.reserved, block.first, block.last, _format.crc32c(stored) if payload is not None else block.payload_crc)
            out += head + struct.pack("<I", _format.crc32c(head)) + stored
        tail = self.trailer[:16] + file_uuid[:8] + struct.pack("<Q", index_offset) + self.trailer[32:40] + struct.pack("<Q", len(out)) + self.trailer[48:60]
        with open(path, "wb") as file:
            file.write(out + tail + struct.pack("<I", _format.crc32c(tail)))


def main(output, hosts):
    os.makedirs(output, exist_ok=True)
    recordings = [Recording(path) for path in RECORDINGS]
    for number in range(hosts):
        host = f"host-{number:03}"
        boot = hashlib.sha256(host.encode()).digest()[:16]
        for place, recording in enumerate(recordings):
            recording.write(os.path.join(output, f"{host}-{recording.name}"), host.encode(), boot, number + place)
    print(f"{hosts * len(recordings)} traces of {hosts} hosts")


if __name__ == "__main__":
    main(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 200)
