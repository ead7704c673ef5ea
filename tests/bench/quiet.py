#!/usr/bin/env python3
"""quiet.py - what a quiet recording takes, beside another build: start, processor time and memory, with all helper processes

usage: tests/bench/quiet.py BUILD OTHER-BUILD [ROUNDS [SECONDS]]

Each round starts both in turn with default options, and lets them record for SECONDS (10) in which one process ends each
second. A first round is not counted, and the order changes with each round. Prints the median of each figure with the least and
the most, and the ratios of the medians and of the least. Ends with 1 if both of a figure are more than 5 % above: what else runs on the
machine can raise one of them.
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

BAR = 1.05
FIGURES = (("start", "ms"), ("processor time in a second", "ms"), ("memory", "MiB"))


def children(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
    except OSError:
        pass  # it has ended
    return found


def family(pid):
    """The process and all below it."""
    found = [pid]
    for member in found:
        found += children(member)
    return found


def tasks(pids):
    """Milliseconds that each thread has run. Of schedstat, which counts nanoseconds."""
    found = {}
    for pid in pids:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                    found[task] = int(file.read().split()[0]) / 1e6
        except OSError:
            continue  # it has ended
    return found


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


def start(build):
    """The recorder, and milliseconds until it records."""
    begun = time.monotonic()
    recorder = subprocess.Popen([f"{build}/bin/diag-record", "--force", "-o", "quiet.dz"], stderr=subprocess.PIPE, text=True)
    said = ""
    for line in recorder.stderr:
        said += line
        if "recording to" in line:
            return recorder, (time.monotonic() - begun) * 1e3
    raise SystemExit(f"{build}: diag-record did not begin: {said}")


def record(build, seconds):
    """Milliseconds until it records, those of the processor in a second while it does, and mebibytes."""
    recorder, start_ms = start(build)
    time.sleep(1)
    before = tasks(family(recorder.pid))
    # A helper process can end and be replaced: what each thread has used is kept as it was seen last.
    last = dict(before)
    begun = time.monotonic()
    for _ in range(seconds):
        subprocess.run(["true"], check=True)
        time.sleep(1)
        last.update(tasks(family(recorder.pid)))
    used = sum(last.values()) - sum(before.values())
    passed = time.monotonic() - begun
    memory = memory_mib(family(recorder.pid))
    recorder.terminate()
    recorder.communicate()
    if recorder.returncode != 0:
        raise SystemExit(f"{build}: diag-record ended with {recorder.returncode}")
    return start_ms, used / passed, memory


def text(figures):
    return f"{statistics.median(figures):.2f} ({min(figures):.2f} to {max(figures):.2f})"


def main():
    if not 3 <= len(sys.argv) <= 5:
        raise SystemExit(__doc__)
    builds = [os.path.abspath(build) for build in sys.argv[1:3]]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    found = {build: [] for build in builds}
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for number in range(rounds + 1):
            for build in builds if number % 2 else builds[::-1]:
                figures = record(build, seconds if number else 1)
                found[build] += [figures] if number else []
        os.chdir("/")
    above = False
    for index, (what, unit) in enumerate(FIGURES):
        own, other = ([figures[index] for figures in found[build]] for build in builds)
        ratios = [of(own) / of(other) for of in (statistics.median, min)]
        above |= min(ratios) > BAR
        print(f"{what}: {text(own)} {unit}, the other build {text(other)} {unit}: {ratios[0]:.2f} times, the least {ratios[1]:.2f} times, "
              f"the bar is {BAR}")
    sys.exit(above)


main()
