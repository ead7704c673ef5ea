#!/usr/bin/env python3
"""peers.py - waits, blocked times and samples beside libbpf-tools and perf, in the same run

usage: peers.py BUILD-DIRECTORY [SECONDS]     (2 seconds for each part; needs libbpf-tools and perf)

runq: waits of 1 ms and more of two busy tasks on one CPU, beside runqslower. offcpu: what a task was blocked for, beside
offcputime, which also counts all waits for a CPU. cpu: the ten functions with most samples, beside perf record -F 99 -g; and of
the same program, which has no frame pointers, the ten functions that are in most stacks, beside perf record --call-graph dwarf."""
import collections
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
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 2
CPU = max(os.sched_getaffinity(0))
BUSY = "import time\nend = time.monotonic() + {}\nwhile time.monotonic() < end:\n    pass\n"
SLEEPER = "import time\nprint('ready', flush=True)\ninput()\nend = time.monotonic() + {}\nwhile time.monotonic() < end:\n    time.sleep(0.003)\n"


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def events(path, kind):
    text = subprocess.run([f"{BUILD}/bin/diag-report", "--json", path], capture_output=True, text=True).stdout
    return [event for event in map(json.loads, text.splitlines()) if event["type"] == kind]


def measure_waits():
    """runqslower prints the task, its tid and the time in us; each of both may see a wait around the limit alone."""
    # To a file: a full pipe would hold it back.
    with open("runqslower", "w", encoding="ascii") as out:
        peer = subprocess.Popen(["stdbuf", "-oL", "runqslower", "1000"], stdout=out)
    while "TIME" not in read("runqslower"):
        time.sleep(0.1)
    recorder = recording.begin(BUILD, "runq.dz", "-e", "runq:1")
    time.sleep(0.5)
    tasks = [subprocess.Popen(["taskset", "-c", str(CPU), "python3", "-c", BUSY.format(SECONDS)]) for _ in range(2)]
    for task in tasks:
        task.wait()
    recording.end(recorder)
    recording.end(peer)
    lines = [line.split() for line in read("runqslower").splitlines()]
    pids = {task.pid for task in tasks}
    theirs = [int(words[-1]) for words in lines if len(words) >= 4 and words[-2].isdigit() and int(words[-2]) in pids]
    ours = [event["waited_ns"] // 1000 for event in events("runq.dz", "runq") if event["tid"] in pids]
    for name, waits in (("diag-record", ours), ("runqslower", theirs)):
        print(f"runq: {name}: {len(waits)} waits, {sum(waits) / 1000:.1f} ms, longest {max(waits, default=0) / 1000:.1f} ms")


def measure_blocked():
    task = subprocess.Popen(["python3", "-c", SLEEPER.format(SECONDS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    task.stdout.readline()
    peer = subprocess.Popen(["offcputime", "-p", str(task.pid)], stdout=subprocess.PIPE, text=True)
    recorder = recording.begin(BUILD, "offcpu.dz", "-e", "offcpu,runq:0", "-p", str(task.pid))
    time.sleep(3)  # offcputime does not say when it has begun
    task.communicate(b"\n")
    recording.end(recorder)
    # Each stack ends with the name of the task, its pid and, in the next line, the time in us.
    theirs = sum(int(number) for number in re.findall(r"^\s+(\d+)$", recording.end(peer), re.MULTILINE))
    blocked = events("offcpu.dz", "offcpu")
    # It is blocked when both begin: offcputime has not seen how that time began.
    sleeps = sum(event["blocked_ns"] for event in blocked if not event["began"] and not event["open"])
    waits = sum(event["waited_ns"] for event in events("offcpu.dz", "runq"))
    print(f"offcpu: diag-record: {sum(event['count'] for event in blocked)} times blocked, {sleeps / 1e6:.1f} ms, "
          f"and {waits / 1e6:.1f} ms waiting for a CPU, {(sleeps + waits) / 1e6:.1f} ms together; offcputime: {theirs / 1000:.1f} ms")


def top(functions):
    total = max(1, sum(functions.values()))
    return [(name, 100 * count / total) for name, count in functions.most_common(10)]


def measure_samples():
    peer = subprocess.Popen(["perf", "record", "-q", "-a", "-F", "99", "-g", "-o", "perf.data"], stderr=subprocess.DEVNULL)
    recorder = recording.begin(BUILD, "cpu.dz", "-e", "cpu:99")
    loads = [subprocess.Popen([f"{BUILD}/tests/live/shares", str(max(1, int(SECONDS)))], stdout=subprocess.DEVNULL)
             for _ in range(os.cpu_count())]
    for load in loads:
        load.wait()
    recording.end(recorder)
    recording.end(peer)
    ours = collections.Counter()
    for event in events("cpu.dz", "cpu"):
        stack = event.get("kernel_stack") or event.get("user_stack") or []
        if event["comm"] == "shares" and stack and not stack[0]["symbol"].startswith("["):
            ours[stack[0]["symbol"]] += event["count"]
    text = subprocess.run(["perf", "script", "-i", "perf.data", "--comm", "shares", "-F", "comm,ip,sym"], capture_output=True, text=True).stdout
    theirs = collections.Counter(part.splitlines()[1].split()[-1] for part in text.split("\n\n") if len(part.strip().splitlines()) > 1)
    for name, functions in (("diag-record", ours), ("perf record", theirs)):
        print(f"cpu: {name}: {sum(functions.values())} samples: "
              + ", ".join(f"{function} {share:.0f} %" for function, share in top(functions)))


def chains_of_perf():
    """The functions of each stack, the innermost first."""
    text = subprocess.run(["perf", "script", "--no-inline", "-i", "dwarf.data", "--comm", "shares", "-F", "comm,ip,sym"],
                          capture_output=True, text=True).stdout
    for part in text.split("\n\n"):
        lines = [line.split(None, 1) for line in part.strip().splitlines()[1:]]
        if lines:
            yield [words[1].split("@")[0] if len(words) > 1 else "[unknown]" for words in lines], 1


def chains_of_diag():
    for event in events("chains.dz", "cpu"):
        if event["comm"] == "shares":
            yield [frame["symbol"] for frame in event.get("kernel_stack", []) + event.get("user_stack", [])], event["count"]


def measure_chains():
    """By how many samples a function is in, wherever; and in how many stacks the outermost function is the start of the program."""
    peer = subprocess.Popen(["perf", "record", "-q", "-a", "-F", "99", "--call-graph", "dwarf", "-o", "dwarf.data"],
                            stderr=subprocess.DEVNULL)
    recorder = recording.begin(BUILD, "chains.dz", "-e", "cpu:99", "-c", "shares")
    time.sleep(1)
    for load in [subprocess.Popen([f"{BUILD}/tests/live/shares", str(max(1, int(SECONDS)))], stdout=subprocess.DEVNULL)
                 for _ in range(os.cpu_count())]:
        load.wait()
    recording.end(recorder)
    recording.end(peer)
    tops = []
    for name, chains in (("diag-record", list(chains_of_diag())), ("perf record --call-graph dwarf", list(chains_of_perf()))):
        functions, samples, whole = collections.Counter(), sum(count for _, count in chains), 0
        for chain, count in chains:
            functions.update({function: count for function in set(chain) if not function.startswith("[")})
            whole += count if chain and chain[-1] == "_start" else 0
        tops.append([(function, 100 * count / max(1, samples)) for function, count in functions.most_common(10)])
        print(f"chains: {name}: {samples} samples, {100 * whole / max(1, samples):.1f} % whole: "
              + ", ".join(f"{function} {share:.0f} %" for function, share in tops[-1]))
    print(f"chains: {len({function for function, _ in tops[0]} & {function for function, _ in tops[1]})} of ten are the same")


def main():
    for program in ("runqslower", "offcputime", "perf"):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed")
    os.chdir(tempfile.mkdtemp())
    measure_waits()
    measure_blocked()
    measure_samples()
    measure_chains()


main()
