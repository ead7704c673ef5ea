#!/usr/bin/env python3
"""rows.py - rows of every table load into SQLite by the SQL of share/, and their counts are those of --by and --json

  usage: rows.py BUILD-DIRECTORY SOURCE-DIRECTORY"""
import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

TABLES = {"exits": "exit", "signals": "signal", "ooms": "oom", "sections": "section", "probes": "probe", "runq": "runq",
          "runq_holders": "runq_holder", "cpu": "cpu", "offcpu": "offcpu", "lost": "lost"}
# Keys of --by, and the columns that have the same value.
KEYS = {"class": "class", "comm": "comm", "sender": "sender_comm", "cgroup": "cgroup", "host": "host", "file": "file"}


def run(command):
    result = subprocess.run(command, capture_output=True, timeout=120)
    if result.returncode not in (0, 3):
        sys.exit(f"not ok - {command}: status {result.returncode}: {result.stderr.decode()}")
    return result.stdout.decode()


def query(database, sql):
    return json.loads(run(["sqlite3", "-json", database, sql]) or "[]")


def load(report, source, table, traces, database):
    with open(f"{table}.jsonl", "w", encoding="ascii") as file:
        file.write(run([report, "--rows", table, *traces]))
    run(["sqlite3", database, f".read {source}/share/{table}.sql", ".mode tabs", f".import {table}.jsonl {table}_lines"])


def count(report, traces, keys):
    lines = [json.loads(line) for line in run([report, "--json", "--by", ",".join(keys), *traces]).splitlines()]
    return collections.Counter({tuple(line.get(key) for key in keys): line["count"] for line in lines})


def check(what, is_right):
    print("ok" if is_right else "not ok", "-", what)
    return is_right


def check_trace(report, source, traces):
    name = " ".join(os.path.basename(trace) for trace in traces)
    database = "test.db"
    if os.path.exists(database):
        os.remove(database)
    numbers = collections.Counter(json.loads(line)["type"] for line in run([report, "--json", *traces]).splitlines())
    fine = True
    for table, kind in TABLES.items():
        load(report, source, table, traces, database)
        rows = query(database, f"SELECT count(*) AS n, count(time) AS times, count(file) AS files FROM {table}")[0]
        fine &= check(f"{name}: {numbers[kind]} {table}", rows["n"] == rows["times"] == rows["files"] == numbers[kind])
    for key, column in KEYS.items():
        rows = query(database, f"SELECT nullif({column}, '') AS v, count(*) AS n FROM exits WHERE is_thread = 0 GROUP BY 1")
        wanted = {(row["v"],): row["n"] for row in rows}
        fine &= check(f"{name}: the counts by {key} are those of SQL", dict(count(report, traces, [key])) == wanted)
    rows = query(database, "SELECT class, uid, count(*) AS n FROM exits WHERE is_thread = 0 GROUP BY 1, 2")
    wanted = {(row["class"], None if row["uid"] is None else str(row["uid"])): row["n"] for row in rows}
    fine &= check(f"{name}: and by two keys", dict(count(report, traces, ["class", "uid"])) == wanted)
    # The join of the page: the signal that ended a process.
    joined = query(database, "SELECT count(*) AS n FROM signals WHERE killed = 1 AND pending_ns IS NULL")
    return fine & check(f"{name}: a delivery has a time", joined[0]["n"] == 0)


def check_page(source):
    """The columns in ROWS of diag-report(1) are those of the tables."""
    with open(f"{source}/docs/diag-report.1.md", encoding="utf-8") as file:
        page = dict(re.findall(r"^\| (\w+) \| (time, .*) \|$", file.read(), re.MULTILINE))
    fine = check("the page has each table", sorted(page) == sorted(TABLES))
    for table, columns in page.items():
        with open(f"{source}/share/{table}.sql", encoding="ascii") as file:
            lines = re.search(r"CREATE TABLE[^(]*\(\n(.*?)\n\)", file.read(), re.DOTALL).group(1).splitlines()
        fine &= check(f"the page has the columns of {table}", [line.split()[0] for line in lines] == columns.split(", "))
    return fine


def main(build, source):
    report = os.path.join(build, "bin", "diag-report")
    if not shutil.which("sqlite3"):
        print("SKIP: no sqlite3")
        return 77
    fine = check_page(source)
    traces = sorted(glob.glob(os.path.join(source, "tests", "cli", "traces", "*.dz")))
    os.chdir(tempfile.mkdtemp())
    fine &= all([check_trace(report, source, [trace]) for trace in traces])
    fine &= check_trace(report, source, traces)
    shutil.rmtree(os.getcwd())
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
