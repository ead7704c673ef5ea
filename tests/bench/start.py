#!/usr/bin/env python3
"""start.py - processor time that a start of diag-record takes, beside another build

usage: tests/bench/start.py BUILD OTHER-BUILD

Each round starts both in turn, with the default events and `true` as the workload. Prints the median of user and system time,
and their ratio. Ends with 1 if the first build needs more than half of the second one's time.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 9
BAR = 0.5


def start(build):
    """Seconds of processor time, with that of helper processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([f"{build}/bin/diag-record", "--quiet", "--force", "-o", "start.dz", "--", "true"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    builds = [os.path.abspath(build) for build in sys.argv[1:3]]
    os.chdir(tempfile.mkdtemp())
    seconds = {build: [] for build in builds}
    for _ in range(ROUNDS):
        for build in builds:
            seconds[build].append(start(build))
    own, other = (statistics.median(seconds[build]) for build in builds)
    print(f"a start: {own * 1e3:.0f} ms of processor time, the other build {other * 1e3:.0f} ms: {own / other:.2f} times, the bar is {BAR}")
    sys.exit(own / other > BAR)


main()
