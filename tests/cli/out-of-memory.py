#!/usr/bin/env python3
"""out-of-memory - if any allocation of a reader fails, it reports that with status 1, or its result is right

usage: out-of-memory.py BUILD-DIRECTORY SOURCE-DIRECTORY [RUNS]

RUNS allocations of each command fail, one a run, evenly spread over all of them (60); 0: every one.
"""
import os
import re
import subprocess
import sys
import tempfile

FAILURE = re.compile(rb"^diag-[a-z]+: (.*: )?(out of memory|not enough memory|.*[Cc]annot allocate memory)", re.M)
SECONDS = 60
PAGE = "page.html"
PAGE_ALLOCATIONS = 2000


def run(command, build, failing):
    # Not for sanitizers, which have their own allocator. With TZ=UTC no time zone file is read.
    environment = dict(os.environ, LD_PRELOAD=f"{build}/tests/failing_malloc.so", FAILING_MALLOC=str(failing), TZ="UTC")
    try:
        result = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=environment, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, "timeout", b"", b"")
    if os.path.exists(PAGE):
        with open(PAGE, "rb") as file:
            result.stdout += file.read()
        os.remove(PAGE)
    return result


def commands(build, source):
    trace = f"{source}/tests/cli/traces/deaths.dz"
    probes = f"{source}/tests/cli/traces/probes.dz"
    programs = {name: f"{build}/bin/{name}" for name in ("diag-report", "diag-fold", "diag-flame")}
    return [
        ("answers", [programs["diag-report"], trace, probes]),
        ("events", [programs["diag-report"], "--events", "--stacks", probes]),
        ("JSON", [programs["diag-report"], "--json", "--comm", "*", "--since", "+1s", trace]),
        ("information", [programs["diag-report"], "--info", trace]),
        ("all information", [programs["diag-report"], "--info", "--verbose", trace]),
        ("verification", [programs["diag-report"], "--verify", trace]),
        ("stacks", [programs["diag-fold"], "--roots", "cgroup,ancestors,process", trace]),
        *((f"stacks for {form}", [programs["diag-fold"], "--format", form, trace]) for form in ("pprof", "speedscope", "perf-script")),
        ("page", [programs["diag-report"], "--html", PAGE, trace, probes]),
        ("flame graph", [programs["diag-flame"], trace]),
    ]


def problem(result, reference):
    """What is wrong with a run; None if nothing is."""
    if result.returncode == reference.returncode and result.stdout == reference.stdout:
        return None
    if result.returncode == 1 and FAILURE.search(result.stderr):
        return None
    return f"status {result.returncode}, {len(result.stdout)} bytes instead of {len(reference.stdout)}: {result.stderr[-300:]!r}"


def chosen(total, runs):
    if runs == 0 or runs >= total:
        return range(1, total + 1)
    return sorted({1 + i * (total - 1) // (runs - 1) for i in range(runs)})


def main():
    build, source = (os.path.abspath(path) for path in sys.argv[1:3])
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    failures = 0
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for name, command in commands(build, source):
            reference = run(command, build, 0)
            total = int(re.search(rb"^allocations: (\d+)$", reference.stderr, re.M).group(1))
            # Those of the child that writes it are not printed. Beyond the last one, no allocation fails.
            total = PAGE_ALLOCATIONS if PAGE in command else total
            wrong = [(n, text) for n in chosen(total, runs) if (text := problem(run(command, build, n), reference))]
            for number, text in wrong[:20]:
                print(f"  allocation {number}: {text}")
            print(f"{'not ok' if wrong else 'ok'} - {name}: {len(chosen(total, runs))} of {total} allocations failed, "
                  f"{len(wrong)} were not handled")
            failures += bool(wrong)
    return failures != 0


sys.exit(main())
