#!/usr/bin/env python3
"""start.py - processor time that a start of diag-record takes, beside another build

usage: tests/bench/start.py BUILD OTHER-BUILD

Each round starts both in turn, with the default events and `true` as the workload. Prints the median of user and system time,
their ratio, and the bytes of the BPF maps that each build holds for exits alone and for exits with signals. Ends with 1 if the
first build needs more than half of the second one's time.
"""
import glob
import json
import os
import re
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


def maps(build, events):
    """Bytes and number of the maps of a recording."""
    recorder = subprocess.Popen([f"{build}/bin/diag-record", "--force", "-e", events, "-o", "maps.dz"], stderr=subprocess.PIPE, text=True)
    while "recording" not in recorder.stderr.readline():
        assert recorder.poll() is None, f"{build} does not record"
    numbers = set()
    for path in glob.glob(f"/proc/{recorder.pid}/fdinfo/*"):
        with open(path, encoding="ascii") as file:
            numbers.update(re.findall(r"^map_id:\s+(\d+)", file.read(), re.M))
    shown = json.loads(subprocess.run(["bpftool", "-j", "map", "show"], capture_output=True, text=True, check=True).stdout)
    recorder.terminate()
    recorder.communicate()
    return sum(each.get("bytes_memlock", 0) for each in shown if str(each["id"]) in numbers), len(numbers)


def main():
    builds = [os.path.abspath(build) for build in sys.argv[1:3]]
    os.chdir(tempfile.mkdtemp())
    seconds = {build: [] for build in builds}
    for _ in range(ROUNDS):
        for build in builds:
            seconds[build].append(start(build))
    own, other = (statistics.median(seconds[build]) for build in builds)
    print(f"a start: {own * 1e3:.0f} ms of processor time, the other build {other * 1e3:.0f} ms: {own / other:.2f} times, the bar is {BAR}")
    for events in ("exit", "exit,signal"):
        (own_bytes, own_count), (other_bytes, other_count) = (maps(build, events) for build in builds)
        print(f"-e {events}: {own_count} maps of {own_bytes / 2**20:.1f} MiB, the other build {other_count} of {other_bytes / 2**20:.1f} MiB")
    sys.exit(own / other > BAR)


main()
