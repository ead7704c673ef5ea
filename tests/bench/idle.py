#!/usr/bin/env python3
"""idle - what a recording costs while nothing happens: wake-ups, CPU time and memory of each task

usage: idle.py BUILD-DIRECTORY [SECONDS [diag-record options]]     (30 seconds), as root

Measures a recording of exits and signals, and one with the options of the service. Their filter selects no process, so that
other work on the machine records nothing; but each program that is executed for the first time wakes the recorder, which
reads its call frame information, and each process that starts, maps files or ends leaves records of mappings to read.

So the figures are of SECONDS quiet seconds: no process or thread was started in them, nor in the three seconds before, after
which the recorder is idle again. Their number, and what all other seconds cost beyond them for each process or thread that
was started, are printed too. On a machine that is never quiet there is no figure: there is one in a guest,
DIAG_GUEST_COUNTED=1 tests/vm/boot DIRECTORY 240 "cd $PWD; python3 tests/bench/idle.py BUILD 20"

They are of the steady state: the first seconds, in which the recorder reads its rings each 100 ms and the tables of the
programs that already run are made, are left out. The journal of the service is a socket in a mount namespace. Fails if a sum
exceeds its limit."""
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
# The recorder reads its rings often for up to 1 s after an event, and looks once more 0.9 s later.
BUSY_S = 3
# How long to look for quiet seconds, and how many are a figure.
PATIENCE, QUIET_SHARE_MIN = 4, 0.5
WAKEUPS_MAX, CPU_PERCENT_MAX = 2, 0.1
MEMORY_MIB_MAX = {"exits and signals": 24, "service": 28}
FILTER = ("-c", "none-has-this")

REASONS = {
    "diag-record": "looks each 10 s at what nothing reports, and begins parts of the window",
    "diag-unwind": "waits for stacks and for programs that start",
    "diag-open": "waits for files of programs to be closed",
    "diag-sync": "waits for bytes to sync",
    "diag-files": "waits for requests for a file",
    "diag-disk": "looks each 10 s how much space there is",
    "diag-cpus": "waits for requests for a CPU that came online",
    "diag-readers": "waits for requests for a reader",
    "diag-reader": "waits for requests to read a file",
    "diag-report": "waits for the recording to grow, at most 10 s",
    "diag-journal": "waits for records",
}

Task = collections.namedtuple("Task", "name wakeups cpu_ns")
Look = collections.namedtuple("Look", "time started tasks")


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


def started_count():
    """Processes and threads since boot."""
    return int(re.search(r"^processes (\d+)", read("/proc/stat"), re.M).group(1))


class Sums:
    """What the tasks used in the seconds that were added."""

    def __init__(self):
        self.seconds = 0.0
        self.started = 0
        self.names, self.wakeups, self.cpu_ns = {}, collections.Counter(), collections.Counter()

    def add(self, before, after):
        self.seconds += after.time - before.time
        self.started += after.started - before.started
        for number, task in after.tasks.items():
            last = before.tasks.get(number, Task(task.name, 0, 0))
            self.names[number] = task.name
            self.wakeups[number] += task.wakeups - last.wakeups
            self.cpu_ns[number] += task.cpu_ns - last.cpu_ns

    def cpu_percent(self):
        return sum(self.cpu_ns.values()) / self.seconds / 1e7 if self.seconds else 0.0

    def wakeups_a_second(self):
        return sum(self.wakeups.values()) / self.seconds if self.seconds else 0.0


def look(pid):
    return Look(time.monotonic(), started_count(), tasks(pid))


def watch(pid):
    """The sums of the quiet seconds, and of the others."""
    quiet, other = Sums(), Sums()
    end = time.monotonic() + PATIENCE * SECONDS
    before, calm_s = look(pid), 0
    while quiet.seconds < SECONDS and time.monotonic() < end:
        time.sleep(1)
        after = look(pid)
        calm_s = calm_s + 1 if after.started == before.started else 0
        (quiet if calm_s > BUSY_S else other).add(before, after)
        before = after
    return quiet, other


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
            quiet, other = watch(recorder.pid)
            memory = memory_kib(recorder.pid)
        finally:
            recorder.terminate()
            recorder.wait()
    return show(name, options, quiet, other, memory)


def show_other(quiet, other):
    if not other.started:
        return
    beyond_us = sum(other.cpu_ns.values()) / 1e3 - quiet.cpu_percent() * 1e4 * other.seconds
    print(f"{other.seconds:.0f} other s: {other.cpu_percent():.3f} %, {other.wakeups_a_second():.1f} wake-ups/s; {other.started} processes and "
          f"threads started, {beyond_us / other.started:.0f} us for each")


def show(name, options, quiet, other, memory):
    """Prints the table; gives what exceeds its limit."""
    print(f"\n{name}: {' '.join(options)}")
    print(f"{quiet.seconds:.0f} quiet s of {quiet.seconds + other.seconds:.0f}, from {SETTLE_S} s after the start on")
    show_other(quiet, other)
    if quiet.seconds < SECONDS * QUIET_SHARE_MIN:
        yield f"{name}: no figure: {quiet.seconds:.0f} quiet seconds of {SECONDS:.0f}: run it on a machine that does nothing else"
        return
    print(f"{'task':14} {'wake-ups/s':>10} {'CPU %':>7}  why it wakes up")
    for number, task in quiet.names.items():
        print(f"{task:14} {quiet.wakeups[number] / quiet.seconds:10.2f} {quiet.cpu_ns[number] / quiet.seconds / 1e7:7.3f}  "
              f"{REASONS.get(task, 'not known')}")
    print(f"{'all':14} {quiet.wakeups_a_second():10.2f} {quiet.cpu_percent():7.3f}")
    for part, kib in memory.most_common():
        print(f"{kib / 1024:7.2f} MiB  {part}")
    print(f"{sum(memory.values()) / 1024:7.2f} MiB  resident in all (PSS)")
    for what, value, limit in (("wake-ups a second", quiet.wakeups_a_second(), WAKEUPS_MAX),
                               ("% of a CPU", quiet.cpu_percent(), CPU_PERCENT_MAX),
                               ("MiB", sum(memory.values()) / 1024, MEMORY_MIB_MAX.get(name, float("inf")))):
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
