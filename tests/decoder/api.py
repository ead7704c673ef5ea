#!/usr/bin/env python3
"""api.py - what the package dz returns is what diag-report prints

  usage: api.py BUILD-DIRECTORY SOURCE-DIRECTORY"""
import collections
import glob
import json
import os
import subprocess
import sys

failures = 0


def check(condition, *what):
    global failures
    if not condition:
        print("not ok -", *what)
        failures += 1


def rows_of(report, table, path):
    result = subprocess.run([report, "--rows", table, path], capture_output=True, timeout=60)
    return [json.loads(line) for line in result.stdout.decode().splitlines()]


def text(value):
    """As JSON has it: bytes that are not UTF-8 are U+FFFD."""
    return (value or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def check_exits(dz, report, path):
    trace = dz.open(path)
    ours = collections.Counter()
    for row in trace.rows("exit"):
        task = row.task or None
        ours[(trace.unix_ns(row.time), task.pid if task else None, row.exit_code, row.signal, text(task.cgroup if task else ""))] += 1
    theirs = collections.Counter((row["time_ns"], row.get("pid"), row["exit_code"], row["signal"], row.get("cgroup", ""))
                                 for row in rows_of(report, "exits", path))
    check(ours == theirs, path, "exits", ours - theirs, theirs - ours)
    columns = trace.columns("exit")
    check({len(column) for column in columns.values()} <= {ours.total()}, path, "columns have different lengths")
    check(not columns or columns["task_pid"] == [row.task.pid if row.task else None for row in trace.rows("exit")], path, "task_pid")
    return ours.total()


def check_all(dz, report, path):
    """All rows in the order of time, and as many of each kind as in JSON."""
    trace = dz.open(path)
    times = [row.time for row in trace.rows()]
    check(times == sorted(times), path, "order of time")
    # Members of sections are inside of them in JSON.
    for name, table in (("exit", "exits"), ("signal", "signals"), ("oom", "ooms"), ("probe", "probes"), ("lost", "lost")):
        check(sum(1 for _ in trace.rows(name)) == len(rows_of(report, table, path)), path, name)
    for row in trace.rows("signal"):
        for stack in (row.kernel_stack, row.user_stack):
            check(not stack or all(frame is dz.DAMAGED or frame.type < 4 for frame in stack.frames()), path, "frames")
        check(not row.task or row.task.parent is None or row.task.parent is dz.DAMAGED or row.task.parent.pid >= 0, path, "parent")
    return len(times)


def check_refusals(dz):
    for data in (b"", b"no trace at all" * 20):
        try:
            dz.Trace(data)
            check(False, "not refused")
        except dz.Refused:
            pass


def main(build, source):
    sys.path.insert(0, os.path.join(source, "python"))
    import dz  # pylint: disable=import-outside-toplevel
    report = os.path.join(build, "bin", "diag-report")
    patterns = ("samples/traces/good-all-kinds.dz", "samples/demo/*.dz", "tests/cli/traces/*.dz", "tests/cli/recordings/*.dz")
    paths = sorted(path for pattern in patterns for path in glob.glob(os.path.join(source, pattern)))
    exits = rows = 0
    for path in paths:
        exits += check_exits(dz, report, path)
        rows += check_all(dz, report, path)
    check_refusals(dz)
    print("not ok" if failures else "ok", "-", len(paths), "traces,", exits, "exits,", rows, "rows")
    return 1 if failures or exits < 100 else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
