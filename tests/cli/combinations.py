#!/usr/bin/env python3
"""combinations.py - every two options of diag-report together work, or are refused with status 2 and a reason

  usage: combinations.py BUILD-DIRECTORY SOURCE-DIRECTORY

The options are those of --help, so that a new one is tested at once. An option that works must also change something: alone, or
with one of the others, it makes another output than the command without it. Switches for what is so anyway change nothing."""
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

# What an option is tried with. Options without a line here take no argument.
ARGUMENTS = {"--top": ["2"], "--event": ["exit"], "--since": ["+1m"], "--until": ["+5ms"], "--tgid": ["30000-34999"],
             "--tid": ["30000-34999"], "--uid": ["0"], "--cpu": ["0"], "--comm": ["b*"], "--cgroup": ["/system.slice"],
             "--signals": ["KILL"], "--debug-dir": ["."], "--output": ["out.dz"], "--by": ["comm"], "--diff": ["probes.dz"],
             "--rows": ["exits"], "--files-from": ["list"], "--html": ["out.html"], "--scrub": []}
# They end before anything else is looked at.
FIRST = {"--help", "--usage"}
# What they change cannot be seen here: there is no terminal, no file to overwrite, no debug file; --add-lines needs two more.
UNSEEN = {"--add-lines", "--no-pager", "--utc", "--verbose", "--force", "--debug-dir", "--debuginfod", "--version", "--cpu"}
REASON = re.compile(r"^diag-report: .*(has no effect|no effect here|mutually exclusive|a whole file is copied|no output file|"
                    r"no debug files|cannot|not |add )")


def names_of(report):
    text = subprocess.run([report, "--help"], stdout=subprocess.PIPE, check=True, env={**os.environ, "ARGP_HELP_FMT": "rmargin=79"},
                          timeout=60).stdout.decode()
    return [name for name in re.findall(r"^ {2,6}(?:-., )?(--[a-z-]+)", text, re.M) if name not in FIRST]


def words_of(name):
    return [name, *ARGUMENTS.get(name, [])]


def run(report, options):
    """Status, output and messages; the name of the new file is free each time."""
    for name in ("out.dz", "out.html"):
        if os.path.exists(name):
            os.remove(name)
    command = [report, *itertools.chain.from_iterable(words_of(name) for name in options), "deaths.dz"]
    result = subprocess.run(command, capture_output=True, timeout=60, env={**os.environ, "TZ": "UTC"})
    made = b"copy" if os.path.exists("out.dz") else b""
    if os.path.exists("out.html"):
        with open("out.html", "rb") as file:
            made = file.read()
    return result.returncode, result.stdout + made, result.stderr.decode()


def problem_of(status, output, messages):
    """What is wrong with a result; None: nothing."""
    if status in (0, 3, 4):
        return None if output or messages or status == 0 else "no output"
    if status == 2:
        return None if REASON.match(messages) else "refused without a reason"
    # A file that is not there is a failure, not a wrong combination.
    return None if status == 1 and messages.startswith("diag-report: ") else f"status {status}"


def main(build, source):
    report = os.path.join(build, "bin", "diag-report")
    traces = os.path.join(source, "tests", "cli", "traces")
    os.chdir(tempfile.mkdtemp())
    for name in ("deaths.dz", "probes.dz"):
        shutil.copy(os.path.join(traces, name), name)
    with open("list", "w", encoding="ascii") as file:
        file.write("probes.dz\n")
    names = names_of(report)
    results = {(): run(report, ())}
    for name in names:
        results[(name,)] = run(report, (name,))
    for pair in itertools.permutations(names, 2):
        results[pair] = run(report, pair)
    wrong = 0
    for options, result in results.items():
        problem = problem_of(*result)
        if problem:
            print("not ok -", *options, "-", problem, "-", result[2].strip()[:200])
            wrong += 1
    for name in set(names) - UNSEEN:
        others = [(), *((other,) for other in names if other != name)]
        if not any(results[(*other, name)][0] in (0, 3, 4) and results[(*other, name)][1] != results[other][1] for other in others):
            print("not ok -", name, "- changes nothing")
            wrong += 1
    with open(os.path.join(source, "analyze", "command", "option_rules.c"), encoding="utf-8") as file:
        ruled = re.findall(r'^\t\{"([a-z-]+)"', file.read(), re.M)
    for name in names:
        if name[2:] not in ruled:
            print("not ok -", name, "- not in option_rules.c")
            wrong += 1
    refused = sum(status == 2 for status, _, _ in results.values())
    print("not ok" if wrong else "ok", "-", len(results), "combinations of", len(names), "options,", refused, "refused")
    shutil.rmtree(os.getcwd())
    return 1 if wrong or len(names) < 20 else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
