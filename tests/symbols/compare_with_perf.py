#!/usr/bin/env python3
# tests/symbols/compare_with_perf.py - compares call stacks of dying programs with those of perf
"""compare_with_perf.py DEATH_CHAIN PROGRAM...

Runs every program in every way to die that it lists, once under death_chain and once under
`perf record --call-graph dwarf`, and compares the two chains function by function. Two names for one
address are one function. Exit status 77: perf cannot record here."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

STACK_BYTES = 16384
AT_LEAST = 40
AT_ONCE = 8
THREAD = re.compile(r"^\s*(\d+)/(\d+)\s*$")
PERF_FRAME = re.compile(r"^\s+[0-9a-f]+ (.*) \((.*)\)$")
OWN_FRAME = re.compile(r"^(.*)\+0x[0-9a-f]+ \((.*)\)( \[.*\])?$")

# The expected chains where perf has almost no frames: a jump to an address without code, code with frame pointers but
# without call frame information, a stack pointer in the guard page. Also where perf has invalid frames (beyond a
# smashed stack), and where it keeps more.
OUTER = ["third_find", "third_check", "second_prepare", "second_work", "first_start", "main", "__libc_start_call_main",
         "__libc_start_main", "_start"]
BEYOND_PERF = {
    "jump-null": (["[unknown]", "third_jump_null", *OUTER], "complete"),
    "made-code": (["__pthread_kill_implementation", "raise", "abort", "made_abort", "[unknown]",
                   "third_abort_below_made_code", *OUTER], "complete"),
    "deeper": (["__pthread_kill_implementation", "raise", "abort", "descend", *["descend"] * 508], "too deep"),
    "smash": (["__pthread_kill_implementation", "raise", "abort", "__libc_message", "__fortify_fail", "__stack_chk_fail",
               "smash"], "damaged stack"),
    "overflow": (["overflow"] * 70, "truncated"),
}


def run(command, directory):
    return subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=60, check=False)


def without_offset(symbol):
    return re.sub(r"\+0x[0-9a-f]+$", "", symbol)


def perf_chain(program, way, directory):
    """The chain of the thread that ended its process. perf aborts while another perf on the machine has a recording with
    build IDs open (the kernel then marks perf's own records as having them): it is started again for a while."""
    frames = record_with_perf(program, way, directory)
    for _ in range(0 if way in BEYOND_PERF else 20):
        if frames:
            break
        time.sleep(3)
        frames = record_with_perf(program, way, directory)
    return frames


def record_with_perf(program, way, directory):
    """One process for each recording: of several perf mixes up the files."""
    data = os.path.join(directory, "perf.data")
    run(["perf", "record", "-q", "-B", "-o", data, "-e", "sched:sched_process_exit", "--user-callchains",
         "--call-graph", f"dwarf,{STACK_BYTES}", program, way], directory)
    text = run(["perf", "script", "-i", data, "--no-inline", "--no-demangle", "--max-stack", "1024", "-F",
                "pid,tid,ip,sym,symoff,dso"], directory).stdout.decode(errors="replace")
    chains, frames = {}, []
    for line in text.splitlines():
        frame = PERF_FRAME.match(line)
        header = THREAD.match(line)
        if header:
            frames = chains.setdefault((int(header[1]), int(header[2])), [])
        elif frame and frame[1].startswith("[unknown]") and frame[2] == "[unknown]" and "ffffffffffffffff" in line:
            continue  # perf's word for a caller whose stack was not copied
        elif frame:
            frames.append((without_offset(frame[1]), frame[2]))
    return chain_of_the_end(chains) if chains else []


def chain_of_the_end(chains):
    """Of chains by pid and tid that of the thread that ended its process. The others end then too, and one of them can be the first
    to do so. In the one program of two threads it is the second that calls exit()."""
    return next((chain for (pid, tid), chain in chains.items() if tid != pid), next(iter(chains.values())))


def own_chain(tool, program, way, directory):
    text = run([tool, "-s", str(STACK_BYTES), program, way], directory).stdout.decode(errors="replace")
    frames = [OWN_FRAME.match(line) for line in text.splitlines()]
    end = re.findall(r"^end: (.*)$", text, re.M)
    return [(frame[1], frame[2]) for frame in frames if frame], end[0] if end else "no end"


class Aliases:
    """Which names of a file are names of one address."""

    def __init__(self):
        self.by_file = {}

    def table(self, path):
        if path not in self.by_file:
            names = {}
            build_id = re.findall(r"Build ID: ([0-9a-f]+)", run(["readelf", "-n", path], "/").stdout.decode())
            files = [["nm", path], ["nm", "-D", path]]
            if build_id:
                files.append(["nm", f"/usr/lib/debug/.build-id/{build_id[0][:2]}/{build_id[0][2:]}.debug"])
            for command in files:
                for line in run(command, "/").stdout.decode(errors="replace").splitlines():
                    field = line.split()
                    if len(field) == 3:
                        names.setdefault(field[2].split("@")[0], set()).add(field[0])
            self.by_file[path] = names
        return self.by_file[path]

    def same(self, path, left, right):
        """`left` is perf's name, which looks one byte before the signal trampoline and finds nothing."""
        if (left, right) == ("[unknown]", "__restore_rt"):
            return True
        left, right = left.split("@@")[0], right.split("@@")[0]
        if "@plt" not in left + right:
            left, right = left.split("@")[0], right.split("@")[0]
        if left == right:
            return True
        table = self.table(path)
        return bool(table.get(left, set()) & table.get(right, set()))


def differences(aliases, expected, own):
    found = []
    if len(expected) != len(own):
        found.append(f"perf has {len(expected)} frames, we have {len(own)}")
    for index, (theirs, ours) in enumerate(zip(expected, own)):
        if not aliases.same(ours[1], theirs[0], ours[0]):
            found.append(f"frame {index}: perf {theirs[0]}, we {ours[0]} ({ours[1]})")
    return found


def differences_beyond_perf(way, own, end):
    expected, expected_end = BEYOND_PERF[way]
    names = [name for name, _ in own[:len(expected)]]
    found = [f"frame {index}: {ours} instead of {theirs}" for index, (theirs, ours) in
             enumerate(zip(expected, names)) if ours.split(".")[0] not in (theirs, "[unknown]")]
    if len(names) < len(expected) or (expected_end != "truncated" and len(own) > len(expected)):
        found.append(f"{len(own)} frames")
    if end != expected_end:
        found.append(f"the end is {end}")
    return found


def compare(aliases, tool, program, way):
    """What perf's chain and ours differ in; None if perf has no chain to compare with."""
    with tempfile.TemporaryDirectory() as directory:
        expected = perf_chain(program, way, directory)
        own, end = own_chain(tool, program, way, directory)
    found = differences(aliases, expected, own)
    if found and way in BEYOND_PERF:
        return differences_beyond_perf(way, own, end)
    if not expected:
        return None
    return [*found, f"end: {end}"] if found else []


def main():
    tool, programs = os.path.abspath(sys.argv[1]), list(map(os.path.abspath, sys.argv[2:]))
    # Ubuntu's perf only runs the one that was made with the running kernel.
    if not shutil.which("perf") or subprocess.run(["perf", "--version"], capture_output=True).returncode:
        print("SKIP: there is no perf to compare with")
        return 77
    deaths = [(program, way) for program in programs for way in run([program], "/").stdout.decode().split()]
    aliases = Aliases()
    # perf mostly waits for the kernel.
    with ThreadPoolExecutor(max_workers=AT_ONCE) as workers:
        results = list(workers.map(lambda death: compare(aliases, tool, *death), deaths))
    if all(found is None for found in results):
        print("SKIP: perf records no exits here")
        return 77
    for (program, way), found in zip(deaths, results):
        if found != []:
            print(f"{os.path.basename(program)} {way}: " + "; ".join((found or ["perf has no chain"])[:4]))
    equal = results.count([])
    print(f"{equal} of {len(results)} chains are equal")
    return 0 if equal == len(results) >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
