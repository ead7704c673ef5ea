"""fuse_server.py - a FUSE file system with one file, which stops answering the recorder while a file `hang` exists

    usage: fuse_server.py DEVICE MOUNTPOINT CONTENT HANG [OPTION]

It speaks the protocol of the kernel itself, so that no library is needed. The file is called `prog` and has the contents of
CONTENT; every name that begins with perf- is the same file. While HANG exists, requests to open or read it, and look-ups of
perf-..., of threads whose name begins with diag- get no answer. Each one is written to HANG.log.
"""
import ctypes
import os
import struct
import sys

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, ACCESS = (
    1, 2, 3, 14, 15, 17, 18, 25, 26, 27, 28, 29, 34)
INTERRUPT, DESTROY, BATCH_FORGET = 36, 38, 42
UNANSWERED = {FORGET, INTERRUPT, BATCH_FORGET}
HEADER = struct.Struct("<IIQQIIIHH")
ENOENT, ENOSYS = 2, 38
ROOT, PROG = 1, 2


def attributes(node, size):
    mode, bytes_, links = (0o40755, 0, 2) if node == ROOT else (0o100755, size, 1)
    return struct.pack("<QQQQQQIIIIIIIIII", node, bytes_, (bytes_ + 511) // 512, 0, 0, 0, 0, 0, 0, mode, links, os.getuid(),
                       os.getgid(), 0, 4096, 0)


class Server:
    def __init__(self, device, mountpoint, content, hang, option=""):
        self.fd = os.open(device, os.O_RDWR)
        self.hang = hang
        with open(content, "rb") as file:
            self.content = file.read()
        data = f"fd={self.fd},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}{option}".encode()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"hang", mountpoint.encode(), b"fuse.hang", 6, data) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        # The log is opened now: later a path could lead into this file system.
        self.log = os.open(hang + ".log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        self.directory = os.open(os.path.dirname(hang) or ".", os.O_RDONLY | os.O_DIRECTORY)

    def is_hanging(self, thread):
        try:
            os.stat(os.path.basename(self.hang), dir_fd=self.directory)
            with open(f"/proc/{thread}/comm", encoding="ascii", errors="replace") as comm:
                return comm.read().startswith("diag-")
        except OSError:
            return False

    def answer(self, opcode, node, thread, body):
        """Returns the bytes of the answer, an error number, or None for no answer."""
        name = body.split(b"\0")[0] if opcode == LOOKUP else b""
        is_file = node == PROG and opcode in (OPEN, READ)
        if (is_file or name.startswith(b"perf-")) and self.is_hanging(thread):
            os.write(self.log, f"{opcode} {thread}\n".encode())
            return None
        if opcode == INIT:
            ahead = struct.unpack_from("<I", body, 8)[0]
            return struct.pack("<IIIIHHIIHHIIHHIIII", 7, 31, ahead, 0, 16, 12, 65536, 1, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0)[:64]
        if opcode == LOOKUP:
            if name != b"prog" and not name.startswith(b"perf-"):
                return ENOENT
            return struct.pack("<QQQQII", PROG, 1, 0, 0, 0, 0) + attributes(PROG, len(self.content))
        if opcode == GETATTR:
            return struct.pack("<QII", 1, 0, 0) + attributes(node, len(self.content))
        if opcode in (OPEN, OPENDIR):
            return struct.pack("<QII", 1, 0, 0)
        if opcode == READ:
            offset, size = struct.unpack_from("<QI", body, 8)
            return self.content[offset:offset + size]
        if opcode == STATFS:
            return struct.pack("<QQQQQIIII", 0, 0, 0, 0, 0, 4096, 64, 0, 0) + bytes(24)
        if opcode in (READDIR, RELEASE, RELEASEDIR, FLUSH, ACCESS):
            return b""
        return ENOSYS

    def serve(self):
        print("mounted", flush=True)
        while True:
            try:
                request = os.read(self.fd, 1 << 20)
            except OSError:
                return
            _, opcode, unique, node, _, _, thread, _, _ = HEADER.unpack_from(request)
            if opcode == DESTROY:
                return
            answer = None if opcode in UNANSWERED else self.answer(opcode, node, thread, request[HEADER.size:])
            if answer is None:
                continue
            error, data = (-answer, b"") if isinstance(answer, int) else (0, answer)
            os.write(self.fd, struct.pack("<IiQ", 16 + len(data), error, unique) + data)


Server(*sys.argv[1:]).serve()
