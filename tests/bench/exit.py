#!/usr/bin/env python3
"""exit.py - what recording an exit or a SIGCHLD costs, beside bpftrace and perf on the same load, as ratios in one run

usage: exit.py BUILD-DIRECTORY [COUNT [ROUNDS]]

The load makes COUNT (20000) processes that end at once. In each of ROUNDS (5) rounds every tool records three loads, one after the
other: one on any CPU, one of three times COUNT that stays on a CPU, and one while BPF programs are timed. The cost of an event is
the run time of all BPF programs of the tool in the last one, divided by the processes. The tool's own CPU time is also that of the
last load; in the first one it makes the tables of all programs that run too.

The time added is measured on the load that stays on a CPU: there it is what the kernel does for the tool, within 3 %. On two CPUs
the load waits for the other CPU to wake up for more than half of its time, and how long that takes differs by more than what a
tool adds; that ratio is printed without a bar. Status 1 if a bar is missed: the median over the rounds of each ratio."""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import bpf_stats

BUILD = os.path.abspath(sys.argv[1])
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
STORM = [f"{BUILD}/tests/live/storm", str(COUNT)]
ON_ONE_CPU = 3  # times as many processes: the load is about three times as fast there
PINNED = ["taskset", "-c", str(min(os.sched_getaffinity(0))), STORM[0], str(ON_ONE_CPU * COUNT)]
RECORDED = COUNT * (2 + ON_ONE_CPU)
BEGUN = 'BEGIN { printf("recording to\\n"); } '


class Tool:
    """A recorder that is ready when it prints "recording to"."""

    def __init__(self, *command):
        before = set(programs())
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while "recording to" not in self.process.stdout.readline():
            assert self.process.poll() is None, f"{command[0]} has ended"
        self.own = set(programs()) - before

    def cpu_seconds(self):
        """Of all threads, and of the one that makes tables, also for the programs of others that start meanwhile."""
        total = tables = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            place = f"/proc/{self.process.pid}/task/{task}"
            with open(f"{place}/schedstat", encoding="ascii") as times, open(f"{place}/comm", encoding="ascii") as name:
                seconds = int(times.read().split()[0]) / 1e9
                tables += seconds if name.read().strip() == "diag-unwind" else 0
            total += seconds
        return total, tables

    def stop(self):
        self.process.send_signal(2)
        self.process.communicate()


def programs():
    """Run time and count of every BPF program, by id."""
    shown = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True, check=True).stdout)
    return {program["id"]: (program["name"] if "name" in program else "", program.get("run_time_ns", 0)) for program in shown}


def storm(command=tuple(STORM)):
    begin = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - begin


def diag(*options):
    return Tool(f"{BUILD}/bin/diag-record", "--force", "-o", "bench.dz", *options)


def bpftrace(text):
    return Tool("bpftrace", "-e", BEGUN + text)


def facts():
    text = subprocess.run([f"{BUILD}/bin/diag-report", "--info", "--verbose", "bench.dz"], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^  (\S+) +(\S+)", text, re.MULTILINE))


def measure(results, name, tool):
    """The loads under a tool: adds the cost of an event in the kernel, the wall times, and its own CPU time for an event."""
    begun = tool.cpu_seconds()
    seconds = storm()
    time.sleep(0.5)
    tables_made = tool.cpu_seconds()
    pinned = storm(PINNED)
    time.sleep(0.5)
    first = tool.cpu_seconds()
    with bpf_stats.counted():
        storm()
        time.sleep(0.5)
        cpu, tables = (now - then for now, then in zip(tool.cpu_seconds(), first))
        shown = programs()
    cost = {shown[i][0]: shown[i][1] / COUNT for i in tool.own if i in shown and shown[i][1]}
    tool.stop()
    row = results.setdefault(name, {"ns": [], "seconds": [], "pinned": [], "us": [], "tables_us": [], "first_us": [], "bytes": [], "lost": [],
                                    "programs": []})
    row["ns"].append(sum(cost.values()))
    row["seconds"].append(seconds)
    row["pinned"].append(pinned)
    row["us"].append(cpu / COUNT * 1e6)
    row["tables_us"].append(tables / COUNT * 1e6)
    row["first_us"].append((tables_made[0] - begun[0]) / COUNT * 1e6)
    row["programs"].append(cost)
    if name.startswith("diag"):
        row["bytes"].append(os.path.getsize("bench.dz") / RECORDED)
        row["lost"].append(int(facts().get("lost.total", 0)))


def perf_seconds():
    """Of the load on any CPU, and of the one that stays on a CPU."""
    timed = [f"begin=$(date +%s%N); {' '.join(load)}; echo $(($(date +%s%N) - begin))" for load in (STORM, PINNED)]
    command = ["perf", "record", "-q", "-g", "-a", "-e", "sched:sched_process_exit", "-o", "perf.data", "sh", "-c",
               "; sleep 0.5; ".join(timed)]
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    return [int(nanoseconds) / 1e9 for nanoseconds in shown.split()]


ROWS = (
    ("bpftrace exit", lambda: bpftrace("tracepoint:sched:sched_process_exit { @[kstack, ustack, comm] = count(); }")),
    ("diag exit", lambda: diag("-e", "exit")),
    ("diag exit, no user stack", lambda: diag("-e", "exit", "--user-stack", "0")),
    ("bpftrace SIGCHLD", lambda: bpftrace("tracepoint:signal:signal_generate { @[kstack, args->sig, comm] = count(); }")),
    ("diag SIGCHLD", lambda: diag("-e", "signal")),
    ("diag both", lambda: diag("-e", "exit,signal")),
)


def ratio(results, own, other, key):
    """Median over the rounds."""
    return statistics.median(a / b for a, b in zip(results[own][key], results[other][key]))


def added(results, own, place, alone):
    """The time that a tool adds, as a share of what perf adds: of the medians, because the difference of two times may be near 0."""
    load, ours, perfs = (statistics.median(row[place]) for row in (alone, results[own], results["perf"]))
    return (ours - load) / (perfs - load)


def main():
    os.chdir(tempfile.mkdtemp())
    storm()
    storm(PINNED)
    results, alone = {"perf": {"seconds": [], "pinned": []}}, {"seconds": [], "pinned": []}
    for number in range(ROUNDS):
        for row, times in ((alone, (storm(), storm(PINNED))), (results["perf"], perf_seconds())):
            row["seconds"].append(times[0])
            row["pinned"].append(times[1])
        for name, start in ROWS[number % 2 * 3:] + ROWS[:number % 2 * 3]:
            measure(results, name, start())
    base = {place: statistics.median(times) for place, times in alone.items()}
    for place, count, where in (("seconds", COUNT, "any CPU"), ("pinned", COUNT * ON_ONE_CPU, "one CPU")):
        print(f"{count} processes alone on {where}: {base[place]:.2f} s; with perf record -g "
              f"{statistics.median(results['perf'][place]) / base[place]:.2f} times")
    for name, row in results.items():
        if name == "perf":
            continue
        middle = {key: statistics.median(row[key]) for key in ("ns", "seconds", "pinned", "us", "tables_us", "first_us")}
        size = f", {statistics.median(row['bytes']):.2f} bytes, {sum(row['lost'])} lost" if row["bytes"] else ""
        parts = " ".join(f"{part} {ns:.0f}" for part, ns in sorted(row["programs"][-1].items(), key=lambda p: -p[1]))
        print(f"{name}: {middle['ns']:.0f} ns in the kernel, load {middle['seconds'] / base['seconds']:.2f} times "
              f"and on one CPU {middle['pinned'] / base['pinned']:.2f}, own CPU {middle['us']:.2f} us "
              f"({middle['tables_us']:.2f} for tables), {middle['first_us']:.2f} in the first load"
              f"{size} ({parts})")
    bars = (
        ("exit: diag-record / bpftrace, kernel time", ratio(results, "diag exit", "bpftrace exit", "ns"), 1.0),
        ("SIGCHLD: diag-record / bpftrace, kernel time", ratio(results, "diag SIGCHLD", "bpftrace SIGCHLD", "ns"), 0.6),
        ("both: time added to the load on one CPU / that of perf record -g", added(results, "diag both", "pinned", alone), 1.0),
        ("exit: time added to the load on one CPU / that of perf record -g", added(results, "diag exit", "pinned", alone), 0.6),
        ("exit: bytes", statistics.median(results["diag exit"]["bytes"]), 3.5),
        ("both: bytes", statistics.median(results["diag both"]["bytes"]), 6.0),
        ("exit: own CPU in us", statistics.median(results["diag exit"]["us"]), 3.0),
    )
    for name in ("exit", "both"):
        print(f"no bar {name}: time added to the load on any CPU / that of perf record -g: "
              f"{added(results, 'diag ' + name, 'seconds', alone):.2f}")
    for name, value, bar in bars:
        print(f"{'met   ' if value <= bar else 'missed'} {name}: {value:.2f}, the bar is {bar}")
    sys.exit(any(value > bar for _, value, bar in bars))


main()
