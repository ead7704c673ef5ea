# tests/cli/protobuf.py - reads the wire format of Protocol Buffers, for the tests of exports
import struct

VARINT, FIXED64, BYTES = 0, 1, 2


def varint(data, at):
    """A number, and the place after it."""
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def varints(data):
    """The numbers of a packed field."""
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        yield value


def fields(data):
    """Number, wire type and value of each field: an int, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == FIXED64:
            value = struct.unpack_from("<Q", data, at)[0]
            at += 8
        else:
            assert key & 7 in (VARINT, BYTES), key
            value, at = varint(data, at)
        if key & 7 == BYTES:
            size, value = value, data[at:at + value]
            assert len(value) == size
            at += size
        yield key >> 3, key & 7, value
