#!/usr/bin/env python3
"""many_files.py - what tables of call frame information cost when many different programs start and end all the time

usage: many_files.py BUILD-DIRECTORY [FILES [SECONDS [RATE]]]     (500 files, 20 seconds, 250 processes a second), as root

Makes FILES copies of a program and runs them in turn. A stack that is not walked by tables is copied:
the fallback. Fails if the thread that makes tables took more than 25 % of a CPU, if the maps of tables hold more than 64 MiB, if
1 % or more of the stacks were not walked after the first ten seconds, or if an exit is neither recorded nor counted as lost."""
import collections
import contextlib
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
FILES = int(sys.argv[2]) if len(sys.argv) > 2 else 500
SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 20
RATE = float(sys.argv[4]) if len(sys.argv) > 4 else 250
SETTLE_S = 10
CPU_PERCENT_MAX, MAPS_MIB_MAX, FALLBACK_PERCENT_MAX = 25, 64, 1
COMPLETE = 1  # UNWIND_WALK_COMPLETE
PROGRAM = "/usr/bin/true"
NAME = "manyfiles"

Sample = collections.namedtuple("Sample", "seconds walked all cpu_s maps_bytes")


def make_files():
    for number in range(FILES):
        name = f"{NAME}{number}"
        shutil.copyfile(PROGRAM, name)
        with open(name, "ab") as file:
            file.write(name.encode("ascii"))
        os.chmod(name, 0o755)


def bpftool(*arguments):
    return json.loads(subprocess.run(["bpftool", "-j", *arguments], capture_output=True, text=True, check=True).stdout)


def maps_of(pid):
    """The maps of tables, by name."""
    numbers = set()
    for path in glob.glob(f"/proc/{pid}/fdinfo/*"):
        # A descriptor can be closed meanwhile; those of maps stay open.
        with contextlib.suppress(FileNotFoundError), open(path, encoding="ascii") as file:
            numbers.update(re.findall(r"^map_id:\s+(\d+)", file.read(), re.M))
    return {shown["name"]: shown for shown in bpftool("map", "show")
            if str(shown["id"]) in numbers and shown.get("name", "").startswith("unwind_")}


def ends(pid):
    """Number of walks by their end, of all CPUs."""
    dumped = bpftool("map", "dump", "id", str(maps_of(pid)["unwind_counts"]["id"]))
    return {index: sum(int.from_bytes(bytes(int(byte, 16) for byte in value["value"]), "little") for value in entry["values"])
            for index, entry in enumerate(dumped)}


def cpu_seconds(pid):
    """Of the thread that makes tables."""
    for task in glob.glob(f"/proc/{pid}/task/*"):
        with open(f"{task}/comm", encoding="ascii") as file:
            if file.read().strip() != "diag-unwind":
                continue
        with open(f"{task}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9
    raise SystemExit("no thread diag-unwind")


def sample(pid, begun):
    counts = ends(pid)
    return Sample(time.monotonic() - begun, counts[COMPLETE], sum(counts.values()), cpu_seconds(pid),
                  sum(shown.get("bytes_memlock", 0) for shown in maps_of(pid).values()))


def run_files(begun, until, made):
    """Runs the files in turn at RATE until so many seconds have passed. Returns the number of processes."""
    while time.monotonic() - begun < until:
        late = time.monotonic() - begun - made / RATE
        if late < 0:
            time.sleep(-late)
        os.waitpid(os.posix_spawn(f"./{NAME}{made % FILES}", [NAME], os.environ), 0)
        made += 1
    return made


def record(load):
    recorder = subprocess.Popen([f"{BUILD}/bin/diag-record", "--force", "-e", "exit", "-c", f"{NAME}*", "-o", "many.dz"],
                                stderr=subprocess.PIPE, text=True)
    for line in recorder.stderr:
        if "recording to" in line:
            break
    try:
        return load(recorder.pid)
    finally:
        recorder.terminate()
        recorder.communicate()


def load(pid):
    begun = time.monotonic()
    start = sample(pid, begun)
    made = run_files(begun, SETTLE_S, 0)
    settled = sample(pid, begun)
    made = run_files(begun, SETTLE_S + SECONDS, made)
    return made, start, settled, sample(pid, begun)


def counted():
    """Exits that are in the file, and those that it counts as lost."""
    text = subprocess.run([f"{BUILD}/bin/diag-report", "--json", "-e", "exit", "many.dz"], capture_output=True, text=True,
                          check=True).stdout
    events = [json.loads(line) for line in text.splitlines()]
    return (sum(event["type"] == "exit" for event in events),
            sum(event["count"] for event in events if event["type"] == "lost" and event["kind"] == "exit"))


def main():
    with tempfile.TemporaryDirectory(prefix="diag-many.") as directory:
        os.chdir(directory)
        make_files()
        made, start, settled, end = record(load)
        recorded, lost = counted()
        os.chdir("/")
    parts = {}
    for name, first, last in (("first ten seconds", start, settled), ("then", settled, end)):
        walks = max(1, last.all - first.all)
        parts[name] = (100 * (walks - last.walked + first.walked) / walks, 100 * (last.cpu_s - first.cpu_s) / (last.seconds - first.seconds))
        print(f"{name}: {walks} stacks, {parts[name][0]:.2f} % not walked; tables took {parts[name][1]:.1f} % of a CPU")
    print(f"{FILES} files, {made} processes, {recorded} exits recorded, {lost} lost; maps of tables {end.maps_bytes / 2**20:.1f} MiB")
    wrong = [text for bad, text in ((max(cpu for _, cpu in parts.values()) > CPU_PERCENT_MAX, "too much CPU"),
                                    (end.maps_bytes > MAPS_MIB_MAX << 20, "too much memory"),
                                    (parts["then"][0] >= FALLBACK_PERCENT_MAX, "too many fallbacks"),
                                    (recorded + lost != made, "events are missing")) if bad]
    sys.exit(", ".join(wrong) or 0)


main()
