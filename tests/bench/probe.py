#!/usr/bin/env python3
"""probe.py - what recording a kprobe costs, beside bpftrace and perf on the same load, as ratios

usage: probe.py BUILD-DIRECTORY [COUNT]

It boots Debian's kernel (tests/vm/boot), where one process makes COUNT calls of vfs_read (1000000): with diag-record and
bpftrace at once, which must count the same to the last one, then with each tool alone. Its processor is emulated, so times
mean nothing there, but ratios do: each of them is of two tools in the same guest. Status 1 if a bar is missed."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
READER = "reader"  # dd under a name that nobody else has
BYTES_MAX = 6
GUEST_SECONDS = 1500
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
        info = subprocess.run([self.report, "--info", "probe.dz"], capture_output=True, text=True, check=True).stdout
        facts = dict(re.findall(r"^  (\S+) +(\S+)", info, re.MULTILINE))
        self.recorded = int(facts["events.probe"])
        self.lost = int(facts["lost.total"])
        self.hits = self.recorded + self.lost


class Bpftrace:
    name = "bpftrace"

    def __init__(self, _build):
        self.process = subprocess.Popen(["bpftrace", "-e", BPFTRACE], stdout=subprocess.PIPE, text=True)
        while "begun" not in self.process.stdout.readline():
            assert self.process.poll() is None, "bpftrace has ended"

    def stop(self):
        self.process.send_signal(2)
        told = self.process.communicate()[0]
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


def guest(build, count):
    os.chdir(tempfile.mkdtemp())
    shutil.copy("/bin/dd", READER)
    with open("/proc/sys/kernel/bpf_stats_enabled", "w", encoding="ascii") as enabled:
        enabled.write("1")
    missed = 0
    load(count // 10)
    alone = load(count)
    line(f"{count} calls of vfs_read alone: {alone:.1f} s")

    (diag, bpftrace), _, _ = measured(build, count, Diag, Bpftrace)
    line(f"at once: diag-record recorded {diag.recorded} + lost {diag.lost} = {diag.hits}, bpftrace counted {bpftrace.hits}")
    missed += diag.hits != bpftrace.hits

    (diag,), diag_seconds, (diag_ns,) = measured(build, count, Diag)
    (bpftrace,), bpftrace_seconds, (bpftrace_ns,) = measured(build, count, Bpftrace)
    line(f"the program, for a hit: diag-record {diag_ns:.0f} ns, bpftrace {bpftrace_ns:.0f} ns: "
         f"{diag_ns / bpftrace_ns:.2f} times; the bar is 1")
    missed += diag_ns > bpftrace_ns
    line(f"the file, for a hit: diag-record {diag.bytes / diag.hits:.2f} bytes; the bar is {BYTES_MAX}")
    missed += diag.bytes / diag.hits > BYTES_MAX
    perf = Perf(count)
    line(f"                     perf record -g -z {perf.bytes / perf.hits:.2f} bytes ({perf.hits} samples): "
         f"{diag.bytes / diag.hits * perf.hits / perf.bytes:.2f} times")
    for tool, seconds in ((diag, diag_seconds), (bpftrace, bpftrace_seconds), (perf, perf.seconds)):
        line(f"the load with {tool.name}: {seconds / alone:.2f} times as long as alone, its hits cost "
             f"{(seconds - alone) / (bpftrace_seconds - alone):.2f} times those of bpftrace")
    line("every bar is met" if not missed else f"{missed} bars are missed")
    sys.exit(missed > 0)


def main():
    build = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    if os.environ.get("DIAG_GUEST"):
        guest(build, count)
    with tempfile.TemporaryDirectory() as results:
        sys.exit(subprocess.run([f"{HERE}/../vm/boot", results, str(GUEST_SECONDS),
                                 f"{HERE}/probe.py '{build}' {count}"]).returncode)


main()
