#!/usr/bin/env python3
"""idle - what a recording costs while nothing happens: wake-ups, CPU time and memory of each task

usage: idle.py BUILD-DIRECTORY [SECONDS [diag-record options]]     (30 seconds), as root

Measures a recording of exits and signals, and one with the options of the service. Their filter selects no process, so that
other work on the machine records nothing; but each program that is executed for the first time wakes the recorder, which
reads its call frame information. The journal of the service is a socket in a mount namespace. Fails if a sum exceeds its
limit."""
import collections
import glob
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 30
# Until the tables of the programs that run already are made, and the recorder has noticed that nothing happens.
SETTLE_S = 10
WAKEUPS_MAX, CPU_PERCENT_MAX, MEMORY_MIB_MAX = 2, 0.1, 24
FILTER = ("-c", "none-has-this")

REASONS = {
    "diag-record": "looks every 0.9 s at losses, CPUs, limits and the age of the window",
    "diag-unwind": "waits for stacks and for programs that start",
    "diag-open": "waits for files of programs to be closed",
    "diag-sync": "waits for bytes to sync",
    "diag-disk": "waits for bytes to write",
    "diag-files": "waits for requests for a file",
    "diag-disk": "writes and syncs what is given to it",
    "diag-cpus": "waits for requests for a CPU that came online",
    "diag-readers": "waits for requests for a reader",
    "diag-reader": "waits for requests to read a file",
    "diag-report": "waits for the recording to grow, at most 10 s",
    "diag-journal": "waits for records",
}

Task = collections.namedtuple("Task", "name wakeups cpu_ns")


def options_of_service():
    with open(f"{SOURCE}/systemd/diag-record.conf", encoding="ascii") as file:
        return re.search(r"^DIAG_OPTIONS=(.*)$", file.read(), re.M).group(1).split()


def processes(pid):
    """The recorder, its helper processes, and theirs."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid, *(below for child in file.read().split() for below in processes(int(child)))]


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def tasks(pid):
    """By thread ID. A task that ended meanwhile is left out."""
    found = {}
    for directory in (path for process in processes(pid) for path in glob.glob(f"/proc/{process}/task/*")):
        try:
            status, schedstat = read(f"{directory}/status"), read(f"{directory}/schedstat")
        except OSError:
            continue
        wakeups = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M).group(1))
        found[int(os.path.basename(directory))] = Task(re.search(r"^Name:\s+(.*)", status).group(1), wakeups,
                                                       int(schedstat.split()[0]))
    return found


def memory_kib(pid):
    """Of all its processes, by what is mapped: pages that several processes map are shared between them."""
    sums = collections.Counter()
    for process in processes(pid):
        name = ""
        for line in read(f"/proc/{process}/smaps").splitlines():
            if head := re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)", line):
                name = head.group(1)
            elif line.startswith("Pss:"):
                sums[part_of(name)] += int(line.split()[1])
    return sums


def part_of(mapping):
    if mapping.startswith("anon_inode:bpf"):
        return "ring buffers of BPF programs"
    if "perf_event" in mapping:
        return "rings of mmap events"
    if mapping.startswith("/"):
        return "programs and libraries"
    return "heap, stacks and other private memory"


def measure(name, options):
    with tempfile.TemporaryDirectory(prefix="diag-idle.") as directory:
        said = f"{directory}/said"
        with open(said, "wb") as output:
            recorder = subprocess.Popen([f"{BUILD}/bin/diag-record", "-o", f"{directory}/", *FILTER, *options], stderr=output)
        try:
            while "recording to" not in read(said):
                if recorder.poll() is not None:
                    raise SystemExit(read(said))
                time.sleep(0.1)
            time.sleep(SETTLE_S)
            before, start = tasks(recorder.pid), time.monotonic()
            time.sleep(SECONDS)
            after, passed = tasks(recorder.pid), time.monotonic() - start
            memory = memory_kib(recorder.pid)
        finally:
            recorder.terminate()
            recorder.wait()
    return show(name, options, [(task, before.get(number, Task(task.name, 0, 0))) for number, task in after.items()], passed, memory)


def show(name, options, pairs, passed, memory):
    """Prints the table; gives what exceeds its limit."""
    wakeups = sum(after.wakeups - before.wakeups for after, before in pairs) / passed
    percent = sum(after.cpu_ns - before.cpu_ns for after, before in pairs) / passed / 1e7
    print(f"\n{name}: {' '.join(options)}")
    print(f"{'task':14} {'wake-ups/s':>10} {'CPU %':>7}  why it wakes up")
    for after, before in pairs:
        print(f"{after.name:14} {(after.wakeups - before.wakeups) / passed:10.2f} "
              f"{(after.cpu_ns - before.cpu_ns) / passed / 1e7:7.3f}  {REASONS.get(after.name, 'not known')}")
    print(f"{'all':14} {wakeups:10.2f} {percent:7.3f}")
    for part, kib in memory.most_common():
        print(f"{kib / 1024:7.2f} MiB  {part}")
    print(f"{sum(memory.values()) / 1024:7.2f} MiB  resident in all (PSS)")
    for what, value, limit in (("wake-ups a second", wakeups, WAKEUPS_MAX), ("% of a CPU", percent, CPU_PERCENT_MAX),
                               ("MiB", sum(memory.values()) / 1024, MEMORY_MIB_MAX)):
        if value > limit:
            yield f"{name}: {value:.2f} {what}: more than {limit}"


def take_journal():
    """Nothing reads the socket: no record is expected."""
    os.makedirs("/run/systemd/journal")
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind("/run/systemd/journal/socket")
    return journal


def main():
    if os.environ.get("DIAG_IDLE") != "inside":
        os.makedirs("/run/systemd", exist_ok=True)
        os.execvpe("unshare", ["unshare", "--mount", sys.executable, *sys.argv], {**os.environ, "DIAG_IDLE": "inside"})
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run/systemd"], check=True)
    with take_journal():
        if len(sys.argv) > 3:
            wrong = [*measure("given", sys.argv[3:])]
        else:
            wrong = [*measure("exits and signals", []), *measure("service", options_of_service())]
    sys.exit("\n".join(wrong) or 0)


main()
