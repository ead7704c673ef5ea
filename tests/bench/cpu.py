#!/usr/bin/env python3
"""cpu.py - what samples of all CPUs cost, beside perf record -g: bytes, CPU of the recorder, time of the load

usage: cpu.py BUILD-DIRECTORY [SECONDS [ROUNDS]]     (20 seconds at 999 Hz and at 99 Hz; 3 rounds of the load)

First all CPUs are kept busy for SECONDS at 999 Hz, then at 99 Hz: bytes and CPU of diag-record. Six minutes at 999 Hz have the
samples of an hour at 99 Hz: with 360 SECONDS, the CPU time of the first part is also printed as a share of that hour. It is that
of all processes and threads of diag-record, from its start on. Then a load with frame pointers does the same work alone, under
diag-record and under perf, in turn. Last, clang or gcc builds a source at 99 Hz: bytes for each distinct chain."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import recording

BUILD = os.path.abspath(sys.argv[1])
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
LOAD = """
#include <stdlib.h>
static volatile unsigned long sum;
static __attribute__((noinline)) unsigned long deep(int depth, unsigned long work)
{
        unsigned long value = depth ? deep(depth - 1, work) : 0;
        if (!depth)
                for (unsigned long i = 0; i < work; i++)
                        sum += i;
        return value + sum;
}
int main(int argc, char **argv)
{
        for (int i = 0; i < atoi(argv[argc - 1]); i++)
                deep(20, 1000000);
        return 0;
}
"""


def samples(path):
    text = subprocess.run([f"{BUILD}/bin/diag-report", "--json", "-e", "cpu", path], capture_output=True, text=True).stdout
    return [event for event in map(json.loads, text.splitlines()) if event["type"] == "cpu"]


def family(pid):
    """The process and all that it started."""
    pids = [pid]
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                if int(file.read().rsplit(")", 1)[1].split()[1]) == pid:
                    pids += family(int(entry))
        except OSError:
            pass  # it has ended
    return pids


def used(pids):
    """CPU seconds of all threads of these processes, and how often they waited."""
    seconds, waits = 0, 0
    for pid in pids:
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                    seconds += int(file.read().split()[0]) / 1e9
                with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8", errors="replace") as file:
                    waits += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M).group(1))
        except OSError:
            pass
    return seconds, waits


def run_load(turns, cpu):
    begin = time.monotonic()
    subprocess.run(["taskset", "-c", str(cpu), "./load", str(turns)], check=True)
    return time.monotonic() - begin


def keep_busy(recorder, hertz):
    """Prints what the recorder used while all CPUs were busy. The seconds that passed, and the CPU seconds since its start."""
    pids = family(recorder.pid)
    before = used(pids)
    loads = [subprocess.Popen([f"{BUILD}/tests/live/shares", str(SECONDS)], stdout=subprocess.DEVNULL)
             for _ in range(os.cpu_count())]
    begin = time.monotonic()
    for load in loads:
        load.wait()
    passed = time.monotonic() - begin
    after = used(pids)
    print(f"{hertz} Hz on {os.cpu_count()} CPUs for {passed:.0f} s: recorder {100 * (after[0] - before[0]) / passed:.3f} % of a CPU, "
          f"{(after[1] - before[1]) / passed:.1f} wake-ups a second, all threads; {before[0]:.2f} s before, for its start")
    return passed, after[0]


def measure_99():
    recorder = recording.begin(BUILD, "slow.dz", "-e", "cpu:99")
    keep_busy(recorder, 99)
    recording.end(recorder)


def measure_size():
    recorder = recording.begin(BUILD, "busy.dz", "-e", "cpu:999")
    passed, seconds = keep_busy(recorder, 999)
    recording.end(recorder)
    events = samples("busy.dz")
    stacks = [event for event in events if event["comm"] == "shares"]
    number = sum(event["count"] for event in stacks)
    whole = sum(event["count"] for event in stacks if event.get("user_stack") and event["user_stack"][-1]["symbol"] == "_start")
    size = os.path.getsize("busy.dz")
    print(f"{sum(event['count'] for event in events)} samples in {len(events)} rows, {size} bytes, "
          f"{size * 360 / passed / 2**20:.2f} MiB in six minutes; with its start {seconds:.2f} s of CPU time, "
          f"{10 * seconds / passed:.3f} % of a CPU in ten times as long")
    print(f"whole stacks of the load, without frame pointers: {whole} of {number}, {100 * whole / max(1, number):.2f} %")


def measure_time():
    with open("load.c", "w", encoding="ascii") as file:
        file.write(LOAD)
    subprocess.run(["gcc", "-O1", "-fno-omit-frame-pointer", "-o", "load", "load.c"], check=True)
    cpu = max(os.sched_getaffinity(0))
    turns = max(1, int(3 / (run_load(200, cpu) / 200)))
    alone, with_diag, with_perf = [], [], []
    for _ in range(ROUNDS):
        alone.append(run_load(turns, cpu))
        recorder = recording.begin(BUILD, "load.dz", "-e", "cpu:999")
        with_diag.append(run_load(turns, cpu))
        recording.end(recorder)
        perf = subprocess.Popen(["perf", "record", "-q", "-a", "-F", "999", "-g", "-o", "load.data"], stderr=subprocess.DEVNULL)
        time.sleep(1)
        with_perf.append(run_load(turns, cpu))
        recording.end(perf)
    added = [100 * (min(times) / min(alone) - 1) for times in (with_diag, with_perf)]
    print(f"the same work alone {min(alone):.3f} s, with diag-record {min(with_diag):.3f} s (+{added[0]:.2f} %), "
          f"with perf record {min(with_perf):.3f} s (+{added[1]:.2f} %)")


def measure_build():
    compiler = shutil.which("clang-14") or shutil.which("clang") or "gcc"
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../format/reader.c")
    recorder = recording.begin(BUILD, "build.dz", "-e", "cpu:99")
    begin = time.monotonic()
    while time.monotonic() - begin < SECONDS:
        subprocess.run([compiler, "-O2", "-c", "-I", os.path.dirname(source) + "/include", "-I", os.path.dirname(source) + "/..",
                        "-D_GNU_SOURCE", "-o", "/dev/null", source], check=True)
    recording.end(recorder)
    events = samples("build.dz")
    chains = {json.dumps([event.get("kernel_stack"), event.get("user_stack")]) for event in events}
    size = os.path.getsize("build.dz")
    print(f"{compiler} at 99 Hz: {sum(event['count'] for event in events)} samples, {len(chains)} distinct chains, {size} bytes, "
          f"{size / max(1, len(chains)):.0f} for each chain")


def main():
    os.chdir(tempfile.mkdtemp())
    measure_size()
    measure_99()
    measure_time()
    measure_build()


main()
