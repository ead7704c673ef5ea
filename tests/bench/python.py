#!/usr/bin/env python3
"""python.py - processor time of the package dz to open a file of a million exits and to read all rows

  usage: python.py BUILD-DIRECTORY [EXITS]     (1000000)

Fails if a million takes more than 10 seconds."""
import os
import subprocess
import sys
import tempfile
import time


def main(build, exits):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python"))
    import dz  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "exits.dz")
        subprocess.run([os.path.join(build, "bin", "format_bench"), str(exits), path], check=True, timeout=120)
        start = time.process_time()
        trace = dz.open(path)
        opened = time.process_time()
        count = sum(1 for _ in trace.rows())
        end = time.process_time()
    print(f"{count} rows: {opened - start:.2f} s to open, {end - opened:.2f} s to read")
    return 1 if count < exits or (end - start) * 1000000 / exits > 10 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000000))
