"""The parts of a .dz file: checksums, headers, columns, schema. Written from dz(5) alone, sharing no code with libdz."""
import ctypes
import ctypes.util
import itertools
import pathlib
import re
import struct
from dataclasses import dataclass

MASK = (1 << 64) - 1
PAGE = pathlib.Path(__file__).with_name("dz.5.md")  # a link in the source tree, a copy where it is installed
TYPES = {name: n for n, name in enumerate(
    "UINT INT FLAG TIME STRING MODULE FRAME STACK TASK BYTES".split(), 1)}
STRING_KIND, SCHEMA_KIND, STACK_KIND, INDEX_KIND = 1, 2, 5, 19
DICTIONARY_OF_TYPE = {TYPES["STRING"]: 1, TYPES["MODULE"]: 3, TYPES["FRAME"]: 4, TYPES["STACK"]: 5, TYPES["TASK"]: 6}
DICTIONARIES = set(DICTIONARY_OF_TYPE.values())

RAW_LIMIT, STORED_LIMIT, RECORD_LIMIT, VALUE_LIMIT = 8388608, 9437184, 1048576, 4194304
STRING_LIMIT, FRAME_LIMIT, IDENTIFIER_LIMIT, GENERATION_LIMIT = 4096, 512, 16777216, 1048576
KIND_LIMIT, COLUMN_LIMIT, SEARCH_LIMIT = 4096, 256, 16 << 20


class Refused(Exception):
    """The file as a whole cannot be read; the argument says why: truncated, corrupt, foreign, unsupported, limit."""


class Bad(Exception):
    """A block breaks a rule."""


# Checksum

def _crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


_TABLE = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283

# zstd, by the system's library

_zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
for _name, _result, _arguments in (
        ("ZSTD_findFrameCompressedSize", ctypes.c_size_t, [ctypes.c_char_p, ctypes.c_size_t]),
        ("ZSTD_getFrameContentSize", ctypes.c_ulonglong, [ctypes.c_char_p, ctypes.c_size_t]),
        ("ZSTD_getDictID_fromFrame", ctypes.c_uint, [ctypes.c_char_p, ctypes.c_size_t]),
        ("ZSTD_decompress", ctypes.c_size_t,
         [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]),):
    getattr(_zstd, _name).restype = _result
    getattr(_zstd, _name).argtypes = _arguments


def decompress(payload, size):
    if (_zstd.ZSTD_findFrameCompressedSize(payload, len(payload)) != len(payload)
            or _zstd.ZSTD_getFrameContentSize(payload, len(payload)) != size
            or _zstd.ZSTD_getDictID_fromFrame(payload, len(payload))):
        raise Bad("not one zstd frame of the size told")
    out = ctypes.create_string_buffer(size + 1)
    if _zstd.ZSTD_decompress(out, size, payload, len(payload)) != size:
        raise Bad("zstd")
    return out.raw[:size]


# The three fixed structures

FILE_HEADER, BLOCK_HEADER, TRAILER = 128, 72, 64


@dataclass
class Block:
    offset: int
    kind: int
    flags: int
    file_id: int
    sequence: int
    generation: int
    stored: int
    raw: int
    records: int
    reserved: int
    first: int
    last: int
    payload_crc: int
    usable: bool = True

    @property
    def end(self):
        return self.offset + BLOCK_HEADER + self.stored

    def keeps_rules(self):
        if self.flags or self.reserved or self.kind == 0 or self.records == 0 or self.first > self.last:
            return False
        if (self.raw > RAW_LIMIT or self.stored > STORED_LIMIT or self.records > RECORD_LIMIT
                or self.generation >= GENERATION_LIMIT):
            return False
        if self.kind > 15:
            return True
        return self.first > 0 and self.last - self.first + 1 == self.records and self.last <= IDENTIFIER_LIMIT


def parse_block(data, offset):
    head = data[offset:offset + BLOCK_HEADER]
    if len(head) < BLOCK_HEADER or head[:12] != struct.pack("<II4s", 0x184D2A5C, 64, b"DZB1"):
        return None
    if crc32c(head[:68]) != struct.unpack_from("<I", head, 68)[0]:
        return None
    return Block(offset, *struct.unpack_from("<HHQIIIIIIQQI", head, 12))


def is_file_header(data, offset):
    head = data[offset:offset + FILE_HEADER]
    return (len(head) == FILE_HEADER and head[:16] == struct.pack("<II8s", 0x184D2A5D, 120, b"DZTRACE1")
            and crc32c(head[:124]) == struct.unpack_from("<I", head, 124)[0])


@dataclass
class Trailer:
    file_id: int
    index_offset: int
    events: int
    offset: int
    blocks: int
    flags: int
    reserved: int


def parse_trailer(data, offset):
    tail = data[offset:offset + TRAILER]
    if len(tail) < TRAILER or tail[:16] != struct.pack("<II8s", 0x184D2A5E, 56, b"DZEND001"):
        return None
    if crc32c(tail[:60]) != struct.unpack_from("<I", tail, 60)[0]:
        return None
    return Trailer(*struct.unpack_from("<QQQQIII", tail, 16))


# Tables

class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if size > len(self.data) - self.at:
            raise Bad("cut")
        self.at += size
        return self.data[self.at - size:self.at]

    def u8(self):
        return self.take(1)[0]

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            if shift == 63 and byte > 1:
                raise Bad("varint")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Bad("varint")

    def finish(self):
        if self.at != len(self.data):
            raise Bad("bytes left over")


def decode_varints(data, count):
    """Exactly `count` numbers, and nothing after them."""
    if len(data) == count and data.isascii():
        return list(data)
    numbers, value, shift = [], 0, 0
    for byte in data:
        if shift == 63 and byte > 1:
            raise Bad("varint")
        if byte < 128:
            numbers.append(value | byte << shift)
            value = shift = 0
        else:
            value |= (byte & 127) << shift
            shift += 7
    if shift or len(numbers) != count:
        raise Bad("varints")
    return numbers


def decode_palette(cursor, records):
    count = cursor.varint()
    if not 1 <= count <= 256:
        raise Bad("palette")
    palette = [cursor.varint() for _ in range(count)]
    indexes = cursor.take(records)
    if max(indexes) >= count:
        raise Bad("palette")
    return list(map(palette.__getitem__, indexes))


def decode_runs(cursor, records):
    numbers = []
    while len(numbers) < records:
        value, length = cursor.varint(), cursor.varint()
        if not 1 <= length <= records - len(numbers):
            raise Bad("run")
        numbers += [value] * length
    return numbers


def decode_planes(cursor, records):
    width = cursor.u8()
    if not 1 <= width <= 8:
        raise Bad("planes")
    numbers = bytearray(8 * records)
    for plane in range(width):
        numbers[plane::8] = cursor.take(records)
    return list(struct.unpack(f"<{records}Q", numbers))


def decode_coding(coding, data, records):
    if coding == 1:
        return decode_varints(data, records)
    cursor = Cursor(data)
    if coding == 0:
        numbers = [cursor.varint()] * records
    elif coding == 2:
        numbers = decode_palette(cursor, records)
    elif coding == 3:
        numbers = decode_runs(cursor, records)
    elif coding == 4:
        numbers = decode_planes(cursor, records)
    else:
        raise Bad("coding")
    cursor.finish()
    return numbers


def unzigzag(numbers):
    return [(x >> 1) ^ -(x & 1) for x in numbers]


def modulo(numbers):
    """64 bits of each. They seldom need it."""
    if min(numbers) < 0 or max(numbers) > MASK:
        return [x & MASK for x in numbers]
    return numbers


def parse_directory(payload, records):
    """[(field, transform, other, base, coding, data)]"""
    cursor = Cursor(payload)
    count = cursor.varint()
    if count > COLUMN_LIMIT:
        raise Bad("columns")
    entries = []
    for _ in range(count):
        number, transform, other, base = cursor.varint(), cursor.u8(), 0, 0
        if number >= COLUMN_LIMIT or transform > 2:
            raise Bad("directory")
        if transform == 2:
            other = cursor.varint()
            if other >= number:
                raise Bad("other")
        if transform:
            base = cursor.varint()
        coding, size = cursor.u8(), cursor.varint()
        if coding > 5 or entries and number <= entries[-1][0]:
            raise Bad("directory")
        entries.append((number, transform, other, base, coding, size))
    entries = [entry[:5] + (cursor.take(entry[5]),) for entry in entries]
    cursor.finish()
    if records * count > VALUE_LIMIT:
        raise Bad("limit of values")
    return entries


def decode_table(payload, records, field_count):
    """The columns of the known fields; a field without one is all 0. They are not to be changed."""
    columns = [[0] * records for _ in range(field_count)]
    for number, transform, other, base, coding, data in parse_directory(payload, records):
        if number >= field_count:
            continue
        x = decode_coding(coding, data, records)
        if transform == 1:
            steps = itertools.accumulate(unzigzag(x), initial=base)
            next(steps)
            x = modulo(list(steps))
        elif transform == 2:
            x = modulo([near + base + step for near, step in zip(columns[other], unzigzag(x))])
        columns[number] = x
    return columns


def decode_strings(payload, records):
    entries = parse_directory(payload, records)
    if not entries or entries[0][0] != 0:
        return [b""] * records
    _, transform, _, _, coding, data = entries[0]
    if coding != 5 or transform:
        raise Bad("strings")
    cursor = Cursor(data)
    lengths = [cursor.varint() for _ in range(records)]
    if max(lengths) > STRING_LIMIT:
        raise Bad("long string")
    strings = [cursor.take(length) for length in lengths]
    cursor.finish()
    return strings


# Schema

@dataclass
class Field:
    name: str
    type: int


PAGE_NAMES = {}  # of kinds


def page_schema():
    """The tables of the manual page: what a reader falls back to, and which fields the dictionaries have."""
    kinds, number = {}, None
    for line in PAGE.read_text().splitlines():
        if found := re.match(r"## Kind (\d+): (\w+)", line):
            number = int(found[1])
            kinds[number] = []
            PAGE_NAMES[number] = found[2]
        elif number and (found := re.match(r"\| \d+ \| (\w+) \| ([A-Z]+) \|", line)):
            kinds[number].append(Field(found[1], TYPES[found[2]]))
        elif line.startswith("# "):
            number = None
    return kinds


PAGE_SCHEMA = page_schema()
_NAME = re.compile(rb"[a-z0-9_]{1,63}\Z")
_UNIT = re.compile(rb"[ -~]{0,63}\Z")
_MEANING = re.compile(rb"[ -~]{0,4096}\Z")


def build_schema(records):
    """records: (kind, kind_name, field, name, type, unit, meaning), strings looked up"""
    kinds, names, before = {}, {}, 0
    for kind, kind_name, number, name, type_, unit, meaning in records:
        if not 1 <= kind <= 65535 or kind < before or number >= COLUMN_LIMIT:
            raise Bad("schema")
        if number != len(kinds.setdefault(kind, [])) or names.setdefault(kind, kind_name) != kind_name:
            raise Bad("schema")
        if not (_NAME.match(kind_name) and _NAME.match(name) and _UNIT.match(unit) and _MEANING.match(meaning)):
            raise Bad("schema")
        kinds[kind].append(Field(name.decode(), type_))
        before = kind
    for bootstrap in (STRING_KIND, SCHEMA_KIND):
        kinds.pop(bootstrap, None)
    if len(kinds) > KIND_LIMIT:
        raise Bad("schema")
    bootstrap = {kind: PAGE_SCHEMA[kind] for kind in (STRING_KIND, SCHEMA_KIND)}
    return kinds | bootstrap, {kind: name.decode() for kind, name in names.items()}
