"""fuse_server.py - a FUSE file system with one file, which stops answering the recorder while a file `hang` exists

    usage: fuse_server.py DEVICE MOUNTPOINT CONTENT HANG [OPTION]

It speaks the protocol of the kernel itself, so that no library is needed. The file is called `prog` and has the contents of
CONTENT; every name that begins with perf- is the same file. While HANG exists, requests to open or read it, and look-ups of
perf-..., of threads whose name begins with diag- get no answer. Each one is written to HANG.log.

A file that is created there is an output: while HANG exists, no request of these threads that has to do with it is answered. All
are answered, in their order, when HANG is gone.

A sync takes the time in the environment variable FSYNC_SECONDS.
"""
import ctypes
import os
import select
import struct
import sys
import time

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, ACCESS = (
    1, 2, 3, 14, 15, 17, 18, 25, 26, 27, 28, 29, 34)
INTERRUPT, DESTROY, BATCH_FORGET = 36, 38, 42
SETATTR, UNLINK, WRITE, FSYNC, FSYNCDIR, CREATE = 4, 10, 16, 20, 30, 35
UNANSWERED = {FORGET, INTERRUPT, BATCH_FORGET}
HEADER = struct.Struct("<IIQQIIIHH")
ENOENT, ENOSYS = 2, 38
ROOT, PROG, OUTPUT = 1, 2, 3
SIZE_IS_VALID = 1 << 3
FSYNC_SECONDS = float(os.environ.get("FSYNC_SECONDS", "0"))


def attributes(node, size):
    mode, bytes_, links = (0o40755, 0, 2) if node == ROOT else (0o100755, size, 1)
    return struct.pack("<QQQQQQIIIIIIIIII", node, bytes_, (bytes_ + 511) // 512, 0, 0, 0, 0, 0, 0, mode, links, os.getuid(),
                       os.getgid(), 0, 4096, 0)


class Server:
    def __init__(self, device, mountpoint, content, hang, option=""):
        self.fd = os.open(device, os.O_RDWR)
        self.hang = hang
        self.output_name = None
        self.output = bytearray()
        self.waiting = []
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

    def answer_output(self, opcode, body):
        """The answer to a request for the file that was created."""
        if opcode == SETATTR and struct.unpack_from("<I", body)[0] & SIZE_IS_VALID:
            size = struct.unpack_from("<Q", body, 16)[0]
            self.output[size:] = bytes(max(0, size - len(self.output)))
        if opcode in (GETATTR, SETATTR):
            return struct.pack("<QII", 0, 0, 0) + attributes(OUTPUT, len(self.output))
        if opcode == OPEN:
            return struct.pack("<QII", 1, 0, 0)
        if opcode == WRITE:
            offset, size = struct.unpack_from("<8xQI", body)
            self.output[offset:offset + size] = body[40:40 + size]
            return struct.pack("<II", size, 0)
        if opcode == READ:
            offset, size = struct.unpack_from("<8xQI", body)
            return bytes(self.output[offset:offset + size])
        if opcode == FSYNC:
            time.sleep(FSYNC_SECONDS)
        return b"" if opcode in (FSYNC, RELEASE, FLUSH, ACCESS) else ENOSYS

    def answer_directory(self, opcode, body):
        """Creates the output, or finds it. None: the request is for something else."""
        entry = struct.pack("<QQQQII", OUTPUT, 1, 0, 0, 0, 0)
        if opcode == CREATE:
            self.output_name = body[16:].split(b"\0")[0]
            return entry + attributes(OUTPUT, 0) + struct.pack("<QII", 1, 0, 0)
        if opcode == LOOKUP and self.output_name and body.split(b"\0")[0] == self.output_name:
            return entry + attributes(OUTPUT, len(self.output))
        return b"" if opcode in (FSYNCDIR, UNLINK) else None

    def answer(self, opcode, node, thread, body):
        """Returns the bytes of the answer, an error number, or None for no answer."""
        name = body.split(b"\0")[0] if opcode == LOOKUP else b""
        is_file = node == PROG and opcode in (OPEN, READ)
        if (is_file or name.startswith(b"perf-")) and self.is_hanging(thread):
            os.write(self.log, f"{opcode} {thread}\n".encode())
            return None
        created = self.answer_output(opcode, body) if node == OUTPUT else self.answer_directory(opcode, body)
        if created is not None:
            return created
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

    def send(self, unique, answer):
        error, data = (-answer, b"") if isinstance(answer, int) else (0, answer)
        os.write(self.fd, struct.pack("<IiQ", 16 + len(data), error, unique) + data)

    def answer_waiting(self):
        """Answers what waits for the end of HANG."""
        if self.waiting and not os.path.exists(f"/proc/self/fd/{self.directory}/{os.path.basename(self.hang)}"):
            for unique, opcode, body in self.waiting:
                self.send(unique, self.answer_output(opcode, body))
            self.waiting = []

    def serve(self):
        print("mounted", flush=True)
        while True:
            ready = select.select([self.fd], [], [], 0.05 if self.waiting else None)[0]
            self.answer_waiting()
            if not ready:
                continue
            try:
                request = os.read(self.fd, 1 << 20)
            except OSError:
                return
            _, opcode, unique, node, _, _, thread, _, _ = HEADER.unpack_from(request)
            body = request[HEADER.size:]
            if opcode == DESTROY:
                return
            if opcode in UNANSWERED:
                continue
            if node == OUTPUT and (self.waiting or self.is_hanging(thread)):
                os.write(self.log, f"{opcode} {thread}\n".encode())
                self.waiting.append((unique, opcode, body))
                continue
            answer = self.answer(opcode, node, thread, body)
            if answer is not None:
                self.send(unique, answer)


Server(*sys.argv[1:]).serve()
