#!/usr/bin/env python3
"""covered.py - fails when a source has no test: neither tests/FOLDER/test_X.c nor a line in tests/covered.tsv

  usage: covered.py [BUILD-DIRECTORY [SOURCE-TREE]]     the build directory is not used

A line of the table names a source and the tests that cover it. A line is stale if its source or a test is gone, or if the
source has a unit test with its name. A unit test without a source of its name must be in the table, too; such a test may be
named beside a header.
"""
import os
import re
import sys

TABLE = "tests/covered.tsv"
FOLDERS = ("base", "abi", "text", "format", "symbols", "bpf", "record", "analyze", "flame", "ctl")
# Where a test of another kind is, by the first part of its name.
SCRIPTS = {"cli": ("tests/cli/{}.sh", "tests/cli/{}.py"), "fuzz": ("tests/fuzz/fuzz_{}.c",), "flame": ("tests/flame/{}.py",),
           "page": ("tests/page/{}.py",)}


def unit_test(name):
    """The path of the unit test of FOLDER/X."""
    return f"tests/{os.path.dirname(name)}/test_{os.path.basename(name)}.c"


def find(root, folder, pattern):
    for directory, _, names in os.walk(os.path.join(root, folder)):
        for name in sorted(names):
            if re.fullmatch(pattern, name):
                yield os.path.relpath(os.path.join(directory, name), root)


def has_test(root, name, live):
    """Whether there is a test of that name, as ctest shows it."""
    kind, _, rest = name.partition("/")
    if kind in ("live", "vm"):
        return rest in live
    paths = [unit_test(name), *(path.format(rest) for path in SCRIPTS.get(kind, ()))]
    return any(os.path.exists(os.path.join(root, path)) for path in paths)


def read_table(root):
    """Source and tests of each line, and the problems of lines that have another form."""
    rows, problems = {}, []
    with open(os.path.join(root, TABLE), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("#") or not line.strip():
                continue
            source, tab, tests = line.rstrip("\n").partition("\t")
            if not tab or not tests or source in rows:
                problems.append(f"{TABLE}:{number}: not SOURCE, a tab, TEST[ TEST...], once for each source")
            rows[source] = tests.split()
    return rows, problems


def main():
    root = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    rows, problems = read_table(root)
    with open(os.path.join(root, "tests/live/tests.list"), encoding="utf-8") as file:
        live = {line.split()[0] for line in file if line.strip() and not line.startswith("#")}
    sources = [path for folder in FOLDERS for path in find(root, folder, r".*\.c")]
    for source in sources:
        own = os.path.exists(os.path.join(root, unit_test(source[:-2])))
        if own and source in rows:
            problems.append(f"{TABLE}: {source} has a unit test with its name: remove the line")
        if not own and source not in rows:
            problems.append(f"{source}: no {unit_test(source[:-2])}, and no line in {TABLE}")
    problems += [f"{TABLE}: {source}: no such source" for source in rows
                 if source not in sources and not (source.endswith(".h") and os.path.exists(os.path.join(root, source)))]
    problems += [f"{TABLE}: {source}: no test {name}" for source, tests in rows.items() for name in tests
                 if not has_test(root, name, live)]
    named = {name for tests in rows.values() for name in tests}
    for test in (path for folder in FOLDERS for path in find(root, f"tests/{folder}", r"test_.*\.c")):
        name = test[len("tests/"):-2].replace("/test_", "/")
        if not any(os.path.exists(os.path.join(root, name + ending)) for ending in (".c", ".h")) and name not in named:
            problems.append(f"{test}: no source has its name: {TABLE} must name what it covers")
    for problem in problems:
        print(problem)
    own_count = sum(source not in rows for source in sources)
    print(f"covered: {len(sources)} sources, {own_count} with a unit test of the same name, {len(problems)} problems")
    return 1 if problems or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
