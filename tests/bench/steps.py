#!/usr/bin/env python3
"""steps - what the steps of a section cost: the wall time of perf bench sched pipe, how many steps a buffer keeps, and memory

usage: steps.py BUILD-DIRECTORY [OTHER-BUILD [ROUNDS [LOOPS]]]     (5 rounds, 200,000 loops), as root

One side of the pipe is in a section, with samples each millisecond. In each round the load runs alone, and under each build in turn.
Prints the median of the wall times as ratios, the steps that are in the file, those that were dropped, and the bytes of all
BPF maps of a recording of sections. Status 1 if the first build misses a bar."""
import glob
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

import recording

BUILDS = [os.path.abspath(build) for build in sys.argv[1:3]]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
LOOPS = sys.argv[4] if len(sys.argv) > 4 else "200000"
OPTIONS = ("-e", "section", "--timer-us", "1000")
TIMES_MAX, MIB_MAX, STEPS_TIMES = 1.3, 39, 50
LOAD = ("import os, sys\n"
        "os.path.exists('/diag/section/start/1/pipe')\n"
        "os.execvp('perf', ['perf', 'bench', '-f', 'simple', 'sched', 'pipe', '-l', sys.argv[1]])\n")


def pipe():
    """Seconds, as the load prints them."""
    return float(subprocess.run([sys.executable, "-c", LOAD, LOOPS], capture_output=True, text=True, check=True).stdout)


def maps_bytes(pid):
    numbers = set()
    for path in glob.glob(f"/proc/{pid}/fdinfo/*"):
        try:
            with open(path, encoding="ascii") as file:
                numbers.update(re.findall(r"^map_id:\s+(\d+)", file.read(), re.M))
        except FileNotFoundError:
            continue
    shown = json.loads(subprocess.run(["bpftool", "-j", "map", "show"], capture_output=True, text=True, check=True).stdout)
    return sum(each.get("bytes_memlock", 0) for each in shown if str(each["id"]) in numbers)


def steps_of(build, path):
    """How many steps of the pipe the file has, how many were dropped, and how many were lost."""
    kept = dropped = lost = 0
    with subprocess.Popen([f"{build}/bin/diag-report", "--json", "-e", "section", path], stdout=subprocess.PIPE, text=True) as reader:
        for line in reader.stdout:
            event = json.loads(line)
            lost += event["count"] if event["type"] == "lost" else 0
            for step in event.get("steps", [event] if event["type"] == "step" else []):
                if step["step_type"] == "dropped":
                    dropped += step["value"]
                else:
                    kept += 1
    return kept, dropped, lost


def record(build, path):
    process = recording.begin(build, path, *OPTIONS)
    try:
        size = maps_bytes(process.pid)
        seconds = pipe()
    finally:
        recording.end(process)
    return {"seconds": seconds, "bytes": size, "steps": steps_of(build, path)}


def main():
    os.chdir(tempfile.mkdtemp())
    alone, results = [], {build: [] for build in BUILDS}
    for _ in range(ROUNDS):
        alone.append(pipe())
        for build in BUILDS:
            results[build].append(record(build, "steps.dz"))
    rows = []
    for build, found in results.items():
        times = statistics.median(each["seconds"] / base for each, base in zip(found, alone))
        kept = statistics.median(each["steps"][0] for each in found)
        mib = found[0]["bytes"] / 2**20
        rows.append((times, kept, mib))
        print(f"{build}: {times:.2f} times the {statistics.median(alone):.2f} s of the load alone, {kept:.0f} steps kept, "
              f"{statistics.median(each['steps'][1] for each in found):.0f} dropped, {sum(each['steps'][2] for each in found)} lost, "
              f"maps of {mib:.1f} MiB, {os.path.getsize('steps.dz')} bytes in the last file")
    missed = rows[0][0] > TIMES_MAX or rows[0][2] > MIB_MAX
    if len(rows) > 1:
        print(f"{rows[0][1] / rows[1][1]:.1f} times the steps of the other build, the bar is {STEPS_TIMES}")
        missed |= rows[0][1] < STEPS_TIMES * rows[1][1]
    sys.exit(missed)


main()
