#!/usr/bin/env python3
"""run.py - what recording sections costs a program, beside the tools that tell something similar, as ratios in one run

usage: run.py BUILD-DIRECTORY [COUNT]

The workload is one thread that makes COUNT reads and writes of one byte (dd); the second one is two threads that pass a
token to and fro (perf bench sched pipe). Each figure is the least of three runs, as a multiple of the program alone."""
import os
import re
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
COUNT = sys.argv[2] if len(sys.argv) > 2 else "100000"
RUNS = 3
DD = ["dd", "if=/dev/zero", "of=/dev/null", "bs=1", f"count={COUNT}"]
PIPE = ["perf", "bench", "-f", "simple", "sched", "pipe", "-l", "20000"]
MARKED = ["sh", "-c", 'test -e /diag/section/start/1/bench; exec "$@"', "sh"]


def seconds(command):
    begin = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def least(command):
    return min(seconds(command) for _ in range(RUNS))


def recorded(command, *options):
    """The least time while diag-record runs, which is started before."""
    process = subprocess.Popen([f"{BUILD}/bin/diag-record", "--force", "-o", "bench.dz", *options], stderr=subprocess.PIPE,
                               text=True)
    for line in process.stderr:
        if "recording to" in line:
            break
    result = least(command)
    costs = bpf_cost()
    process.terminate()
    process.wait()
    for name in sorted(costs, key=costs.get, reverse=True)[:6]:
        print(f"      {costs[name]:7.0f} ns a run  {name}")
    return result


def bpf_cost():
    """Nanoseconds that one run of each program took, if kernel.bpf_stats_enabled is 1."""
    text = subprocess.run(["bpftool", "prog", "show"], capture_output=True, text=True).stdout
    found = re.findall(r"name (run_on_\w+).*?run_time_ns (\d+) run_cnt (\d+)", text)
    return {name: int(ns) / int(count) for name, ns, count in found if int(count) > 1000}


def main():
    os.chdir(tempfile.mkdtemp())
    for name, work in (("dd", DD), ("pipe", PIPE)):
        alone = least(work)
        print(f"{name} alone: {alone:.3f} s", flush=True)
        rows = [
            ("diag-record -e section, nothing marked", recorded(work, "-e", "section")),
            ("diag-record -e section, all in a section", recorded([*MARKED, *work], "-e", "section")),
            ("perf trace -s", least(["perf", "trace", "-s", "-o", "trace.txt", *work])),
            ("perf sched record", least(["perf", "sched", "record", "-o", "sched.data", *work])),
            ("strace -c -f", least(["strace", "-c", "-f", "-o", "strace.txt", *work])),
        ]
        for tool, time_s in rows:
            print(f"  {time_s / alone:6.2f} times  {tool}", flush=True)


main()
