#!/usr/bin/env python3
"""on-terminal.py COLUMNS COMMAND... - runs a command on a terminal with UTF-8 and without colour, and prints what the terminal got"""
import fcntl
import os
import pty
import struct
import sys
import termios


def main(columns, command):
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LC_CTYPE")}
        os.execvpe(command[0], command, {**environment, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        sys.stdout.buffer.write(piece.replace(b"\r\n", b"\n"))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
