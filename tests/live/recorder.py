"""recorder.py - what the live tests in Python share: run diag-record, read its file back, say what is wrong"""
import contextlib
import ctypes
import glob
import os
import re
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["DIAG_SOURCE"], "tests", "cli"))
from json_schema import Checker  # noqa: E402

BIN = os.environ["DIAG_BIN"]
BUILD = os.environ["DIAG_BUILD"]
GUEST = bool(os.environ.get("DIAG_GUEST"))
SKIP = 77
CHECKED = "/run/diag-live-checked"  # only root writes there
# Linux 7.0 and later preempt the programs of tracepoints, and do not run them for other threads of that CPU meanwhile.
PREEMPTS = int(os.uname().release.split(".")[0]) >= 7
LIBC = ctypes.CDLL(None)
# Every line of JSON is checked.
checker = Checker(os.path.join(os.environ["DIAG_SOURCE"], "share", "report.schema.json"))


class Recorder:
    """A running diag-record; `with` stops it, and then .said is what it said and .status how it ended."""

    def __init__(self, *options, output="trace.dz", before=()):
        """`before`: the words of a command that runs it."""
        self.output = output
        arguments = [*before, f"{BIN}/diag-record", *options]
        if output:
            arguments += ["-o", output]
        self.process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, errors="backslashreplace")
        self.said = ""
        self.status = None
        for line in self.process.stderr:
            self.said += line
            if "recording to" in line:
                return
        self.status = self.process.wait()
        raise SystemExit(f"diag-record did not begin: {self.said}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, number=signal.SIGINT):
        if self.status is None:
            self.process.send_signal(number)
            limit = threading.Timer(60, self.process.kill)
            limit.start()
            # communicate() misses what came together with the line that was read last.
            self.said += self.process.stderr.read()
            self.status = self.process.wait()
            limit.cancel()
            if "Sanitizer" in self.said or "runtime error: " in self.said:
                raise SystemExit(f"diag-record, built with sanitizers: {self.said}")


def able():
    """What the answer of --check depends on: the program, the user, its capabilities, the boot. /run of a container outlives a boot."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        capabilities = re.search(r"^CapEff:\s*(\w+)", file.read(), re.MULTILINE).group(1)
    return f"{BIN} {os.stat(f'{BIN}/diag-record').st_mtime_ns} {os.geteuid()} {capabilities} {boot}"


def can_record():
    """Ends the test as skipped where the kernel or the privileges of this user do not allow recording. That takes a second, or several
    in the guest: a program that was found able to is not asked again before the next boot."""
    found = able()
    with contextlib.suppress(OSError), open(CHECKED, encoding="utf-8") as file:
        if file.read() == found:
            return
    check = subprocess.run([f"{BIN}/diag-record", "--check"], capture_output=True, text=True)
    if check.returncode != 0:
        print("SKIP: diag-record --check says:\n" + check.stdout)
        sys.exit(SKIP)
    with contextlib.suppress(OSError):
        # Tests that run at the same time read all of it or nothing.
        with open(f"{CHECKED}.{os.getpid()}", "w", encoding="utf-8") as file:
            file.write(found)
        os.replace(file.name, CHECKED)


def report(path, *options, expected_status=0):
    """The objects of diag-report --json."""
    result = subprocess.run([f"{BIN}/diag-report", "--json", *options, path], capture_output=True, text=True)
    if result.returncode != expected_status:
        raise SystemExit(f"diag-report {path}: status {result.returncode}, not {expected_status}: {result.stderr}")
    return [checker.line(line) for line in result.stdout.splitlines()]


def facts(path):
    """The info records of a file, by key."""
    text = subprocess.run([f"{BIN}/diag-report", "--info", "--verbose", path], capture_output=True, text=True).stdout
    return dict(re.findall(r"^  (\S+) +(.*)$", text, re.MULTILINE))


def skipped(path, event):
    """What --every and --max-per-second chose from, and what they skipped, of runq, cpu or offcpu."""
    told = facts(path)
    return [int(told.get(f"{event}.{name}", 0)) for name in ("hits", "skipped_every", "skipped_rate")]


def lost(events, kind):
    return sum(event["count"] for event in events if event["type"] == "lost" and event["kind"] == kind)


def interrupted(events, kind="exit"):
    """The events of a kind that are lost since their program came while it already ran on that CPU, where the kernel preempts programs.
    A program that does not run asks no filter, so they can be events of any process."""
    return sum(event["count"] for event in events if event["type"] == "lost" and event["kind"] == kind
               and event["reason"] == "another program was running") if PREEMPTS else 0


def check_sum(checks, counted, happened, missed, what):
    """recorded + lost = happened. Of those that are counted, `missed` are interrupted(), and may not belong to those that happened."""
    checks.that(counted - missed <= happened <= counted, f"{what}: {counted}, {missed} of them of any process, expected {happened}")


def check_missing(checks, missing, events):
    """Each process that has no exit, of which these are the words, is interrupted(): so there are none before Linux 7.0."""
    checks.that(len(missing) <= interrupted(events), f"no exit of {missing}, {interrupted(events)} are counted")


def tally(checks, path, look=lambda event: None):
    """The exits that are in a file, those that it says are lost, and how many of these are interrupted(). Looks at each event in turn, as
    all of them at once would take much memory."""
    recorded = gone = missed = 0
    with subprocess.Popen([f"{BIN}/diag-report", "--json", "-e", "exit", path], stdout=subprocess.PIPE, text=True) as reader:
        for event in map(checker.line, reader.stdout):
            recorded += event["type"] == "exit"
            gone += lost([event], "exit")
            missed += interrupted([event])
            look(event)
    checks.equal(reader.returncode, 0, f"{path}: status of diag-report")
    return recorded, gone, missed


def exits(events):
    """Ends of processes by pid; those of threads are left out."""
    return {event["pid"]: event for event in events if event["type"] == "exit" and not event["thread"]}


def given_up(event):
    """The marker of a stack that a busy machine had no time for, which is counted as such; None of any other."""
    stack = [frame["symbol"] for frame in event.get("user_stack", [])]
    return stack[0] if stack in (["[stack dropped]"], ["[mappings unknown]"]) else None


def stacks_given_up(path):
    """How many user stacks a file says that there was no time for."""
    told = facts(path)
    return sum(int(told[f"stacks.{how}"].replace(",", "")) for how in ("dropped", "late", "mappings_unknown"))


def files_given_up(path):
    """Of how many files of user stacks a file says that they could not be read in time. A chain ends where such a file would go on."""
    told = facts(path)
    return sum(int(told[f"stacks.files_{how}"].replace(",", "")) for how in ("timed_out", "not_tried"))


def check_late(checks, path, late, most):
    """Checks that at most `most` events have no user stack because the machine was busy, and that the file counts such stacks. A stack
    that several events have is counted once."""
    counted = stacks_given_up(path)
    checks.that(late <= most and (not late or counted > 0), f"{path}: {late} user stacks are late, {most} may be, {counted} are counted")


def part(items):
    """All of them, or with DIAG_PART=2/5 the second fifth, so that a long form occupies a machine for a fifth of its time."""
    number, parts = (int(text) for text in os.environ.get("DIAG_PART", "1/1").split("/"))
    return [item for index, item in enumerate(items) if index % parts == number - 1]


def nanosleep(seconds):
    """Sleeps so long from the system call on; time.sleep() sleeps until a time that it takes before its call."""
    LIBC.nanosleep((ctypes.c_long * 2)(int(seconds), int(seconds % 1 * 1e9)), None)


def awake_ns():
    """How long the calling thread was on a CPU or waited for one. schedstat is late by a tick for the thread that reads it."""
    with open("/proc/thread-self/schedstat", encoding="ascii") as file:
        return time.thread_time_ns() + int(file.read().split()[1])


def waited_ns(pid):
    """How long the threads of a process and of its children have waited for a CPU: what a busy machine made them late by, at most."""
    waited = 0
    for task in glob.glob(f"/proc/{pid}/task/*"):
        try:
            with open(f"{task}/schedstat", encoding="ascii") as stat, open(f"{task}/children", encoding="ascii") as children:
                waited += int(stat.read().split()[1]) + sum(map(waited_ns, children.read().split()))
        except OSError:
            pass  # it has ended
    return waited


def is_asleep(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "S"


def is_in_nanosleep(pid):
    """Whether the process is in clock_nanosleep(), by its numbers on x86-64 and arm64."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
        return file.read().split()[0] in ("230", "115")


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Checks:
    """Collects what is wrong; .end() is the exit status of the test."""

    def __init__(self):
        self.done = 0
        self.wrong = 0

    def that(self, holds, text):
        self.done += 1
        if not holds:
            self.wrong += 1
            print("wrong:", text)
        return bool(holds)

    def equal(self, found, expected, text):
        return self.that(found == expected, f"{text}: {found!r}, expected {expected!r}")

    def end(self):
        print(f"{self.done} checks, {self.wrong} wrong")
        sys.exit(1 if self.wrong else 0)
