#!/usr/bin/env python3
"""index.py - every program and mode reports damage of the index and of the trailer, with status 3

  usage: index.py BUILD-DIRECTORY
"""
import os
import struct
import subprocess
import sys
import tempfile

TRAILER_BYTES = 64
INDEX_OFFSET_AT = 24  # dz(5), Trailer
STEP = 11  # bytes from one flip to the next
COMMANDS = (
    ["diag-report"], ["diag-report", "--tables"], ["diag-report", "--json"], ["diag-report", "--events"],
    ["diag-report", "--info"], ["diag-report", "--info", "--verbose"], ["diag-report", "--verify"], ["diag-report", "--since", "-1s"], ["diag-fold"],
    ["diag-flame", "--force", "-o", "picture.svg"],
)


def damaged_versions(trace):
    """The trace with one bit flipped in index or trailer, or with bytes missing there."""
    start = struct.unpack_from("<Q", trace, len(trace) - TRAILER_BYTES + INDEX_OFFSET_AT)[0]
    for position in range(start, len(trace), STEP):
        flipped = bytearray(trace)
        flipped[position] ^= 1 << position % 8
        yield f"bit {position % 8} of byte {position} flipped", flipped
    for size in (start, start + 1, start + 80, len(trace) - TRAILER_BYTES, len(trace) - 1):
        yield f"truncated to {size} bytes", trace[:size]


def main():
    build, failed = os.path.abspath(sys.argv[1]), 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run([os.path.join(build, "tests", "make_scenario"), "deaths", "trace.dz"], check=True)
        with open("trace.dz", "rb") as file:
            trace = file.read()
        for what, damaged in damaged_versions(trace):
            with open("damaged.dz", "wb") as file:
                file.write(damaged)
            for command in COMMANDS:
                words = [os.path.join(build, "bin", command[0]), *command[1:], "damaged.dz"]
                done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                if done.returncode != 3:
                    failed += 1
                    print(f"not ok - {what}: {' '.join(command)} ends with {done.returncode}")
    print("not ok" if failed else "ok - damage of index and trailer is reported by each of", len(COMMANDS), "commands")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
