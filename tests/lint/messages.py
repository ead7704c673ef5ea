#!/usr/bin/env python3
"""messages.py - fails on a message or a help text with another form than CONTRIBUTING.md asks for

  usage: messages.py [BUILD-DIRECTORY]     not used

A message has no full stop and no exclamation mark at its end, does not begin with a capital and is one line. A help text has no full
stop. Strings are those of calls that print or keep a message, and of tables of options.
"""
import re
import sys

sys.dont_write_bytecode = True
import prose  # noqa: E402

FOLDERS = ("analyze/", "base/", "ctl/", "flame/", "record/", "symbols/", "text/")
STRINGS = r'"(?:\\.|[^"\\\n])*"(?:\s*(?:PRI\w+\s*)?"(?:\\.|[^"\\\n])*")*'
CALL = re.compile(r"\b(message|problem_set|argp_error|argp_failure|fprintf)\(([^;\"]*?)(" + STRINGS + ")", re.S)
TABLE = re.compile(r"struct argp_option \w+\[\] = \{(.*?)\n\};", re.S)


def joined(strings):
    """The text of adjacent string literals."""
    return "".join(re.findall(r'"((?:\\.|[^"\\\n])*)"', strings))


def messages(text):
    """Place and text of each message of a source."""
    for match in CALL.finditer(text):
        if match[1] != "fprintf" or match[2].strip().startswith("stderr"):
            yield match.start(3), joined(match[3])


def helps(text):
    """Place and text of each help text: what has a space."""
    for table in TABLE.finditer(text):
        for match in re.finditer(STRINGS, table[1]):
            if " " in match[0]:
                yield table.start(1) + match.start(), joined(match[0])


def problems_of(path):
    text = re.sub(r"/\*.*?\*/", lambda match: re.sub(r"[^\n]", " ", match[0]), prose.read(path), flags=re.S)
    found = []
    for place, message in messages(text):
        line = re.sub(r"\\n$", "", message)
        if re.search(r"[^.][.!]$", line):
            found.append((place, f"a message ends without a full stop: {line}"))
        if re.match(r"[A-Z][a-z]+ ", line):
            found.append((place, f"a message begins in lower case: {line}"))
        if "\\n" in line.strip("\\n"):
            found.append((place, f"a message is one line: {line}"))
    for place, line in helps(text):
        if re.search(r"[^.]\.$", line):
            found.append((place, f"a help text ends without a full stop: {line}"))
    for place, problem in sorted(found):
        line_number = text.count("\n", 0, place) + 1
        yield f"{path}:{line_number}: {problem}"


def main():
    sources = [path for path in prose.files() if path.endswith(".c") and path.startswith(FOLDERS)]
    problems = [problem for path in sources for problem in problems_of(path)]
    count = sum(len(list(messages(prose.read(path)))) for path in sources)
    for problem in problems:
        print(problem)
    print(f"messages: {count} messages, {len(problems)} problems")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
