"""dz_dump.py - what dump.c prints of a file, from the reader in Python

Every value comes through the typed rows of the package dz: what is compared is what its users see."""
import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
from dz import _format, _reader  # noqa: E402, pylint: disable=wrong-import-position

# What is remembered depends on the arguments alone: files that differ in one block are read one after the other.
_format.crc32c = functools.lru_cache(maxsize=8192)(_format.crc32c)
_format.decompress = functools.lru_cache(maxsize=1024)(_format.decompress)
_format.decode_table = functools.lru_cache(maxsize=1024)(_format.decode_table)


@functools.lru_cache(maxsize=262144)
def digest(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & _format.MASK
    return "%016x" % value


class Digests:
    """Of dictionary entries: what they are, whatever their identifiers."""

    def __init__(self, reader):
        self.known = {}
        # Earlier entries first: those that refer to others of their dictionary find them.
        for generation in reader.generations.values():
            for kind in (3, 4, 5, 6):
                for entry in generation.entries[kind].values():
                    self.known[id(entry)] = self.make(kind, entry)

    def make(self, kind, entry):
        shown = []
        for field in _format.PAGE_SCHEMA[kind]:
            shown.append(self.show(getattr(entry, field.name)))
        return digest("{}({})".format(kind, ",".join(shown)).encode())

    def show(self, value):
        if value is None:
            return "-"
        if value is _reader.DAMAGED:
            return "damaged"
        if isinstance(value, int):
            return str(value & _format.MASK)
        if isinstance(value, str):
            return digest(value.encode("utf-8", "surrogateescape"))
        return self.known[id(value)]


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
    try:
        reader = _reader.Reader(data)
    except _format.Refused as reason:
        return "refused {}\n".format(reason)
    digests = Digests(reader)
    lines = ["header {}".format("sound" if reader.header_sound else "damaged"),
             "closed {}".format(int(reader.closed))]
    lines += ["block {} {} {}".format(b.offset, b.sequence, b.kind) for b in reader.blocks]
    lines += ["row {} {}".format(row.kind, " ".join(map(digests.show, row))) for _, row in reader.sorted_rows()]
    lines += ["damage {} {}".format(offset, size) for offset, size in merged(reader.damage)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(dump(pathlib.Path(name).read_bytes()))
