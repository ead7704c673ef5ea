"""write_log.py - reads what dm-log-writes noted of the writes to a disk, and brings an image of it to any moment of these

The log is a block that says what follows, and then for each write a block about it and its bytes. A write is noted when a
flush that came after it, or the write itself by going past the cache, has ended: what stands before a flush is what no disk
may lose any more.
"""
import struct

MAGIC = 0x6A736677736872
VERSION = 1
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
SUPER = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")


class Entry:
    """One write: `sector` and `count` in sectors of the disk, `at` where in the log its bytes begin."""

    def __init__(self, fields, text, at):
        self.sector, self.count, self.flags, _ = fields
        self.text = text if self.flags & MARK else ""
        self.at = at

    def is_durable(self):
        return bool(self.flags & (FLUSH | FUA))


class WriteLog:
    """The entries of a log, in the order in which they came to be noted."""

    def __init__(self, path):
        self.file = open(path, "rb")  # pylint: disable=consider-using-with
        magic, version, count, self.sector_bytes = SUPER.unpack(self.file.read(SUPER.size))
        if (magic, version) != (MAGIC, VERSION) or not 512 <= self.sector_bytes <= 65536:
            raise ValueError(f"{path}: not a log of dm-log-writes")
        self.entries = list(self.read_entries(count))

    def read_entries(self, count):
        at = self.sector_bytes
        for _ in range(count):
            self.file.seek(at)
            block = self.file.read(self.sector_bytes)
            if len(block) != self.sector_bytes:
                raise ValueError("the log is cut")
            fields = ENTRY.unpack_from(block)
            text = block[ENTRY.size:ENTRY.size + fields[3]].split(b"\0")[0].decode("ascii", "replace")
            at += self.sector_bytes
            entry = Entry(fields, text, at)
            if not entry.flags & DISCARD:
                at += entry.count * self.sector_bytes
            yield entry

    def apply(self, entry, image):
        """`image` is a file open for writing."""
        image.seek(entry.sector * self.sector_bytes)
        if entry.flags & DISCARD:
            image.write(bytes(entry.count * self.sector_bytes))
        elif entry.count:
            self.file.seek(entry.at)
            image.write(self.file.read(entry.count * self.sector_bytes))
