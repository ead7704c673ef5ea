"""A second reader of .dz files, written from docs/dz.5.md alone: slow, short, and sharing no code with libdz."""
import ctypes
import ctypes.util
import functools
import pathlib
import re
import struct
from dataclasses import dataclass, field

MASK = (1 << 64) - 1
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "dz.5.md"
TYPES = {name: n for n, name in enumerate(
    "UINT INT FLAG TIME STRING MODULE FRAME STACK TASK BYTES".split(), 1)}
STRING_KIND, SCHEMA_KIND, STACK_KIND, INDEX_KIND = 1, 2, 5, 19
DICTIONARY_OF_TYPE = {TYPES["STRING"]: 1, TYPES["MODULE"]: 3, TYPES["FRAME"]: 4, TYPES["STACK"]: 5, TYPES["TASK"]: 6}
DICTIONARIES = set(DICTIONARY_OF_TYPE.values())
DAMAGED = "damaged"  # what a reference refers to if what it means is lost

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


# What is remembered depends on the arguments alone: files that differ in one block are read one after the other.
@functools.lru_cache(maxsize=8192)
def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283

# zstd, by the system's library

_zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
for _name, _result, _arguments in (
        ("ZSTD_findFrameCompressedSize", ctypes.c_size_t, [ctypes.c_char_p, ctypes.c_size_t]),
        ("ZSTD_getFrameContentSize", ctypes.c_ulonglong, [ctypes.c_char_p, ctypes.c_size_t]),
        ("ZSTD_getDictID_fromFrame", ctypes.c_uint, [ctypes.c_char_p, ctypes.c_size_t]),
        ("ZSTD_decompress", ctypes.c_size_t,
         [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]),
        ("ZSTD_compress", ctypes.c_size_t,
         [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]),
        ("ZSTD_compressBound", ctypes.c_size_t, [ctypes.c_size_t])):
    getattr(_zstd, _name).restype = _result
    getattr(_zstd, _name).argtypes = _arguments


@functools.lru_cache(maxsize=1024)
def decompress(payload, size):
    if (_zstd.ZSTD_findFrameCompressedSize(payload, len(payload)) != len(payload)
            or _zstd.ZSTD_getFrameContentSize(payload, len(payload)) != size
            or _zstd.ZSTD_getDictID_fromFrame(payload, len(payload))):
        raise Bad("not one zstd frame of the size told")
    out = ctypes.create_string_buffer(size + 1)
    if _zstd.ZSTD_decompress(out, size, payload, len(payload)) != size:
        raise Bad("zstd")
    return out.raw[:size]


def compress(raw):
    out = ctypes.create_string_buffer(_zstd.ZSTD_compressBound(len(raw)))
    return out.raw[:_zstd.ZSTD_compress(out, len(out), raw, len(raw), 1)]


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


def unzigzag(x):
    return x // 2 if x % 2 == 0 else (-(x + 1) // 2) & MASK


def decode_coding(coding, data, records):
    cursor = Cursor(data)
    if coding == 0:
        x = [cursor.varint()] * records
    elif coding == 1:
        x = [cursor.varint() for _ in range(records)]
    elif coding == 2:
        count = cursor.varint()
        if not 1 <= count <= 256:
            raise Bad("palette")
        palette = [cursor.varint() for _ in range(count)]
        indexes = cursor.take(records)
        if max(indexes) >= count:
            raise Bad("palette")
        x = [palette[i] for i in indexes]
    elif coding == 3:
        x = []
        while len(x) < records:
            value, length = cursor.varint(), cursor.varint()
            if not 1 <= length <= records - len(x):
                raise Bad("run")
            x += [value] * length
    elif coding == 4:
        width = cursor.u8()
        if not 1 <= width <= 8:
            raise Bad("planes")
        planes = [cursor.take(records) for _ in range(width)]
        x = [int.from_bytes(bytes(plane[i] for plane in planes), "little") for i in range(records)]
    else:
        raise Bad("coding")
    cursor.finish()
    return x


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


@functools.lru_cache(maxsize=1024)
def decode_table(payload, records, field_count):
    """The columns of the known fields; a field without one is all 0. They are not to be changed."""
    columns = [[0] * records for _ in range(field_count)]
    for number, transform, other, base, coding, data in parse_directory(payload, records):
        if number >= field_count:
            continue
        x = decode_coding(coding, data, records)
        if transform == 1:
            value = base
            for i in range(records):
                value = (value + unzigzag(x[i])) & MASK
                x[i] = value
        elif transform == 2:
            x = [(columns[other][i] + base + unzigzag(x[i])) & MASK for i in range(records)]
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


def page_schema():
    """The tables of the manual page: what a reader falls back to, and which fields the dictionaries have."""
    kinds, number = {}, None
    for line in PAGE.read_text().splitlines():
        if found := re.match(r"## Kind (\d+): ", line):
            number = int(found[1])
            kinds[number] = []
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
    return kinds | {kind: PAGE_SCHEMA[kind] for kind in (STRING_KIND, SCHEMA_KIND)}


# Digests: what a dictionary entry is, whatever its identifier

@functools.lru_cache(maxsize=262144)
def digest(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return "%016x" % value


@dataclass
class Entry:
    sequence: int
    text: object  # a digest, or bytes for a string
    depth: int = 1


@dataclass
class File:
    data: bytes
    file_id: int = 0
    header_sound: bool = False
    closed: bool = False
    trailer: Trailer = None
    blocks: list = field(default_factory=list)  # in file order
    ordered: list = field(default_factory=list)  # usable, by sequence number
    damage: list = field(default_factory=list)  # (offset, size)
    schema: dict = None
    entries: dict = field(default_factory=dict)  # (generation, kind, identifier) -> Entry
    rows: list = field(default_factory=list)  # (time, sequence, place, kind, values)
    summed: int = 0

    # The walk

    def tell(self, offset, size):
        self.damage.append((offset, size))

    def place(self, offset):
        """('block' | 'cut' | 'header' | 'trailer', size, what) or None"""
        if block := parse_block(self.data, offset):
            return ("block" if block.end <= len(self.data) else "cut"), block.end - offset, block
        if trailer := parse_trailer(self.data, offset):
            return "trailer", TRAILER, trailer
        if is_file_header(self.data, offset):
            return "header", FILE_HEADER, None
        return None

    def find_sound(self, start, end):
        for found in re.compile(rb"[\x5c-\x5e]\x2a\x4d\x18").finditer(self.data, start):
            if found.start() >= end:
                break
            place = self.place(found.start())
            if place and place[0] != "cut":
                return found.start(), place
        return end, None

    def confirmed(self, block):
        if block.end == len(self.data) or self.place(block.end):
            return True
        if block.stored > STORED_LIMIT or self.summed + block.stored > 4 * len(self.data):
            return False
        self.summed += block.stored
        return crc32c(self.data[block.offset + BLOCK_HEADER:block.end]) == block.payload_crc

    def read_header(self):
        head = self.data[:FILE_HEADER]
        start = struct.pack("<II8s", 0x184D2A5D, 120, b"DZTRACE1")
        if len(head) < FILE_HEADER:
            raise Refused("truncated" if start.startswith(head[:16]) else "foreign")
        if is_file_header(self.data, 0):
            major, _, required = struct.unpack_from("<HHI", head, 16)
            if major != 1 or required or any(head[96:124]):
                raise Refused("unsupported")
            self.header_sound = True
            self.file_id = struct.unpack_from("<Q", head, 32)[0]
            return FILE_HEADER
        end, offset = min(len(self.data), SEARCH_LIMIT), 0
        while True:
            offset, place = self.find_sound(offset, end)
            if offset >= end:
                raise Refused("corrupt" if head.startswith(start) else "foreign")
            if place[0] == "block":
                self.file_id = place[2].file_id
                self.tell(0, offset)
                return offset
            offset += 1

    def accept(self, offset, place):
        name, size, what = place
        if name == "block" and what.file_id == self.file_id:
            self.blocks.append(what)
            what.usable = what.keeps_rules()
            if not what.usable:
                self.tell(offset, size)
        elif (name == "trailer" and what.file_id == self.file_id and offset + size == len(self.data)
              and what.offset == offset and not what.reserved and not what.flags & ~7):
            self.trailer, self.closed = what, bool(what.flags & 1)
        else:
            self.tell(offset, size)

    def walk(self, offset):
        while offset < len(self.data):
            place = self.place(offset)
            if place and place[0] != "cut" and (place[0] != "block" or self.confirmed(place[2])):
                self.accept(offset, place)
                offset += place[1]
                continue
            skip = BLOCK_HEADER if place else 1
            end, _ = self.find_sound(offset + skip, len(self.data))
            self.tell(offset, end - offset)
            offset = end

    # The order

    def put_in_order(self, start):
        by_number = sorted(self.blocks, key=lambda block: block.sequence)
        following, end, generation, last = 0, start, 0, {}
        for n, block in enumerate(by_number):
            if n and block.sequence < following:
                self.lose(block)
                continue
            if block.sequence > following and block.offset <= end:
                self.tell(block.offset, 0)
            following, end = block.sequence + 1, block.end
            if not block.usable:
                continue
            if block.generation < generation:
                self.lose(block)
                continue
            if block.generation > generation:
                last = {}
            generation = block.generation
            if block.kind <= 15:
                if block.first <= last.get(block.kind, 0):
                    self.lose(block)
                    continue
                last[block.kind] = block.last
            self.ordered.append(block)
        if self.closed and self.trailer.blocks > following and self.trailer.offset <= end:
            self.tell(self.trailer.offset, 0)
        greatest = 0
        for block in self.blocks:
            if block.usable:
                if block.sequence < greatest:
                    self.tell(block.offset, 0)
                greatest = max(greatest, block.sequence)

    def check_file_limits(self):
        kept = [block for block in self.blocks if block.keeps_rules()]
        if (sum(block.raw for block in kept) > 67108864 + 256 * len(self.data)
                or sum(block.records for block in kept) > 2097152 + 64 * len(self.data)):
            raise Refused("limit")

    # The payloads

    def payload(self, block):
        stored = self.data[block.offset + BLOCK_HEADER:block.end]
        if crc32c(stored) != block.payload_crc:
            raise Bad("checksum")
        return decompress(stored, block.raw)

    def lose(self, block):
        """Reported once, in however many ways it is wrong."""
        if block.usable:
            block.usable = False
            self.tell(block.offset, block.end - block.offset)

    def resolve(self, block, kind, identifier):
        entry = self.entries.get((block.generation, kind, identifier))
        return entry if entry and entry.sequence <= block.sequence else None

    def reference(self, block, kind, identifier):
        """How a reference is shown."""
        if identifier == 0:
            return "-"
        entry = self.resolve(block, kind, identifier)
        if not entry:
            return DAMAGED
        return digest(entry.text) if kind == STRING_KIND else entry.text

    def load_strings(self, block):
        for i, text in enumerate(decode_strings(self.payload(block), block.records)):
            self.entries[block.generation, STRING_KIND, block.first + i] = Entry(block.sequence, text)

    def load_dictionary(self, block):
        fields = self.schema.get(block.kind)
        if fields is None:
            raise Bad("kind without schema")
        columns = decode_table(self.payload(block), block.records, len(fields))
        by_field = {(f.name, f.type): column for f, column in zip(fields, columns)}
        own_fields = [(by_field.get((own.name, own.type)), DICTIONARY_OF_TYPE.get(own.type),
                       block.kind == STACK_KIND and own.name == "caller") for own in PAGE_SCHEMA[block.kind]]
        for i in range(block.records):
            shown, depth = [], 1
            for column, kind, is_caller in own_fields:
                value = column[i] if column else 0
                if kind:
                    if is_caller:
                        caller = self.resolve(block, kind, value)
                        depth = caller.depth + 1 if caller else 1
                    value = self.reference(block, kind, value)
                shown.append(str(value))
            if depth > FRAME_LIMIT:
                depth, shown[0] = 1, DAMAGED
            text = digest("{}({})".format(block.kind, ",".join(shown)).encode())
            self.entries[block.generation, block.kind, block.first + i] = Entry(block.sequence, text, depth)

    def find_schema(self):
        for block in self.ordered:
            if block.kind != SCHEMA_KIND or not block.usable:
                continue
            try:
                columns = decode_table(self.payload(block), block.records, 7)
            except Bad:
                self.lose(block)
                continue
            records = []
            for kind, kind_name, number, name, type_, unit, meaning in zip(*columns):
                texts = [self.resolve(block, STRING_KIND, text) for text in (kind_name, name, unit, meaning)]
                if None in texts:
                    break
                kind_name, name, unit, meaning = (entry.text for entry in texts)
                records.append((kind, kind_name, number, name, type_, unit, meaning))
            if len(records) < block.records:
                continue
            try:
                return build_schema(records)
            except Bad:
                self.lose(block)
        return PAGE_SCHEMA

    def load_rows(self, block):
        fields = self.schema.get(block.kind)
        if fields is None:
            raise Bad("kind without schema")
        columns = decode_table(self.payload(block), block.records, len(fields))
        if fields[0].type != TYPES["TIME"]:
            return
        times = columns[0]
        if times[0] != block.first or times[-1] != block.last or times != sorted(times):
            raise Bad("times")
        for i in range(block.records):
            values = []
            for f, column in zip(fields, columns):
                kind = DICTIONARY_OF_TYPE.get(f.type)
                values.append(self.reference(block, kind, column[i]) if kind else str(column[i]))
            self.rows.append((times[i], block.sequence, i, block.kind, values))

    def for_each(self, wanted, load):
        for block in self.ordered:
            if block.usable and wanted(block.kind):
                try:
                    load(block)
                except Bad:
                    self.lose(block)

    def read(self):
        start = self.read_header()
        self.walk(start)
        self.check_file_limits()
        self.put_in_order(start)
        self.for_each(lambda kind: kind == STRING_KIND, self.load_strings)
        self.schema = self.find_schema()
        self.for_each(lambda kind: kind in DICTIONARIES - {STRING_KIND}, self.load_dictionary)
        self.for_each(lambda kind: kind == SCHEMA_KIND or 7 <= kind <= 15,
                      lambda block: decode_table(self.payload(block), block.records,
                                                 len(self.schema.get(block.kind, ()))))
        self.for_each(lambda kind: kind > 15, self.load_rows)
        self.rows.sort(key=lambda row: row[:3])


def merged(damage):
    """Stretches that touch as one, then the places where something is missing."""
    stretches = []
    for offset, size in sorted(d for d in damage if d[1]):
        if stretches and stretches[-1][0] + stretches[-1][1] == offset:
            stretches[-1] = (stretches[-1][0], stretches[-1][1] + size)
        else:
            stretches.append((offset, size))
    return stretches + sorted(d for d in damage if not d[1])


def dump(data):
    """What tests/decoder/dump.c prints for the same bytes."""
    file = File(data)
    try:
        file.read()
    except Refused as reason:
        return "refused {}\n".format(reason)
    lines = ["header {}".format("sound" if file.header_sound else "damaged"),
             "closed {}".format(int(file.closed))]
    lines += ["block {} {} {}".format(b.offset, b.sequence, b.kind) for b in file.blocks]
    lines += ["row {} {}".format(kind, " ".join(values)) for _, _, _, kind, values in file.rows]
    lines += ["damage {} {}".format(offset, size) for offset, size in merged(file.damage)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys
    for name in sys.argv[1:]:
        sys.stdout.write(dump(pathlib.Path(name).read_bytes()))
