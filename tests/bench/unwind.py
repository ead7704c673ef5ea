#!/usr/bin/env python3
"""unwind.py - what a user stack costs, beside what it costs perf: time to unwind and name it, bytes to keep it

usage: unwind.py BUILD-DIRECTORY [SECONDS]     (5 seconds at 200 processes a second)

diag-record and perf record take the very same ends of processes at the same time, 16 KiB of stack each. perf unwinds when it
is asked for a script. A second recording without user stacks shows what the stacks add to a file."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
SECONDS = sys.argv[2] if len(sys.argv) > 2 else "5"
RATE = "200"


class Recording:
    """A recorder that is ready when it says `ready` on standard error, and is ended by SIGINT."""

    def __init__(self, ready, *command):
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if ready in line:
                break

    def end(self):
        self.process.send_signal(2)
        self.process.communicate()


def make_load():
    subprocess.run([f"{BUILD}/tests/bench_load", RATE, SECONDS], check=True, stdout=subprocess.DEVNULL)


def record_with_diag(path, *options):
    return Recording("recording to", f"{BUILD}/bin/diag-record", "-e", "exit", "-c", "load", "-o", path, *options)


def record_with_perf():
    """perf does not say when it is ready: its file grows when it is."""
    perf = subprocess.Popen(["perf", "record", "-q", "-B", "-a", "-o", "perf.data", "-e", "sched:sched_process_exit", "--filter",
                             'comm == "load"', "--user-callchains", "--call-graph", "dwarf,16384"], stderr=subprocess.DEVNULL)
    while not os.path.exists("perf.data"):
        time.sleep(0.1)
    time.sleep(2)
    return perf


def perf_script(fields):
    """Seconds of CPU, and how many samples there were."""
    before = os.times()
    text = subprocess.run(["perf", "script", "-i", "perf.data", "--no-inline", "-F", fields],
                          capture_output=True, text=True, errors="replace").stdout
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, len(re.findall(r"^load\s", text, re.M))


def main():
    os.chdir(tempfile.mkdtemp())
    bare = record_with_diag("bare.dz", "--user-stack", "0")
    make_load()
    bare.end()
    perf, diag = record_with_perf(), record_with_diag("full.dz")
    make_load()
    diag.end()
    perf.send_signal(2)
    perf.wait()
    info = subprocess.run([f"{BUILD}/bin/diag-report", "--info", "--verbose", "full.dz"], capture_output=True, text=True).stdout
    facts = dict(re.findall(r"^  (stacks\.\S+) +(\d+)$", info, re.M))
    events = [json.loads(line) for line in subprocess.run([f"{BUILD}/bin/diag-report", "--json", "full.dz"], capture_output=True,
                                                          text=True).stdout.splitlines()]
    chains = {tuple((frame["symbol"], frame.get("module"), frame["offset"]) for frame in event["user_stack"])
              for event in events if event["type"] == "exit"}
    unwound = int(facts["stacks.unwound"])
    diag_us = int(facts["stacks.unwind_us"]) / unwound
    added = os.path.getsize("full.dz") - os.path.getsize("bare.dz")
    seconds, samples = perf_script("comm,tid,ip,sym,symoff,dso")
    idle, _ = perf_script("comm,tid")
    perf_us = (seconds - idle) / samples * 1e6
    perf_bytes = os.path.getsize("perf.data") / samples
    print(f"diag-record unwound {unwound} stacks in {diag_us:.1f} us each; perf script {samples} in {perf_us:.1f} us each: "
          f"{perf_us / diag_us:.1f} times as long")
    print(f"{len(chains)} distinct chains: {added / len(chains):.0f} bytes for each of them, {added / unwound:.1f} for each stack; "
          f"perf.data has {perf_bytes:.0f} for each stack: {perf_bytes / (added / unwound):.0f} times as much")


main()
