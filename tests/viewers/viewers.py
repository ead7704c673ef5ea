#!/usr/bin/env python3
"""viewers.py - profiles of diag-fold in programs of others: pprof-format decodes them, speedscope opens them in Chromium

  usage: viewers.py BUILD-DIRECTORY SOURCE-DIRECTORY MODULES-DIRECTORY

The sums of pprof-format are those of the folded lines, exactly. speedscope shows the same total for a trace of which all stacks
have one root. It does not read the weights of perf-script: its total there is the time from the first to the last sample."""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

failures = 0


def check(what, is_right):
    global failures
    failures += not is_right
    print("ok" if is_right else "not ok", "-", what)


def run(*command):
    return subprocess.run(command, capture_output=True, check=True, timeout=900).stdout.decode()


def sums_of(lines):
    sums = collections.Counter()
    for line in lines.splitlines():
        stack, weight = line.rsplit(" ", 1)
        sums[stack] += int(weight)
    return +sums


def fold(build, out, form, *arguments):
    with open(out, "wb") as file:
        subprocess.run([os.path.join(build, "bin", "diag-fold"), "--format", form, *arguments], stdout=file, check=True, timeout=300)


def check_pprof(build, source, modules, traces):
    for trace in traces:
        for options in ([], ["--weight", "time"], ["-e", "signal"]):
            fold(build, "a.pb.gz", "pprof", *options, trace)
            fold(build, "a.folded", "folded", *options, trace)
            with open("a.folded", encoding="utf-8") as file:
                folded = sums_of(file.read())
            decoded = sums_of(run("node", os.path.join(source, "tests", "viewers", "pprof.mjs"), modules, "a.pb.gz"))
            check(f"pprof-format: {os.path.basename(trace)} {' '.join(options)}: {len(folded)} stacks, total {folded.total()}", decoded == folded)


def threads_of_perf(path):
    """The threads, and the seconds from the first to the last sample of the first of them."""
    times = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for thread, time in re.findall(r"^(\S.*?\s\d+/\d+) (\d+\.\d{9}): ", file.read(), re.M):
            times[thread].append(float(time))
    first = next(iter(times.values()))
    return len(times), max(first) - min(first)


def seconds_of(shown):
    """The largest of texts such as "12.34ms (50%)" and "1:02 (9%)"."""
    seconds = [0.0]
    for text in shown:
        if found := re.match(r"([0-9.]+)(ns|µs|ms|s) \(", text):
            seconds.append(float(found[1]) * {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}[found[2]])
        elif found := re.match(r"(\d+):(\d+) \(", text):
            seconds.append(int(found[1]) * 60 + int(found[2]))
    return max(seconds)


def check_speedscope(build, source, modules, trace):
    chromium = shutil.which("chromium")
    files = {"a.pb.gz": "pprof", "a.speedscope.json": "speedscope", "a.linux-perf.txt": "perf-script"}
    for path, form in files.items():
        fold(build, path, form, trace)
    fold(build, "a.folded", "folded", trace)
    with open("a.folded", encoding="utf-8") as file:
        total = sums_of(file.read()).total()
    found = json.loads(run("node", os.path.join(source, "tests", "viewers", "speedscope.mjs"), modules, chromium, *files))
    for result, form in zip(found, files.values(), strict=True):
        what = f"speedscope: {os.path.basename(trace)} as {form}: {result['profiles_shown']} profiles, total {result['total']}, imported in {result['import_ms']:.0f} ms"
        if form != "perf-script":
            check(what, not result["messages"] and result["total"] == total)
            continue
        threads, seconds = threads_of_perf("a.linux-perf.txt")
        check(what, not result["messages"] and result["profiles_shown"] == threads and
              (seconds == 0 or abs(seconds_of(result["shown"]) - seconds) <= 0.02 * seconds))


def check_large(build, source, modules, trace):
    """100,000 stacks: speedscope rounds their time."""
    fold(build, "a.folded", "folded", "--weight", "time", trace)
    with open("a.folded", encoding="utf-8") as file:
        seconds = sums_of(file.read()).total() / 1e9
    for path, form in {"large.pb.gz": "pprof", "large.speedscope.json": "speedscope"}.items():
        start = os.times()
        fold(build, path, form, "--weight", "time", trace)
        end = os.times()
        cpu = end.children_user + end.children_system - start.children_user - start.children_system
        result, = json.loads(run("node", os.path.join(source, "tests", "viewers", "speedscope.mjs"), modules, shutil.which("chromium"), path))
        check(f"speedscope: {os.path.basename(trace)} as {form}, made in {cpu:.1f} s of processors, imported in {result['import_ms'] / 1000:.1f} s",
              not result["messages"] and abs(seconds_of(result["shown"]) - seconds) <= 0.001 * seconds)


def main(build, source, modules):
    names = ("samples/demo/demo.dz", "tests/cli/traces/deaths.dz", "tests/cli/traces/hostile.dz", "tests/cli/recordings/names.dz",
             "tests/cli/recordings/sections.dz", "tests/cli/recordings/script.dz", "tests/flame/traces/probes.dz")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run(os.path.join(build, "tests", "make_scenario"), "stacks", "stacks.dz")
        check_pprof(build, source, modules, [*(os.path.join(source, name) for name in names), "stacks.dz"])
        for name in ("samples/demo/demo.dz", "tests/flame/traces/probes.dz"):
            check_speedscope(build, source, modules, os.path.join(source, name))
        check_large(build, source, modules, "stacks.dz")
        os.chdir("/")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])))
