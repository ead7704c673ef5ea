#!/usr/bin/env python3
"""fleet.py - rows of a fleet in databases: their counts are those of diag-report --by, and each column has one type

  usage: fleet.py BUILD-DIRECTORY SOURCE-DIRECTORY HOSTS [MODULES-DIRECTORY]

Without MODULES-DIRECTORY (the node_modules with DuckDB and ClickHouse), only SQLite is asked."""
import collections
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

failures = 0


def check(what, is_right):
    global failures
    failures += not is_right
    print("ok" if is_right else "not ok", "-", what)


def run(command, limit=1500):
    start, before = time.monotonic(), os.times()
    result = subprocess.run(command, capture_output=True, timeout=limit, check=False)
    if result.returncode not in (0, 3):
        sys.exit(f"not ok - {command[:4]}: status {result.returncode}: {result.stderr.decode()[-2000:]}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return result.stdout.decode(), f"{time.monotonic() - start:.1f} s, {cpu:.1f} s of processors"


def counts(rows, keys, number="n"):
    """The counts by keys; a value that is unknown is absent, empty or null."""
    return {tuple(row.get(key) or "" for key in keys): int(row[number]) for row in rows}


def counts_of_report(report, fleet, question):
    text, taken = run([report, "--utc", "--json", "--failed", "--by", ",".join(question["by"]), fleet])
    return counts(map(json.loads, text.splitlines()), question["by"], "count"), taken


def check_types(path):
    """Of each member over all rows: one type of JSON."""
    types, rows = collections.defaultdict(set), 0
    with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            rows += 1
            for name, value in json.loads(line).items():
                types[name].add(type(value))
    check(f"{len(types)} columns of {rows} rows have one type each", all(len(found) == 1 for found in types.values()) and len(types) > 30)
    return types


def columns_of(sql):
    with open(sql, encoding="ascii") as file:
        return re.findall(r"^  (\w+) (TEXT|INTEGER),?$", file.read(), re.M)


def ask_sqlite(rows, columns, questions):
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE exits ({', '.join(' '.join(column) for column in columns)})")
    insert = f"INSERT INTO exits VALUES ({','.join('?' * len(columns))})"
    text = subprocess.run(["zstd", "-dcq", rows], capture_output=True, check=True).stdout
    database.executemany(insert, ([row.get(name) for name, _ in columns] for row in map(json.loads, text.splitlines())))
    for question in questions:
        sql = question["sql"].replace("GROUP BY ALL", "GROUP BY 1, 2" + (", 3" if len(question["by"]) == 3 else ""))
        sql = re.sub(r"strftime\(make_timestamp_ns\(time_ns\), '([^']*)'\)", r"strftime('\1', time_ns / 1000000000, 'unixepoch')", sql)
        names = [*question["by"], "n"]
        yield [dict(zip(names, row)) for row in database.execute(sql)]


def ask_duckdb(modules, source, rows, folder, columns):
    here = os.path.join(source, "tests", "fleet")
    text, taken = run(["node", os.path.join(here, "duckdb.mjs"), modules, rows, os.path.join(source, "share", "exits.sql"),
                       os.path.join(here, "questions.json")])
    found = json.loads(text)
    print(f"DuckDB: {found['count']} rows loaded in {found['load_ms'] / 1000:.2f} s, asked in {found['ask_ms'] / 1000:.2f} s; "
          f"{found['cpu_ms'] / 1000:.2f} s of processors; with node {taken}")
    wanted = {name: {"TEXT": "VARCHAR", "INTEGER": "BIGINT"}[kind] for name, kind in columns}
    check("DuckDB: each column has the type of exits.sql", found["types"] == wanted)
    return found["answers"]


def ask_clickhouse(modules, source, rows, folder, _):
    here = os.path.join(source, "tests", "fleet")
    text, taken = run(["node", os.path.join(here, "clickhouse.cjs"), modules, rows, os.path.join(here, "clickhouse.sql"),
                       os.path.join(here, "questions.json"), os.path.join(folder, "clickhouse")])
    found = json.loads(text.strip().split("\n")[-1])
    print(f"ClickHouse: {found['count']} rows loaded in {found['load_ms'] / 1000:.2f} s, asked in {found['ask_ms'] / 1000:.2f} s; with node {taken}; "
          f"{found['parts']}")
    return found["answers"]


def compare(name, questions, answers, wanted):
    for question, rows, right in zip(questions, answers, wanted, strict=True):
        found = counts(rows, question["by"])
        check(f"{name}: {question['question']} {len(found)} counts of {sum(found.values())} deaths are those of --by", found == right)


def main(build, source, hosts, modules):
    report = os.path.join(build, "bin", "diag-report")
    with open(os.path.join(source, "tests", "fleet", "questions.json"), encoding="ascii") as file:
        questions = json.load(file)
    folder = tempfile.mkdtemp(prefix="diag-fleet-")
    try:
        fleet, rows = os.path.join(folder, "fleet"), os.path.join(folder, "exits.ndjson.zst")
        text, taken = run([sys.executable, os.path.join(source, "tests", "fleet", "make_fleet.py"), source, fleet, str(hosts)])
        size = sum(entry.stat().st_size for entry in os.scandir(fleet))
        print(f"{text.strip()}: {size / 1e6:.1f} MB made in {taken}")
        _, taken = run([report, "--rows", "exits", "-j", "2", "-o", rows, fleet])
        print(f"rows: {os.path.getsize(rows) / 1e6:.1f} MB written in {taken}")
        columns = columns_of(os.path.join(source, "share", "exits.sql"))
        types = check_types(rows)
        names = {"TEXT": str, "INTEGER": int}
        check("the types are those of exits.sql", all(types[name] <= {names[kind]} for name, kind in columns))
        wanted = []
        for question in questions:
            answer, taken = counts_of_report(report, fleet, question)
            wanted.append(answer)
            print(f"{question['question']} diag-report --by {','.join(question['by'])}: {taken}")
        if modules:
            compare("DuckDB", questions, ask_duckdb(modules, source, rows, folder, columns), wanted)
            compare("ClickHouse", questions, ask_clickhouse(modules, source, rows, folder, columns), wanted)
        else:
            compare("SQLite", questions, ask_sqlite(rows, columns, questions), wanted)
    finally:
        shutil.rmtree(folder)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else None))
