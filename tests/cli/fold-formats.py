#!/usr/bin/env python3
"""fold-formats.py - every format of diag-fold has the stacks and the sums of its folded lines

  usage: fold-formats.py BUILD-DIRECTORY SOURCE-DIRECTORY"""
import collections
import glob
import json
import os
import subprocess
import sys

OPTIONS = [[], ["--weight", "time"], ["--roots", "none"], ["-e", "signal"], ["--roots", "cgroup,cause", "--no-kernel"]]
failures = 0


def check(condition, *what):
    global failures
    if not condition:
        print("not ok -", *what)
        failures += 1


def run(fold, *arguments):
    result = subprocess.run([fold, *arguments], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    return result.returncode, result.stdout, result.stderr.decode()


def sums_of_folded(text):
    sums = collections.Counter()
    for line in text.decode().split("\n")[:-1]:
        stack, weight = line.rsplit(" ", 1)
        sums[stack] += int(weight)
    return +sums


def check_speedscope(fold, options, path, folded):
    _, text, _ = run(fold, "--format", "speedscope", *options, path)
    document = json.loads(text)
    frames = document["shared"]["frames"]
    profiles = {profile["name"]: profile for profile in document["profiles"]}
    check(list(profiles) == (["count", "time"] if "time" in options else ["count"]), path, options, "profiles")
    for name, profile in profiles.items():
        sums = collections.Counter()
        for sample, weight in zip(profile["samples"], profile["weights"], strict=True):
            sums[";".join(frames[number]["name"] for number in sample)] += weight
        check(profile["type"] == "sampled" and profile["endValue"] == sum(profile["weights"]), path, options, name, "total")
        if name == ("time" if "time" in options else "count"):
            check(+sums == folded, path, options, "speedscope differs from folded", +sums, folded)


FORMATS = [check_speedscope]


def check_refusals(fold, path):
    for options, reason in [(["--format", "speedscope", "--annotate"], "--annotate has no effect with --format speedscope"),
                            (["--annotate", "--format", "speedscope"], "--annotate has no effect with --format speedscope"),
                            (["--format", "svg"], "--format svg: not one of folded, ")]:
        status, text, messages = run(fold, *options, path)
        check(status == 2 and text == b"" and reason in messages, options, status, messages)
    check(run(fold, "--format", "folded", "--annotate", path) == run(fold, "--annotate", path), "folded is not the default")


def main(build, source):
    fold = os.path.join(build, "bin", "diag-fold")
    paths = sorted(glob.glob(os.path.join(source, "tests", "cli", "traces", "*.dz")) +
                   glob.glob(os.path.join(source, "samples", "*", "*.dz")))
    compared = 0
    for path in paths:
        for options in OPTIONS:
            status, text, _ = run(fold, *options, path)
            if status in (0, 3):
                compared += len(FORMATS)
                for checker in FORMATS:
                    checker(fold, options, path, sums_of_folded(text))
    check_refusals(fold, paths[0])
    print("not ok" if failures else "ok", "-", compared, "outputs of", len(paths), "traces")
    return 1 if failures or compared < 20 else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
