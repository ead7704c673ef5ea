#!/usr/bin/env python3
"""english.py - fails on words that the project avoids, in comments, messages and documentation

  usage: english.py [--count] [PATH...]     --count: print the hits of each folder only; PATH: a folder or file, all without

tests/lint/english.tsv has a line for each word: a regular expression, where it is looked for (all, or a folder), and what to
write instead. tests/lint/english-exceptions.tsv has the places where a word is right: path, words, reason. Besides, the first
line of a source names the file and what it provides, on that line alone, and does not begin with "what" or "who".
"""
import collections
import os
import re
import sys

sys.dont_write_bytecode = True
import prose  # noqa: E402

WORDS = "tests/lint/english.tsv"
EXCEPTIONS = "tests/lint/english-exceptions.tsv"
OPENING = re.compile(r"(what|who|whoever|whose)\b", re.I)


def read_table(path, columns):
    rows = []
    for number, line in enumerate(prose.read(path).split("\n"), 1):
        if line and not line.startswith("#"):
            row = line.split("\t")
            if len(row) != columns:
                sys.exit(f"{path}:{number}: not {columns} columns")
            rows.append(row)
    return rows


def is_prose(path, kind, words):
    """Strings of one word are names, not text for people; those of tests and samples are data."""
    if kind != "string":
        return True
    return not path.startswith(("tests/", "samples/")) and " " in words.strip() and re.search(r"[a-z]{2}", words)


def search(path, text, patterns):
    """Line, word and advice for each avoided word of a file."""
    for line, kind, words in prose.pieces(path, text):
        if not is_prose(path, kind, words):
            continue
        flat = re.sub(r"[ \t\n]", " ", words)
        # Words may be on two lines; the number of blanks between them does not matter.
        for pattern, where, advice in patterns:
            if where != "all" and not path.startswith(where):
                continue
            for match in pattern.finditer(flat):
                yield line + words.count("\n", 0, match.start()), squeezed(match[0]), advice, squeezed(flat)


def squeezed(text):
    return " ".join(text.split())


def first_line_problems(path, text):
    """Problems of the line that names a source."""
    lines = text.split("\n")
    if not path.endswith((".c", ".h")) or path.endswith("vmlinux.h"):
        return
    match = re.match(r"/\* (\S+) - (.*)$", lines[0])
    # Installed headers name themselves as programs include them.
    if not match or not ("/" + path).endswith("/" + match[1]) or "/" not in match[1]:
        yield f"the first line is not: /* {path} - what it provides"
        return
    if not match[2].endswith("*/") and (len(lines) < 2 or lines[1].strip() not in ("*", "*/")):
        yield "what the file provides does not fit on the first line"
    if OPENING.match(match[2]):
        yield f"{match[2].split()[0]}: begin with a noun or a verb"


def check(path, patterns, exceptions, used):
    text = prose.read(path)
    if text is None:
        return
    for line, word, advice, context in search(path, text, patterns):
        excused = [index for index, row in enumerate(exceptions) if row[0] == path and word in row[1] and row[1] in context]
        used.update(excused)
        if not excused:
            yield f"{path}:{line}: {word}: {advice}"
    for problem in first_line_problems(path, text):
        yield f"{path}:1: {problem}"


def main():
    arguments = [word for word in sys.argv[1:] if word != "--count"]
    patterns = [(re.compile(pattern.replace(" ", " +")), where, advice) for pattern, where, advice in read_table(WORDS, 3)]
    exceptions = read_table(EXCEPTIONS, 3)
    used = set()
    problems = []
    for path in prose.files():
        if not arguments or any(path == word or path.startswith(word.rstrip("/") + "/") for word in arguments):
            problems += check(path, patterns, exceptions, used)
    if not arguments:
        problems += [f"{EXCEPTIONS}: {row[0]}: {row[1]}: not there any more" for index, row in enumerate(exceptions)
                     if index not in used]
    if "--count" in sys.argv:
        folders = collections.Counter(os.path.dirname(problem.split(":")[0]) or "." for problem in problems)
        for folder, count in sorted(folders.items()):
            print(f"{count:6} {folder}/")
    else:
        for problem in problems:
            print(problem)
    print(f"english: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
