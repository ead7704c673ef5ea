#!/usr/bin/env python3
"""readers.py - processor time of the readers for many ends of processes, as a share of that of perf script, in one run

  usage: readers.py BUILD-DIRECTORY [PROCESSES [DIRECTORY]]      (200000)

diag-record and perf record see the same processes. Each round runs every reader once; the best round counts, since other
processes disturb a round. The recordings stay in DIRECTORY, and are used again if they are there. Fails if a share is larger
than wanted."""
import os
import resource
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
PROCESSES = int(sys.argv[2]) if len(sys.argv) > 2 else 200000
DIRECTORY = sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp()
RATE = 2000
ROUNDS = 5
PEER = ["perf", "script", "-i", "perf.data"]
# The reader, and the share that is wanted.
READERS = {
    "diag-report": ([f"{BUILD}/bin/diag-report", "-e", "exit", "load.dz"], 1 / 40),
    "diag-fold": ([f"{BUILD}/bin/diag-fold", "-e", "exit", "load.dz"], 1 / 60),
    "diag-report --json": ([f"{BUILD}/bin/diag-report", "--json", "-e", "exit", "load.dz"], 1 / 12),
    "diag-report --rows exits": ([f"{BUILD}/bin/diag-report", "--rows", "exits", "load.dz"], None),
    "diag-report --by comm,cause": ([f"{BUILD}/bin/diag-report", "--by", "comm,cause", "load.dz"], None),
}


def record():
    recorder = subprocess.Popen([f"{BUILD}/bin/diag-record", "--force", "-c", "load", "-o", "load.dz"], stderr=subprocess.PIPE,
                                text=True)
    for line in recorder.stderr:
        if "recording to" in line:
            break
    peer = subprocess.Popen(["perf", "record", "-q", "-e", "sched:sched_process_exit", "-g", "-a", "-o", "perf.data"])
    time.sleep(2)
    subprocess.run([f"{BUILD}/tests/bench_load", str(RATE), str(PROCESSES // RATE)], check=True)
    for process in (peer, recorder):
        process.terminate()
    print(recorder.communicate()[1].strip())
    peer.wait()


def processor_time(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    os.chdir(DIRECTORY)
    if not os.path.exists("perf.data"):
        record()
    commands = {"perf script": PEER, **{name: command for name, (command, _) in READERS.items()}}
    best = {}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            best[name] = min(processor_time(command), best.get(name, float("inf")))
    missed = 0
    for name, used in best.items():
        wanted = READERS.get(name, (None, None))[1]
        share = best["perf script"] / used
        print(f"{used * 1e6 / PROCESSES:6.2f} us an end, 1/{share:<5.1f} {name}" + (f", wanted 1/{1 / wanted:.0f}" if wanted else ""))
        missed += wanted is not None and used > best["perf script"] * wanted
    sys.exit(f"{missed} shares are larger than wanted" if missed else 0)


main()
