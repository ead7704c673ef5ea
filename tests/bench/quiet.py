#!/usr/bin/env python3
"""quiet.py - what a quiet recording takes, beside another build: start, processor time and memory, with all helper processes

usage: tests/bench/quiet.py BUILD OTHER-BUILD [ROUNDS [SECONDS]]

Each round starts both in turn with default options, and lets them record for SECONDS (10) in which one process ends each
second. Prints the median of each figure and the ratio. Ends with 1 if a figure of the first build is more than 5 % above.
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
SECONDS = int(sys.argv[4]) if len(sys.argv) > 4 else 10
BAR = 1.05


def family(pid):
    """The process and all below it."""
    found = [pid]
    for member in found:
        try:
            for task in os.listdir(f"/proc/{member}/task"):
                with open(f"/proc/{member}/task/{task}/children", encoding="ascii") as children:
                    found += [int(child) for child in children.read().split()]
        except OSError:
            continue
    return found


def cpu_ms(pids):
    """Of schedstat, which counts nanoseconds."""
    total = 0
    for pid in pids:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
        except OSError:
            continue  # it has ended
    return total / 1e6


def memory_mib(pids):
    """What they have in memory, each page once."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += int(re.search(r"^Pss:\s+(\d+)", file.read(), re.MULTILINE).group(1))
        except OSError:
            continue  # it has ended
    return total / 1024


def record(build):
    """Milliseconds until it records, those of the processor while it does, and mebibytes."""
    begun = time.monotonic()
    recorder = subprocess.Popen([f"{build}/bin/diag-record", "--force", "-o", "quiet.dz"], stderr=subprocess.PIPE, text=True)
    while "recording to" not in recorder.stderr.readline():
        if recorder.poll() is not None:
            raise SystemExit(f"{build}: diag-record did not begin")
    start = (time.monotonic() - begun) * 1e3
    time.sleep(1)
    pids = family(recorder.pid)
    used = cpu_ms(pids)
    for _ in range(SECONDS):
        subprocess.run(["true"], check=True)
        time.sleep(1)
    used = cpu_ms(pids) - used
    memory = memory_mib(pids)
    recorder.terminate()
    recorder.communicate()
    return start, used / SECONDS, memory


def main():
    builds = [os.path.abspath(build) for build in sys.argv[1:3]]
    os.chdir(tempfile.mkdtemp())
    rounds = {build: [] for build in builds}
    for _ in range(ROUNDS):
        for build in builds:
            rounds[build].append(record(build))
    above = False
    for index, (what, unit) in enumerate((("start", "ms"), ("processor time in a second", "ms"), ("memory", "MiB"))):
        own, other = (statistics.median(figures[index] for figures in rounds[build]) for build in builds)
        above |= own > other * BAR
        print(f"{what}: {own:.2f} {unit}, the other build {other:.2f} {unit}: {own / other:.2f} times, the bar is {BAR}")
    sys.exit(above)


main()
