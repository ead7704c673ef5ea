#!/usr/bin/env python3
"""fold.py - time and memory of each format of diag-fold for 100,000 different stacks, and what its readers make of it

  usage: fold.py BUILD-DIRECTORY

Each round writes every format once, in turn; the best round counts, since other processes disturb a round. Fails if a format
takes more than 2 s, or if a reader finds another total: go tool pprof, diag-flame, and the sum of the weights of speedscope."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
BUDGET_SECONDS = 2.0
FORMATS = ("folded", "pprof", "speedscope", "perf-script")


def write(build, options, form, output):
    """Seconds of wall clock and of the processor, and the largest memory in MiB."""
    program = os.path.join(build, "bin", "diag-fold")
    start = time.monotonic()
    pid = os.posix_spawn(program, [program, *options, "--format", form, "stacks.dz"], os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, (form, status)
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def total_of_folded(path):
    with open(path, encoding="utf-8") as file:
        return sum(int(line.rsplit(" ", 1)[1]) for line in file)


def total_of_pprof(path):
    text = subprocess.run(["go", "tool", "pprof", "-symbolize=none", "-unit=ns", "-top", path], capture_output=True, check=True).stdout
    return int(re.search(rb"of (\d+)(?:ns)? total", text).group(1))


def total_of_speedscope(path):
    with open(path, encoding="utf-8") as file:
        return sum(json.load(file)["profiles"][-1]["weights"])


def total_of_perf_script(build, path):
    subprocess.run([os.path.join(build, "bin", "diag-flame"), "--minwidth", "0", "--force", "-o", "out.svg", path], check=True)
    subprocess.run([os.path.join(build, "bin", "diag-fold"), "out.svg"], check=True, stdout=open("again", "wb"))
    return total_of_folded("again")


def main(build):
    os.chdir(tempfile.mkdtemp())
    subprocess.run([os.path.join(build, "tests", "make_scenario"), "stacks", "stacks.dz"], check=True)
    failed = False
    for options in ([], ["--weight", "time"]):
        rounds = [[write(build, options, form, form) for form in FORMATS] for _ in range(ROUNDS)]
        totals = [total_of_folded("folded"), total_of_pprof("pprof"), total_of_speedscope("speedscope"),
                  total_of_perf_script(build, "perf-script")]
        for form, total, results in zip(FORMATS, totals, zip(*rounds)):
            seconds, processor, memory = min(results)
            print(f"{' '.join(options) or '--weight count':15} {form:12} {seconds:5.2f} s, {processor:5.2f} s of a CPU, {memory:4.0f} MiB, "
                  f"{os.path.getsize(form) / 1e6:5.1f} MB, total {total}")
            failed |= seconds > BUDGET_SECONDS or total != totals[0]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
