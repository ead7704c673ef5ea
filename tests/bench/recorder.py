#!/usr/bin/env python3
"""recorder.py - what diag-record itself needs while many short processes end: memory, CPU, and what it dropped

usage: recorder.py BUILD-DIRECTORY [RATE [SECONDS]]     (2000 processes a second for 300 seconds)

Fails if more than 64 MiB were resident at any time, if it took more than 25 % of one CPU, or if what is in the file and what
is counted as lost is not what happened."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
RATE = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 300
MEMORY_MAX_KIB = 64 * 1024
CPU_MAX_PERCENT = 25


def memory_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return {name: int(value) for name, value in re.findall(r"^(VmHWM|RssAnon|RssFile|RssShmem):\s+(\d+)", file.read(), re.M)}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(recorder, load):
    """Until the load ends; gives the CPU seconds and the real ones that passed."""
    begin, used, largest, next_line = time.monotonic(), cpu_seconds(recorder.pid), {}, 0
    while load.poll() is None:
        time.sleep(0.2)
        largest = {name: max(value, largest.get(name, 0)) for name, value in memory_kib(recorder.pid).items()}
        passed = time.monotonic() - begin
        if passed >= next_line:
            print(f"{passed:4.0f} s: {(cpu_seconds(recorder.pid) - used) / passed:6.1%} CPU, largest so far in KiB: {largest}",
                  flush=True)
            next_line += max(1, SECONDS // 15)
    return cpu_seconds(recorder.pid) - used, time.monotonic() - begin, largest


def main():
    os.chdir(tempfile.mkdtemp())
    recorder = subprocess.Popen([f"{BUILD}/bin/diag-record", "-c", "load", "-o", "load.dz"], stderr=subprocess.PIPE, text=True)
    for line in recorder.stderr:
        if "recording to" in line:
            break
    load = subprocess.Popen([f"{BUILD}/tests/bench_load", str(RATE), str(SECONDS)], stdout=subprocess.PIPE, text=True)
    cpu, passed, largest = watch(recorder, load)
    made = int(load.communicate()[0])
    recorder.terminate()
    print(recorder.communicate()[1].strip())
    recorded = lost = whole = without = 0
    text = subprocess.Popen([f"{BUILD}/bin/diag-report", "--json", "-e", "exit", "load.dz"], stdout=subprocess.PIPE, text=True)
    for line in text.stdout:
        event = json.loads(line)
        recorded += event["type"] == "exit"
        lost += event["count"] if event["type"] == "lost" and event["kind"] == "exit" else 0
        end = event["user_stack"][-1]["symbol"] if event["type"] == "exit" and event["user_stack"] else ""
        whole += end == "_start"
        without += end == "[stack dropped]"
    info = subprocess.run([f"{BUILD}/bin/diag-report", "--info", "--verbose", "load.dz"], capture_output=True, text=True).stdout
    print("\n".join(line for line in info.splitlines() if " stacks." in line or " recorder." in line))
    told = sum(int(count) for count in re.findall(r"stacks\.(?:given_up|late) +(\d+)", info))
    print(f"{made} processes, {made / passed:.0f} a second; {recorded - 1} recorded, {lost} lost, {whole} whole stacks, "
          f"{without} given up, of which the file tells {told}; "
          f"{os.path.getsize('load.dz') / made:.1f} bytes each")
    print(f"peak {largest['VmHWM'] / 1024:.1f} MiB, CPU {cpu / passed:.1%} of one")
    wrong = [text for bad, text in ((largest["VmHWM"] > MEMORY_MAX_KIB, "too much memory"),
                                    (cpu / passed * 100 > CPU_MAX_PERCENT, "too much CPU"),
                                    (recorded + lost != made + 1, "events are missing"),
                                    (without > told, "not all that was given up is counted")) if bad]
    sys.exit(", ".join(wrong) or 0)


main()
