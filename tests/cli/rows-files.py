#!/usr/bin/env python3
"""rows-files.py - rows that diag-report writes to files, by several children and compressed, are those of its standard output

  usage: rows-files.py BUILD-DIRECTORY SOURCE-DIRECTORY"""
import glob
import json
import os
import stat
import subprocess
import sys
import tempfile

failures = 0


def check(what, is_right):
    global failures
    if not is_right:
        failures += 1
    print("ok" if is_right else "not ok", "-", what)


def run(report, *arguments):
    result = subprocess.run([report, *arguments], capture_output=True, timeout=100, stdin=subprocess.DEVNULL)
    return result.returncode, result.stdout, result.stderr.decode()


def written(report, *arguments):
    """What a run with --output writes, and its status; None: no file."""
    out = "out.ndjson"
    if os.path.exists(out):
        os.remove(out)
    status, text, messages = run(report, *arguments, "-o", out)
    if not os.path.exists(out):
        return status, None, messages
    with open(out, "rb") as file:
        return status, file.read(), messages


def lines(text):
    return sorted(text.splitlines())


def check_table(report, table, paths, traces):
    status, wanted, _ = run(report, "--rows", table, *paths)
    check(f"{table}: -o has the same bytes as standard output", written(report, "--rows", table, *paths)[:2] == (status, wanted))
    one = written(report, "--rows", table, "-j", "1", *paths)
    check(f"{table}: -j 1 has the same rows", one[0] == status and lines(one[1]) == lines(wanted))
    for jobs in ("2", "7", "64"):
        check(f"{table}: -j {jobs} has the same bytes as -j 1", written(report, "--rows", table, "-j", jobs, *paths)[:2] == one[:2])
    status, _, _ = run(report, "--rows", table, "-j", "3", "--force", "-o", "out.zst", *paths)
    plain = subprocess.run(["zstd", "-dcq", "out.zst"], capture_output=True, check=True, timeout=60).stdout
    check(f"{table}: a name ending in .zst is compressed", (status, plain) == one[:2])
    if table == "exits":
        check("-o has mode 0600", stat.S_IMODE(os.stat("out.ndjson").st_mode) == 0o600)
        check(f"{traces} traces have rows", len({(row.get("host"), row.get("boot")) for row in map(json.loads, plain.splitlines())}) >= 2)


def check_refusals(report, path):
    for arguments, reason in [(["--rows", "exits", "-j", "2", path], "--jobs has no effect without --rows and --output"),
                              (["--rows", "exits", "-j", "0", "-o", "x", path], "--jobs 0: not a number from 1 to 64"),
                              (["--by", "comm", "-j", "2", "-o", "x", path], "no effect"),
                              (["-o", "x", path], "no effect here")]:
        status, _, messages = run(report, *arguments)
        check(f"{arguments[:4]} is refused", status == 2 and reason in messages and not os.path.exists("x"))
    status, text, messages = written(report, "--rows", "exits", "/does/not/exist.dz")
    check("a missing input leaves no file", status == 1 and text is None and "/does/not/exist.dz" in messages)


def main(build, source):
    report = os.path.join(build, "bin", "diag-report")
    traces = sorted(glob.glob(os.path.join(source, "tests", "cli", "traces", "*.dz")) +
                    glob.glob(os.path.join(source, "tests", "cli", "recordings", "*.dz")) + glob.glob(os.path.join(source, "samples", "demo", "*.dz")))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for table in ("exits", "signals", "sections", "lost"):
            check_table(report, table, traces, len(traces))
        # More than can be open at once; the names are read again for each child.
        for number in range(90):
            os.symlink(traces[number % len(traces)], f"{number:02}.dz")
        check_table(report, "exits", ["."], 90)
        check_refusals(report, traces[0])
        os.chdir("/")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
