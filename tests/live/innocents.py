"""innocents.py - processes that die while the recorder is attacked: each must be in the file, with exit, signal and call stack"""
import contextlib
import os
import signal
import subprocess
import threading
import time

from recorder import BUILD, exits, facts, given_up, lost, report

PROGRAM = os.path.join(BUILD, "samples", "death", "death-nofp-symbols-static")
WAY = "abort"
# From abort() out; the functions of the C library above it have no fixed names.
CHAIN = ("abort", "third_abort", "third_find", "third_check", "second_prepare", "second_work", "first_start", "main", "_start")
INTERVAL_S = 0.1
# Of all stacks, on a machine that is busy with other work as well.
WHOLE_MIN = 0.5


class Innocents:
    """While it is open, a process dies each INTERVAL_S. Then .pids are those that died."""

    def __init__(self, program=PROGRAM):
        self.program = program
        self.pids = []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.die)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()

    def die(self):
        following = time.monotonic()
        while not self.ends.is_set():
            with subprocess.Popen([self.program, WAY], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                process.wait()
            self.pids.append(process.pid)
            following = max(following + INTERVAL_S, time.monotonic())
            self.ends.wait(following - time.monotonic())


def functions(event):
    return [frame["symbol"].split(".")[0] for frame in event.get("user_stack", [])]


def has_chain(event):
    """Whether the functions of the chain follow each other, with none of the program in between."""
    names = functions(event)
    return [name for name in names if name in CHAIN or "_" in name.strip("_") and not name.startswith("_")] == list(CHAIN)


def check_innocents(checks, what, path, pids, options=()):
    """Exits and signals are in the file, or counted as lost; stacks are whole, or dropped and counted."""
    events = report(path, *options)
    # An attack that starts thousands of processes makes the kernel use their numbers again, for processes of its user.
    ends = exits([event for event in events if event["type"] == "exit" and event["uid"] == os.getuid()])
    killed = {event["pid"] for event in events if event["type"] == "signal" and event["signal"] == signal.SIGABRT}
    missing = [pid for pid in pids if pid not in ends]
    unsent = [pid for pid in pids if pid not in killed]
    checks.that(len(missing) <= lost(events, "exit"), f"{what}: {len(missing)} exits are missing, {lost(events, 'exit')} lost")
    checks.that(len(unsent) <= lost(events, "signal"), f"{what}: {len(unsent)} signals are missing, {lost(events, 'signal')} lost")
    dropped = [pid for pid in pids if pid in ends and given_up(ends[pid])]
    unread = [pid for pid in pids if pid in ends and functions(ends[pid]) == ["[lost]"]]
    checks.that(len(unread) <= lost(events, "user_stack"), f"{what}: {len(unread)} stacks are missing, {lost(events, 'user_stack')} lost")
    wrong = {pid: functions(ends[pid]) for pid in set(pids) & set(ends) - set(dropped) - set(unread) if not has_chain(ends[pid])}
    checks.that(not wrong, f"{what}: {len(wrong)} stacks of {len(pids)} are wrong: {list(wrong.values())[:3]}")
    return Result(len(pids), len(missing), len(unsent), len(dropped), len(unread))


def check_stacks(checks, path, results, whole_min=WHOLE_MIN):
    """Stacks that a busy machine had no time for are counted, and are not most of them."""
    noted = facts(path)
    counted = sum(int(noted[f"stacks.{name}"].replace(",", "")) for name in ("dropped", "late", "mappings_unknown"))
    dropped, died = (sum(getattr(result, name) for result in results) for name in ("dropped", "died"))
    checks.that(dropped <= counted, f"{path}: {dropped} stacks are dropped, {counted} are counted")
    checks.that(dropped <= (1 - whole_min) * died, f"{path}: {dropped} stacks of {died} are dropped")


class Result:
    """How many died, and of how many exit, signal or stack is counted as lost."""

    def __init__(self, died, missing, unsent, dropped, unread):
        self.died, self.missing, self.unsent, self.dropped, self.unread = died, missing, unsent, dropped, unread

    def __str__(self):
        return (f"{self.died} died: {self.died - self.missing} exits, {self.died - self.unsent} signals, "
                f"{self.died - self.missing - self.dropped - self.unread} whole stacks")


def resident_kib(pid, word="VmHWM"):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return next((int(line.split()[1]) for line in file if line.startswith(word + ":")), 0)
    return 0
