"""Reader: the walk over a .dz file, its damage, its dictionaries and its rows. dz(5), READING, says what must be done."""
import bisect
import collections
import contextlib
import gc
import itertools
import re
import struct

from . import _format
from ._format import (BLOCK_HEADER, DICTIONARY_OF_TYPE, FILE_HEADER, FRAME_LIMIT, PAGE_NAMES, PAGE_SCHEMA, SCHEMA_KIND, SEARCH_LIMIT,
                      STACK_KIND, STORED_LIMIT, STRING_KIND, TRAILER, TYPES, Bad, Refused, is_file_header, parse_block, parse_trailer)

SIGN, WRAP = 1 << 63, 1 << 64
TASK_KIND = 6
NO_DEPTH = 1


class Damaged:
    """What a reference refers to if what it means is lost."""

    def __repr__(self):
        return "dz.DAMAGED"

    def __bool__(self):
        return False


DAMAGED = Damaged()


class Generation:
    """The dictionaries of a generation: for each kind, identifier -> entry."""

    def __init__(self):
        self.entries = collections.defaultdict(dict)
        self.lasts = collections.defaultdict(lambda: ([], []))  # of each kind: sequence numbers, and the last identifier of each

    def add(self, block, entries):
        self.entries[block.kind].update(zip(range(block.first, block.last + 1), entries))
        sequences, lasts = self.lasts[block.kind]
        sequences.append(block.sequence)
        lasts.append(block.last)

    def get(self, kind, identifier, last):
        """The entry, if it is not after `last`."""
        if identifier == 0:
            return None
        return self.entries[kind].get(identifier, DAMAGED) if identifier <= last else DAMAGED

    def last_before(self, kind, sequence):
        """The last identifier that a block with this sequence number can refer to."""
        sequences, lasts = self.lasts[kind]
        place = bisect.bisect_right(sequences, sequence)
        return lasts[place - 1] if place else 0

    def look_up(self, kind, identifiers, sequence):
        """The entries of a column of references."""
        last = self.last_before(kind, sequence)
        table = self.entries[kind]
        if not identifiers or max(identifiers) <= last:
            return [table.get(x, DAMAGED) if x else None for x in identifiers]
        return [self.get(kind, x, last) for x in identifiers]


def own_class(kind, link=None):
    """A class for the entries of a dictionary. `link`: the field that refers to the same dictionary; it is looked up when asked
    for, since there can be any number of such entries one after the other."""
    fields = [field.name + "_id" if field.name == link else field.name for field in PAGE_SCHEMA[kind]]
    entry = collections.namedtuple(PAGE_NAMES[kind].title(), [*fields, "identifier", "generation"])
    members = {"__slots__": (), "__repr__": represent, "__doc__": f"An entry of the dictionary {PAGE_NAMES[kind]}, see dz(5)."}
    if link:
        position = fields.index(link + "_id")
        members[link] = property(lambda self: self.generation.get(kind, self[position], self.identifier - 1))
    return type(entry.__name__, (entry,), members)


def represent(entry):
    values = (f"{name}={value!r}" for name, value in zip(entry._fields, entry) if name not in ("identifier", "generation"))
    return f"{type(entry).__name__}({', '.join(values)})"


Module, Frame = own_class(3), own_class(4)
Task = own_class(TASK_KIND, "parent")


class Stack(own_class(STACK_KIND, "caller")):
    """A call stack: its innermost frame, and the stack of the caller."""
    __slots__ = ()

    def frames(self):
        """The frames, the leaf first. One that is lost is DAMAGED."""
        stack = self
        while stack is not None:
            if stack is DAMAGED:
                yield DAMAGED
                return
            yield stack.frame
            stack = stack.caller


ENTRIES = {3: Module, 4: Frame, STACK_KIND: Stack, TASK_KIND: Task}
LINKS = {STACK_KIND: "caller", TASK_KIND: "parent"}


@contextlib.contextmanager
def no_collection():
    """Millions of tuples are made, and none of them is garbage: to look for it takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def signed(column):
    return [x - WRAP if x >= SIGN else x for x in column] if max(column) >= SIGN else column


def row_class(name, fields):
    """A named tuple for the rows of a kind. Names that Python cannot have become _0, _1 and so on."""
    return collections.namedtuple(name.title() if name else "Row", [field.name for field in fields], rename=True)


class Reader:
    """A file. It never fails because of damage: that is in `damage`, as (offset, size). Raises Refused if nothing can be read."""

    def __init__(self, data):
        self.data = data
        self.file_id = 0
        self.header_sound = self.closed = False
        self.trailer = None
        self.blocks, self.ordered = [], []  # in file order; usable, by sequence number
        self.damage = []
        self.schema, self.kind_names = PAGE_SCHEMA, PAGE_NAMES
        self.generations = collections.defaultdict(Generation)
        self.summed = 0
        with no_collection():
            self.read()

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
        return _format.crc32c(self.data[block.offset + BLOCK_HEADER:block.end]) == block.payload_crc

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
        if _format.crc32c(stored) != block.payload_crc:
            raise Bad("checksum")
        return _format.decompress(stored, block.raw)

    def lose(self, block):
        """Reported once, in however many ways it is wrong."""
        if block.usable:
            block.usable = False
            self.tell(block.offset, block.end - block.offset)

    def load_strings(self, block):
        texts = _format.decode_strings(self.payload(block), block.records)
        self.generations[block.generation].add(block, [text.decode("utf-8", "surrogateescape") for text in texts])

    def convert(self, block, type_, column):
        """The values of a column, by the type of the field."""
        if kind := DICTIONARY_OF_TYPE.get(type_):
            return self.generations[block.generation].look_up(kind, column, block.sequence)
        return signed(column) if type_ == TYPES["INT"] else column

    def columns(self, block):
        fields = self.schema.get(block.kind)
        if fields is None:
            raise Bad("kind without schema")
        return fields, _format.decode_table(self.payload(block), block.records, len(fields))

    def load_dictionary(self, block):
        fields, columns = self.columns(block)
        by_field = {(f.name, f.type): column for f, column in zip(fields, columns)}
        nothing, own = [0] * block.records, []
        for field in PAGE_SCHEMA[block.kind]:
            column = by_field.get((field.name, field.type), nothing)
            if field.name != LINKS.get(block.kind):
                column = self.convert(block, field.type, column)
            elif block.kind == STACK_KIND:
                column = self.limit_depth(block, column)
            own.append(column)
        generation = self.generations[block.generation]
        made = zip(*own, range(block.first, block.last + 1), itertools.repeat(generation))
        generation.add(block, map(ENTRIES[block.kind]._make, made))

    def limit_depth(self, block, callers):
        """The callers; one that would make a stack too deep refers to the stack itself, which is damage."""
        depths = self.depths[block.generation]
        callers = list(callers)
        for i, identifier in enumerate(range(block.first, block.last + 1)):
            depth = depths.get(callers[i], 0) + 1 if callers[i] < identifier else 1
            if depth > FRAME_LIMIT:
                callers[i], depth = identifier, 1
            depths[identifier] = depth
        return callers

    def find_schema(self):
        for block in self.ordered:
            if block.kind != SCHEMA_KIND or not block.usable:
                continue
            try:
                columns = _format.decode_table(self.payload(block), block.records, 7)
            except Bad:
                self.lose(block)
                continue
            texts = [self.convert(block, TYPES["STRING"], columns[i]) for i in (1, 3, 5, 6)]
            if any(text is None or text is DAMAGED for column in texts for text in column):
                continue
            kind_names, names, units, meanings = ([text.encode("utf-8", "surrogateescape") for text in column] for column in texts)
            try:
                return _format.build_schema(list(zip(columns[0], kind_names, columns[2], names, columns[4], units, meanings)))
            except Bad:
                self.lose(block)
        return PAGE_SCHEMA, PAGE_NAMES

    def load_rows(self, block):
        """The rows of a block as (times, rows). Rows of a kind whose first field is no time are checked, and not returned."""
        fields, columns = self.columns(block)
        if fields[0].type != TYPES["TIME"]:
            return [], []
        times = columns[0]
        if times[0] != block.first or times[-1] != block.last or times != sorted(times):
            raise Bad("times")
        made = (self.convert(block, f.type, column) for f, column in zip(fields, columns))
        return times, list(map(self.row_class(block.kind)._make, zip(*made)))

    def row_class(self, kind):
        if kind not in self.row_classes:
            self.row_classes[kind] = row_class(self.kind_names.get(kind, ""), self.schema[kind])
            self.row_classes[kind].kind = kind
        return self.row_classes[kind]

    def for_each(self, wanted, load):
        for block in self.ordered:
            if block.usable and wanted(block.kind):
                try:
                    load(block)
                except Bad:
                    self.lose(block)

    def read(self):
        """Everything but the rows."""
        self.depths = collections.defaultdict(dict)
        self.row_classes = {}
        start = self.read_header()
        self.walk(start)
        self.check_file_limits()
        self.put_in_order(start)
        self.for_each(lambda kind: kind == STRING_KIND, self.load_strings)
        self.schema, self.kind_names = self.find_schema()
        self.for_each(lambda kind: kind in ENTRIES, self.load_dictionary)
        self.depths.clear()
        self.for_each(lambda kind: kind == SCHEMA_KIND or 7 <= kind <= 15,
                      lambda block: _format.decode_table(self.payload(block), block.records, len(self.schema.get(block.kind, ()))))

    def sorted_rows(self, kinds=None):
        """(time, row) of these kinds, all without `kinds`, in the order of time. Each block is decoded when its time has come, and
        dropped after its last row. Blocks that break a rule are found on the way."""
        wanted = [block for block in self.ordered if block.kind > 15 and block.usable and (kinds is None or block.kind in kinds)]
        pending = sorted(wanted, key=lambda block: block.first, reverse=True)
        open_blocks = []
        while pending or open_blocks:
            if len(open_blocks) == 1 and (not pending or open_blocks[0].times[-1] < pending[-1].first):
                yield from open_blocks.pop().rest()
                continue
            first = min((each.times[each.at] for each in open_blocks), default=None)
            while pending and (first is None or pending[-1].first <= first):
                self.open_block(pending.pop(), open_blocks)
                first = min((each.times[each.at] for each in open_blocks), default=None)
            if open_blocks:
                yield from self.take_run(pending, open_blocks)

    def open_block(self, block, open_blocks):
        try:
            with no_collection():
                times, rows = self.load_rows(block)
        except Bad:
            self.lose(block)
            return
        if times:
            open_blocks.append(OpenBlock(block, times, rows))

    @staticmethod
    def take_run(pending, open_blocks):
        """The rows of the block whose next one comes first, until another block has an earlier one."""
        open_blocks.sort(key=OpenBlock.next_key)
        first = open_blocks[0]
        limit = open_blocks[1].next_key() if len(open_blocks) > 1 else None
        until = pending[-1].first if pending else None
        while first.at < len(first.times):
            key = first.next_key()
            if limit is not None and key > limit or until is not None and key[0] >= until:
                return
            yield first.times[first.at], first.rows[first.at]
            first.at += 1
        open_blocks.pop(0)


class OpenBlock:
    """A block of rows that is being merged with others."""

    def __init__(self, block, times, rows):
        self.sequence, self.times, self.rows, self.at = block.sequence, times, rows, 0

    def next_key(self):
        return self.times[self.at], self.sequence, self.at

    def rest(self):
        return zip(self.times[self.at:], self.rows[self.at:])
