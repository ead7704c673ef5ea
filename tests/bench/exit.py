#!/usr/bin/env python3
"""exit.py - what recording an exit or a SIGCHLD costs, beside bpftrace and perf on the same load, as ratios in one run

usage: exit.py BUILD-DIRECTORY [COUNT [ROUNDS]]

The load makes COUNT (20000) processes that end at once. In each of ROUNDS (5) rounds every tool records two loads, one after the
other. The cost of an event is the run time of all BPF programs of the tool in the second one, divided by the processes. Its own
CPU time is that of the second load; in the first one it makes the tables of all programs that run too.

The time added is measured in further rounds, with three times COUNT on one CPU, three times for each tool, which take turns: there
it is what the kernel does for the tool. On two CPUs the load waits for the other CPU to wake up for more than half of its time, and
how long that takes differs by more than what a tool adds; that ratio is printed without a bar. Status 1 if a bar is missed: the median over the rounds of each ratio."""
import contextlib
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
TIMED = 3
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
    """The loads under a tool: adds the cost of an event in the kernel, the wall time, and its own CPU time for an event."""
    begun = tool.cpu_seconds()
    seconds = storm()
    time.sleep(0.5)
    first = tool.cpu_seconds()
    with bpf_stats.counted():
        storm()
        time.sleep(0.5)
        cpu, tables = (now - then for now, then in zip(tool.cpu_seconds(), first))
        shown = programs()
    cost = {shown[i][0]: shown[i][1] / COUNT for i in tool.own if i in shown and shown[i][1]}
    tool.stop()
    row = results.setdefault(name, {"ns": [], "seconds": [], "us": [], "tables_us": [], "first_us": [], "bytes": [], "lost": [],
                                    "programs": []})
    row["ns"].append(sum(cost.values()))
    row["seconds"].append(seconds)
    row["us"].append(cpu / COUNT * 1e6)
    row["tables_us"].append(tables / COUNT * 1e6)
    row["first_us"].append((first[0] - begun[0]) / COUNT * 1e6)
    row["programs"].append(cost)
    if name.startswith("diag"):
        row["bytes"].append(os.path.getsize("bench.dz") / COUNT / 2)
        row["lost"].append(int(facts().get("lost.total", 0)))


@contextlib.contextmanager
def perf():
    command = ["perf", "record", "-q", "-g", "-a", "-e", "sched:sched_process_exit", "-o", "perf.data"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(1)
        yield
        process.send_signal(2)


@contextlib.contextmanager
def diag_of(events):
    tool = diag("-e", events)
    yield
    tool.stop()


RECORDERS = (("alone", contextlib.nullcontext), ("perf", perf), ("exit", lambda: diag_of("exit")), ("both", lambda: diag_of("exit,signal")))


def time_loads():
    """Seconds of the load on any CPU, once for each start of a recorder, and on one CPU, TIMED times."""
    anywhere, pinned = ({name: [] for name, _ in RECORDERS} for _ in range(2))
    for number in range(ROUNDS):
        first = number % len(RECORDERS)
        for name, recorder in RECORDERS[first:] + RECORDERS[:first]:
            with recorder():
                anywhere[name].append(storm())
                pinned[name] += [storm(PINNED) for _ in range(TIMED)]
    return anywhere, pinned


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


def added(seconds, name):
    """The time that a recorder adds, as a share of what perf adds: of the medians, because the difference of two times may be near 0."""
    alone, perfs, ours = (statistics.median(seconds[key]) for key in ("alone", "perf", name))
    return (ours - alone) / (perfs - alone)


def main():
    os.chdir(tempfile.mkdtemp())
    storm()
    results = {}
    for number in range(ROUNDS):
        for name, start in ROWS[number % 2 * 3:] + ROWS[:number % 2 * 3]:
            measure(results, name, start())
    anywhere, pinned = time_loads()
    for where, count, seconds in (("any CPU", COUNT, anywhere), ("one CPU", COUNT * ON_ONE_CPU, pinned)):
        base = statistics.median(seconds["alone"])
        print(f"{count} processes alone on {where}: {base:.2f} s; " + ", ".join(
            f"with {name} {statistics.median(seconds[name]) / base:.3f} times" for name in ("perf", "exit", "both")))
    base = statistics.median(anywhere["alone"])
    for name, row in results.items():
        middle = {key: statistics.median(row[key]) for key in ("ns", "seconds", "us", "tables_us", "first_us")}
        size = f", {statistics.median(row['bytes']):.2f} bytes, {sum(row['lost'])} lost" if row["bytes"] else ""
        parts = " ".join(f"{part} {ns:.0f}" for part, ns in sorted(row["programs"][-1].items(), key=lambda p: -p[1]))
        print(f"{name}: {middle['ns']:.0f} ns in the kernel, load {middle['seconds'] / base:.2f} times, own CPU {middle['us']:.2f} us "
              f"({middle['tables_us']:.2f} for tables), {middle['first_us']:.2f} in the first load"
              f"{size} ({parts})")
    bars = (
        ("exit: diag-record / bpftrace, kernel time", ratio(results, "diag exit", "bpftrace exit", "ns"), 1.0),
        ("SIGCHLD: diag-record / bpftrace, kernel time", ratio(results, "diag SIGCHLD", "bpftrace SIGCHLD", "ns"), 0.6),
        ("both: time added to the load on one CPU / that of perf record -g", added(pinned, "both"), 1.0),
        ("exit: time added to the load on one CPU / that of perf record -g", added(pinned, "exit"), 0.6),
        ("exit: bytes", statistics.median(results["diag exit"]["bytes"]), 3.5),
        ("both: bytes", statistics.median(results["diag both"]["bytes"]), 6.0),
        ("exit: own CPU in us", statistics.median(results["diag exit"]["us"]), 3.0),
    )
    for name in ("exit", "both"):
        print(f"no bar {name}: time added to the load on any CPU / that of perf record -g: "
              f"{added(anywhere, name):.2f}")
    for name, value, bar in bars:
        print(f"{'met   ' if value <= bar else 'missed'} {name}: {value:.2f}, the bar is {bar}")
    sys.exit(any(value > bar for _, value, bar in bars))


main()
