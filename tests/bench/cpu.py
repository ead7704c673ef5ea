#!/usr/bin/env python3
"""cpu.py - what samples of all CPUs cost, beside perf record -g: bytes, CPU of the recorder, time of the load

usage: cpu.py BUILD-DIRECTORY [SECONDS [ROUNDS]]     (20 seconds at 999 Hz; 3 rounds of the load)

First both CPUs are kept busy for SECONDS: bytes and CPU of diag-record, also as for six minutes. Then a load with frame
pointers does the same work alone, under diag-record and under perf, in turn. Last, clang or gcc builds a source at 99 Hz: bytes
for each distinct chain."""
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


def facts(path):
    text = subprocess.run([f"{BUILD}/bin/diag-report", "--info", "--verbose", path], capture_output=True, text=True).stdout
    return dict(re.findall(r"^  ([a-z_.]+) +(\d+)$", text, re.M))


def samples(path):
    text = subprocess.run([f"{BUILD}/bin/diag-report", "--json", "-e", "cpu", path], capture_output=True, text=True).stdout
    return [event for event in map(json.loads, text.splitlines()) if event["type"] == "cpu"]


def run_load(turns, cpu):
    begin = time.monotonic()
    subprocess.run(["taskset", "-c", str(cpu), "./load", str(turns)], check=True)
    return time.monotonic() - begin


def measure_size():
    recorder = recording.begin(BUILD, "busy.dz", "-e", "cpu:999")
    loads = [subprocess.Popen([f"{BUILD}/tests/live/shares", str(SECONDS)], stdout=subprocess.DEVNULL)
             for _ in range(os.cpu_count())]
    begin = time.monotonic()
    for load in loads:
        load.wait()
    passed = time.monotonic() - begin
    recording.end(recorder)
    events = samples("busy.dz")
    stacks = [event for event in events if event["comm"] == "shares"]
    number = sum(event["count"] for event in stacks)
    whole = sum(event["count"] for event in stacks if event.get("user_stack") and event["user_stack"][-1]["symbol"] == "_start")
    size = os.path.getsize("busy.dz")
    used = int(facts("busy.dz")["recorder.cpu_ns"]) / 1e9
    print(f"999 Hz for {passed:.0f} s: {sum(event['count'] for event in events)} samples in {len(events)} rows, {size} bytes, "
          f"{size * 360 / passed / 2**20:.2f} MiB in six minutes; recorder {100 * used / passed:.2f} % of a CPU")
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
    measure_time()
    measure_build()


main()
