"""dz - reads .dz files, which diag-record writes

    import dz
    trace = dz.open("trace.dz")
    for row in trace.rows("exit"):
        print(row.time, row.task.comm, row.exit_code)

A DataFrame of pandas:

    import dz, pandas
    frame = pandas.DataFrame(dz.open("trace.dz").columns("exit"))

dz(5) describes kinds and fields. A file can be damaged: what is readable is read, and Trace.damage has the rest."""
import builtins
import struct
import sys
from collections import defaultdict

from ._format import TYPES, Refused
from ._reader import DAMAGED, Frame, Module, Reader, Stack, Task

__all__ = ["open", "Trace", "DAMAGED", "Frame", "Module", "Refused", "Stack", "Task"]
__version__ = "0.1.0"

CLOCKS_OFFSET = 72  # in the file header: CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME
TASK_FIELDS = ("pid", "tid", "comm", "uid", "cgroup")


class Trace:
    """A file. Rows are named tuples with the fields of their kind:

    UINT, FLAG      int
    INT             int, negative too
    TIME            int, CLOCK_BOOTTIME in ns; Trace.unix_ns() makes it a time of the calendar
    STRING          str; bytes that are not UTF-8 are surrogates, as in file names
    TASK            Task, with its fields: pid, tid, comm, parent, ...
    STACK           Stack; its method frames() returns every Frame, the leaf first
    no reference    None
    lost to damage  dz.DAMAGED, which is false
    """

    def __init__(self, data):
        """`data`: the bytes of the file. Raises Refused if it is no .dz file, or if nothing in it can be read."""
        self._reader = Reader(data)
        self._numbers = {name: kind for kind, name in self._reader.kind_names.items()}
        self.closed = self._reader.closed  # by the recorder; otherwise the end may be missing
        self.uuid, self.boot_id, self._clocks = "", "", []
        if self._reader.header_sound:
            self.uuid, self.boot_id = data[32:48].hex(), data[48:64].hex()
            boottime, _, realtime = struct.unpack_from("<QQQ", data, CLOCKS_OFFSET)
            self._clocks.append((boottime, realtime))
        for row in self.rows("clock"):
            self._clocks.append((row.time, row.realtime))
        self.info = {row.key: row.value for row in self.rows("info")}  # the last value of each key

    @property
    def damage(self):
        """What could not be read so far, as (offset, size) in bytes. Complete after all rows have been read."""
        return sorted(self._reader.damage)

    def kinds(self):
        """The names of the kinds that have rows."""
        return sorted({self._reader.kind_names[block.kind] for block in self._reader.ordered
                       if block.kind > 15 and block.kind in self._reader.kind_names})

    def fields(self, kind):
        """The names of the fields of a kind, as this file has them."""
        return [field.name for field in self._reader.schema[self._number(kind)]]

    def rows(self, *kinds):
        """An iterator over the rows of these kinds (names), all without an argument, in the order of time. row.kind is the number
        of the kind. A kind that the file does not have has no rows."""
        numbers = {self._numbers[kind] for kind in kinds if kind in self._numbers} if kinds else None
        return (row for _, row in self._reader.sorted_rows(numbers))

    def columns(self, kind):
        """The rows of a kind as a dictionary: name of a field -> list of values. unix_ns comes first, a task has a column for each
        of pid, tid, comm, uid and cgroup, and a stack is a text: the frames, the leaf first."""
        columns = defaultdict(list)
        rows = list(self.rows(kind))
        if not rows:
            return {}
        for field, values in zip(self._reader.schema[self._number(kind)], zip(*rows)):
            if field.type == TYPES["TIME"]:
                columns["unix_" + field.name] = [self.unix_ns(value) for value in values]
            if field.type == TYPES["TASK"]:
                for name in TASK_FIELDS:
                    columns[f"{field.name}_{name}"] = [getattr(task, name, None) for task in values]
            elif field.type == TYPES["STACK"]:
                columns[field.name] = [stack_text(stack) for stack in values]
            else:
                columns[field.name] = [None if value is DAMAGED else value for value in values]
        return dict(columns)

    def unix_ns(self, boottime_ns):
        """CLOCK_REALTIME in ns of a time of the file, by the last reading of the clocks before it."""
        last = None
        for boottime, realtime in self._clocks:
            if last is None or boottime <= boottime_ns:
                last = realtime - boottime
        return boottime_ns + (last or 0)

    def _number(self, kind):
        if kind not in self._numbers:
            raise KeyError(f"{kind}: the file has no such kind")
        return self._numbers[kind]


def frame_text(frame):
    if not frame:
        return "[damaged]"
    if frame.symbol:
        return sys.intern(frame.symbol)
    path = getattr(frame.module, "path", None) or "[unknown]"
    return f"{path.rsplit('/', 1)[-1]}+{frame.offset:#x}"


def stack_text(stack):
    """'abort <- check <- main'; None without a stack."""
    return " <- ".join(map(frame_text, stack.frames())) if stack else None


def open(path):  # pylint: disable=redefined-builtin
    """Reads a file. Raises OSError, or Refused if it is no .dz file."""
    with builtins.open(path, "rb") as file:
        return Trace(file.read())
