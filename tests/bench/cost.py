#!/usr/bin/env python3
"""cost - what an event of each kind costs, beside bpftrace and perf on the same load, as one table

usage: cost.py BUILD-DIRECTORY [ROUNDS [SCALE [KIND...]]]     (3 rounds, scale 1, all kinds), as root

Each kind has a load that makes a known number of events. In each round, diag-record, bpftrace and perf record the load one
after the other; the table has the median of the rounds.

  kernel   run time of all BPF programs of the tool, divided by the events; perf has no BPF programs
  user     CPU time of the tool and its helper processes, divided by the events; bpftrace counts in the kernel
  bytes    of the file, divided by the events
  lost     events of diag-record that were counted as lost, in all rounds; their reasons follow the table

The kernel needs time to measure BPF programs: all tools have that in common."""
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

BUILD = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
SCALE = float(sys.argv[3]) if len(sys.argv) > 3 else 1
ONLY_KINDS = sys.argv[4:]
HZ = 997
LOAD = r"""
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long __attribute__((noinline)) descend(int depth)
{
	volatile char room[200];

	room[depth] = (char)depth;
	return depth == 0 ? syscall(SYS_getppid) : descend(depth - 1) + room[depth];
}

/* At most 50,000 a second. */
static void pause_at(long i, struct timespec *next)
{
	if (i % 50 != 0)
		return;
	next->tv_nsec += 1000000;
	next->tv_sec += next->tv_nsec / 1000000000;
	next->tv_nsec %= 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static long section(void)
{
	long sum = access("/diag/section/start/0/cost", F_OK);

	sum += syscall(SYS_getppid);
	return sum + access("/diag/section/stop", F_OK);
}

static void spin(long seconds)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	while (now.tv_sec - begin.tv_sec < seconds);
}

int main(int argc, char **argv)
{
	long count = atol(argv[2]), sum = argc;
	struct timespec next;

	if (strcmp(argv[1], "spin") == 0) {
		spin(count);
		return 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long i = 0; i < count; i++) {
		sum += strcmp(argv[1], "section") == 0 ? section() : descend(3 + (int)(i % 8));
		pause_at(i, &next);
	}
	return sum == 0;
}
"""
HIT = "tracepoint:syscalls:sys_enter_getppid"
UPROBE = "costload:descend"
LOSSES = collections.defaultdict(collections.Counter)
ONLY = ' /comm == "costload"/ '

# diag: its options. bpftrace: the text. perf: options of perf record. load: its command. events: how many it makes; None: as many
# as diag-record and perf have in their files, and bpftrace runs its program.
Kind = collections.namedtuple("Kind", "name diag bpftrace perf load events")


def kinds():
    processes, hits, switches = int(10000 * SCALE), int(100000 * SCALE), int(20000 * SCALE)
    storm = [f"{BUILD}/tests/live/storm", str(processes)]
    hit = ["./costload", "hit", str(hits)]
    return [
        Kind("exit, kernel and user stack", ("-e", "exit"), "tracepoint:sched:sched_process_exit { @[kstack, ustack, comm] = count(); }",
             ("-g", "-e", "sched:sched_process_exit"), storm, processes),
        Kind("signal: SIGCHLD", ("-e", "signal"), "tracepoint:signal:signal_generate { @[kstack, args->sig, comm] = count(); }",
             ("-g", "-e", "signal:signal_generate"), storm, processes),
        Kind("tracepoint", ("-e", HIT, "-c", "costload"), HIT + ONLY + "{ @[comm] = count(); }",
             ("-e", "syscalls:sys_enter_getppid"), hit, hits),
        Kind("tracepoint, -g", ("-e", HIT, "-g", "-c", "costload"), HIT + ONLY + "{ @[ustack] = count(); }",
             ("-g", "-e", "syscalls:sys_enter_getppid"), hit, hits),
        Kind("section", ("-e", "section"), "tracepoint:raw_syscalls:sys_enter" + ONLY + "{ @s[tid] = nsecs; } "
             "tracepoint:raw_syscalls:sys_exit" + ONLY + "{ @ns = hist(nsecs - @s[tid]); }", None,
             ["./costload", "section", str(hits // 2)], hits // 2),
        Kind("runq", ("-e", "runq:1us"), runqlat(), ("-e", "sched:sched_switch,sched:sched_wakeup"),
             ["perf", "bench", "-f", "simple", "sched", "pipe", "-l", str(switches)], 2 * switches),
        Kind(f"cpu, {HZ} samples a second", ("-e", f"cpu:{HZ}"), f"profile:hz:{HZ} /pid/ " + "{ @[kstack, ustack] = count(); }",
             ("-g", "-F", str(HZ), "-e", "cpu-clock"), ["./costload", "spin", str(max(1, int(4 * SCALE)))], None),
    ]


def runqlat():
    """The program of bpftrace's runqlat.bt, without what it prints."""
    with open("/usr/sbin/runqlat.bt", encoding="utf-8") as file:
        text = file.read()
    return text[text.index("tracepoint:sched:sched_wakeup"):].replace("TASK_RUNNING", "0")


def programs():
    """Name, run time and runs of every BPF program, by id."""
    shown = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True, check=True).stdout)
    return {program["id"]: (program.get("run_time_ns", 0), program.get("run_cnt", 0)) for program in shown}


def processes_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid, *(below for child in file.read().split() for below in processes_of(int(child)))]


def cpu_ns(pid):
    """Of all threads, since their start."""
    total = 0
    for process in processes_of(pid):
        for task in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total


class Recorder:
    """A tool that is ready when it prints `word`, and its BPF programs."""

    def __init__(self, command, word):
        before = set(programs())
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while word not in (line := self.process.stdout.readline()):
            assert line or self.process.poll() is None, f"{command[0]} has ended"
        self.own = set(programs()) - before

    def measure(self, load):
        """Gives the kernel time, the runs and the own CPU time of one load. The one before it is not measured: it warms up."""
        subprocess.run(load, stdout=subprocess.DEVNULL, check=True)
        time.sleep(0.5)
        before, begun = programs(), cpu_ns(self.process.pid)
        subprocess.run(load, stdout=subprocess.DEVNULL, check=True)
        time.sleep(0.5)
        after, used = programs(), cpu_ns(self.process.pid) - begun
        spent = [sum(after[i][part] - before[i][part] for i in self.own if i in after and i in before) for part in (0, 1)]
        self.process.send_signal(2)
        self.process.communicate()
        return *spent, used


def info(path):
    text = subprocess.run([f"{BUILD}/bin/diag-report", "--info", "--verbose", path], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^  (\S+) +(\S+)", text, re.MULTILINE))


def losses(path):
    """How many events were lost, by kind and reason."""
    counts = collections.Counter()
    with subprocess.Popen([f"{BUILD}/bin/diag-report", "--json", path], stdout=subprocess.PIPE, text=True) as reader:
        for line in reader.stdout:
            if '"type":"lost"' in line:
                event = json.loads(line)
                counts[event["kind"], event["reason"]] += event["count"]
    return counts


def with_diag(kind):
    kernel, _, used = Recorder([f"{BUILD}/bin/diag-record", "--force", "-o", "cost.dz", *kind.diag], "recording to").measure(kind.load)
    known = info("cost.dz")
    # The file has both loads.
    recorded = sum(int(value) for key, value in known.items() if key.startswith("events.") and "stack" not in key) / 2
    events = kind.events or recorded
    lost = int(known["lost.total"])
    if lost:
        LOSSES[kind.name] += losses("cost.dz")
    return {"kernel": kernel / events, "user": used / events, "bytes": os.path.getsize("cost.dz") / 2 / events, "lost": lost}


def with_bpftrace(kind):
    kernel, runs, _ = Recorder(["bpftrace", "-e", 'BEGIN { printf("begun\\n"); } ' + kind.bpftrace], "begun").measure(kind.load)
    return {"kernel": kernel / (kind.events or runs)}


def with_perf(kind):
    """perf has no line that says that it is ready: it starts the load itself, and its start is measured with an empty one."""
    def seconds(load):
        with subprocess.Popen(["perf", "record", "-q", "-a", *kind.perf, "-o", "perf.data", "--", *load], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
        return usage.ru_utime + usage.ru_stime, os.path.getsize("perf.data")

    def alone(load):
        before = os.times()
        subprocess.run(load, stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    empty, empty_bytes = seconds(["true"])
    used, size = seconds(kind.load)
    events = kind.events or count_in_perf()
    return {"user": max(0, used - empty - alone(kind.load)) * 1e9 / events, "bytes": (size - empty_bytes) / events}


def count_in_perf():
    text = subprocess.run(["perf", "script", "-i", "perf.data", "-F", "comm"], capture_output=True, text=True, check=True).stdout
    return max(1, sum(bool(line.strip()) for line in text.splitlines()))


def cell(values, what, unit, digits=0):
    found = [value[what] for value in values if what in value]
    return f"{statistics.median(found):,.{digits}f}{unit}" if found else ""


def main():
    os.chdir(tempfile.mkdtemp())
    with open("costload.c", "w", encoding="ascii") as file:
        file.write(LOAD)
    subprocess.run(["gcc", "-O2", "-fno-optimize-sibling-calls", "-fno-omit-frame-pointer", "-pthread", "-o", "costload", "costload.c"],
                   check=True)
    print("| event | kernel | user | bytes | lost | bpftrace, kernel | perf, user | perf, bytes |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with bpf_stats.counted():
        for kind in kinds():
            if ONLY_KINDS and kind.name.split(":")[0].split(",")[0] not in ONLY_KINDS:
                continue
            diag, trace, perf = [], [], []
            for _ in range(ROUNDS):
                diag.append(with_diag(kind))
                trace.append(with_bpftrace(kind))
                if kind.perf:
                    perf.append(with_perf(kind))
            print(f"| {kind.name} | {cell(diag, 'kernel', ' ns')} | {cell(diag, 'user', ' ns')} | {cell(diag, 'bytes', '', 2)} | "
                  f"{sum(row['lost'] for row in diag)} | {cell(trace, 'kernel', ' ns')} | {cell(perf, 'user', ' ns')} | "
                  f"{cell(perf, 'bytes', '', 0)} |", flush=True)
    for name, counts in LOSSES.items():
        print(f"{name}, lost: " + "; ".join(f"{count} {kind}: {reason}" for (kind, reason), count in sorted(counts.items())))
    shutil.rmtree(os.getcwd())


main()
