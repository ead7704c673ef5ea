#!/usr/bin/env python3
"""seeds.py - fails when a row of tests/seeds.md has no test, or names a test or a word of its source that does not exist

  usage: seeds.py [BUILD-DIRECTORY]     the build directory is not used

The last cell of a row holds tests, each in backquotes: NAME, or NAME: WORD with a word of the test's source. Or it begins with
"not applicable: " and has a reason, which only a kernel module can be.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
import covered  # noqa: E402

TABLE = "tests/seeds.md"
ROWS_MIN = 70
NOT_APPLICABLE = "not applicable: "


def sources_of(root, name, live):
    """The files of a test, as ctest shows its name; none if there is no such test."""
    kind, _, rest = name.partition("/")
    if kind == "live":
        paths = [f"tests/live/{live[rest]}", f"tests/live/{live[rest]}.c"] if rest in live else []
    else:
        paths = [covered.unit_test(name), *(path.format(rest) for path in covered.SCRIPTS.get(kind, ()))]
    return [path for path in paths if os.path.isfile(os.path.join(root, path))]


def problem_of_test(root, text, live):
    """What is wrong with one test of a row, or None."""
    name, _, word = text.partition(": ")
    paths = sources_of(root, name, live)
    if not paths:
        return f"no test {name}"
    for path in paths if word else ():
        with open(os.path.join(root, path), encoding="utf-8") as file:
            if word in file.read():
                return None
    return f"{name} has no word {word}" if word else None


def problems_of_row(root, line, live):
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) != 3 or not all(cells):
        return ["not three cells with text"]
    if cells[2].startswith(NOT_APPLICABLE):
        return [] if "kernel module" in cells[2] else ["not applicable for another reason than a kernel module"]
    tests = re.findall(r"`([^`]+)`", cells[2])
    if not tests:
        return ["no test"]
    return [problem for problem in (problem_of_test(root, test, live) for test in tests) if problem]


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(root, "tests/live/tests.list"), encoding="utf-8") as file:
        live = {words[0]: words[-1] for words in map(str.split, file) if words and words[0] != "#" and len(words) == 4}
    count, problems = 0, []
    with open(os.path.join(root, TABLE), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("|") and not line.startswith(("|---", "| earlier |")):
                count += 1
                problems += [f"{TABLE}:{number}: {problem}" for problem in problems_of_row(root, line, live)]
    if count < ROWS_MIN:
        problems.append(f"{TABLE}: {count} rows, fewer than {ROWS_MIN}")
    for problem in problems:
        print(problem)
    print(f"seeds: {count} rows, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
