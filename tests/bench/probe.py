#!/usr/bin/env python3
"""probe.py - what recording a kprobe costs, beside bpftrace and perf on the same load, as ratios

usage: probe.py BUILD-DIRECTORY [COUNT]

One process makes COUNT calls of vfs_read (1000000) in some rounds, with diag-record and bpftrace at once, each first in
every other round: they must count the same to the last hit, and the bar on what a hit costs is the median of the rounds'
ratios. Then it makes COUNT calls with each tool alone, for the sizes of files and for how long the load takes.

Where the kernel has no kprobes this boots Debian's (tests/vm/boot), with a processor that is emulated: times mean little
there, and a program that was loaded again can take half as long or twice, by where it and its maps happen to lie; and as
one thread emulates all processors, a program's run time contains what a reader does on another one meanwhile. Two programs
that run at the same hits, in several rounds, have both in common. Status 1 if a bar is missed."""
import collections
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import bpf_stats

HERE = os.path.dirname(os.path.abspath(__file__))
READER = "reader"  # dd under a name that no other process has
BYTES_MAX = 6
GUEST_SECONDS = 1500
ROUNDS = 8
HAS_KPROBES = os.path.exists("/sys/bus/event_source/devices/kprobe")
BPFTRACE = 'kprobe:vfs_read /comm == "reader"/ { @[kstack] = count(); } BEGIN { printf("begun\\n"); }'


class Diag:
    """diag-record while it records."""

    name = "diag-record"

    def __init__(self, build):
        self.report = f"{build}/bin/diag-report"
        self.process = subprocess.Popen([f"{build}/bin/diag-record", "-e", "kprobe:vfs_read", "-c", READER, "--force", "-o",
                                         "probe.dz"], stderr=subprocess.PIPE, text=True)
        while "recording to" not in self.process.stderr.readline():
            assert self.process.poll() is None, "diag-record has ended"

    def stop(self):
        self.process.send_signal(2)
        self.process.communicate()
        self.bytes = os.path.getsize("probe.dz")
        info = subprocess.run([self.report, "--info", "--verbose", "probe.dz"], capture_output=True, text=True, check=True).stdout
        facts = dict(re.findall(r"^  (\S+) +(\S+)", info, re.MULTILINE))
        self.recorded = int(facts["events.probe"])
        self.lost = int(facts["lost.total"])
        self.hits = self.recorded + self.lost


def end_bpftrace(process):
    """What it printed. In an emulated machine it takes SIGINT and goes on, once in a hundred times; so SIGINT is sent again."""
    while True:
        process.send_signal(2)
        try:
            return process.communicate(timeout=20)[0]
        except subprocess.TimeoutExpired:
            pass


class Bpftrace:
    name = "bpftrace"

    def __init__(self, _build):
        self.process = subprocess.Popen(["bpftrace", "-e", BPFTRACE], stdout=subprocess.PIPE, text=True)
        while "begun" not in self.process.stdout.readline():
            assert self.process.poll() is None, "bpftrace has ended"

    def stop(self):
        told = end_bpftrace(self.process)
        self.hits = sum(int(count) for count in re.findall(r"\]: (\d+)$", told, re.MULTILINE))


class Perf:
    """perf record, which runs the load itself: it does not say when it has begun."""

    name = "perf record -g -z"

    def __init__(self, count):
        subprocess.run(["perf", "probe", "-q", "-a", "vfs_read"], check=True, capture_output=True)
        command = f"begin=$(date +%s%N); {' '.join(load_command(count))} 2>/dev/null; echo $(($(date +%s%N) - begin))"
        told = subprocess.run(["perf", "record", "-q", "-m", "16M", "-e", "probe:vfs_read", "-g", "-z", "-o", "perf.data",
                               "sh", "-c", command], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.seconds = int(told) / 1e9
        subprocess.run(["perf", "probe", "-q", "-d", "vfs_read"], check=False, capture_output=True)
        self.bytes = os.path.getsize("perf.data")
        stats = subprocess.run(["perf", "report", "--stats", "-i", "perf.data"], capture_output=True, text=True).stdout
        self.hits = int(re.search(r"SAMPLE events: +(\d+)", stats).group(1))


def programs():
    """Run time and count of every BPF program, by id."""
    told = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True, check=True).stdout)
    return {program["id"]: (program.get("run_time_ns", 0), program.get("run_cnt", 0)) for program in told}


def load_command(count):
    return ["./" + READER, "if=/dev/zero", "of=/dev/null", "bs=1", f"count={count}"]


def load(count):
    begin = time.monotonic()
    subprocess.run(load_command(count), stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def measured(build, count, *tools):
    """The load with these tools; they, seconds, and nanoseconds that each one's program took for a hit."""
    running, own = [], []
    for tool in tools:
        before = programs()
        running.append(tool(build))
        own.append(set(programs()) - set(before))
    seconds = load(count)
    told = programs()
    costs = []
    for ids in own:
        ns, runs = max((told[i] for i in ids if i in told), key=lambda program: program[1], default=(0, 0))
        costs.append(ns / runs if runs else 0)
    for tool in running:
        tool.stop()
    return running, seconds, costs


def line(text):
    print(text, flush=True)


def at_once(build, count):
    """Both tools at the same hits. Returns how many they differ by, and the ratio of what a hit costs."""
    counted = collections.Counter()
    costs = {Diag: [], Bpftrace: []}
    for i in range(ROUNDS):
        order = (Diag, Bpftrace) if i % 2 else (Bpftrace, Diag)
        tools, _, round_costs = measured(build, count // ROUNDS, *order)
        for kind, tool, cost in zip(order, tools, round_costs):
            costs[kind].append(cost)
            counted[kind] += tool.hits
            if kind is Diag:
                counted.update(recorded=tool.recorded, lost=tool.lost)
    ratios = [own / other for own, other in zip(costs[Diag], costs[Bpftrace])]
    line(f"at once: diag-record recorded {counted['recorded']} + lost {counted['lost']} = {counted[Diag]}, "
         f"bpftrace counted {counted[Bpftrace]}")
    line(f"the program, for a hit: diag-record {statistics.median(costs[Diag]):.0f} ns, bpftrace "
         f"{statistics.median(costs[Bpftrace]):.0f} ns: {statistics.median(ratios):.2f} times, in rounds "
         f"{' '.join(f'{ratio:.2f}' for ratio in sorted(ratios))}; the bar is 1")
    return abs(counted[Diag] - counted[Bpftrace]), statistics.median(ratios)


def bench(build, count):
    os.chdir(tempfile.mkdtemp())
    shutil.copy("/bin/dd", READER)
    load(count // 10)
    difference, ratio = at_once(build, count)
    missed = (difference != 0) + (ratio > 1)

    alone = load(count)
    line(f"{count} calls of vfs_read alone: {alone:.1f} s")
    (diag,), diag_seconds, _ = measured(build, count, Diag)
    (bpftrace,), bpftrace_seconds, _ = measured(build, count, Bpftrace)
    line(f"the file, for a hit: diag-record {diag.bytes / diag.hits:.2f} bytes; the bar is {BYTES_MAX}")
    missed += diag.bytes / diag.hits > BYTES_MAX
    perf = Perf(count)
    line(f"                     perf record -g -z {perf.bytes / perf.hits:.2f} bytes ({perf.hits} samples): "
         f"{diag.bytes / diag.hits * perf.hits / perf.bytes:.2f} times")
    for tool, seconds in ((diag, diag_seconds), (bpftrace, bpftrace_seconds), (perf, perf.seconds)):
        line(f"the load with {tool.name}: {seconds / alone:.2f} times as long as alone, its hits cost "
             f"{(seconds - alone) / (bpftrace_seconds - alone):.2f} times those of bpftrace")
    line("every bar is met" if not missed else f"{missed} bars are missed")
    return missed > 0


def main():
    build = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    if HAS_KPROBES:
        with bpf_stats.counted():
            missed = bench(build, count)
        sys.exit(missed)
    with tempfile.TemporaryDirectory() as results:
        sys.exit(subprocess.run([f"{HERE}/../vm/boot", results, str(GUEST_SECONDS),
                                 f"{HERE}/probe.py '{build}' {count}"]).returncode)


main()
