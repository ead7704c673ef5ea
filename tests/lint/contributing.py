#!/usr/bin/env python3
"""contributing.py - fails when CONTRIBUTING.md or docs/architecture.md names something that the tree does not have

  usage: contributing.py BUILD-DIRECTORY [SOURCE-TREE]

Checked are all words in backticks, links, code blocks with a path beside their language (line by line, with ... for anything),
and commands in sh blocks. The folder tables of docs/architecture.md must equal the table of tests/layering.py.
"""
import fnmatch
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
import layering  # noqa: E402

PAGES = ("CONTRIBUTING.md", "docs/architecture.md")
ARCHITECTURE = PAGES[1]
# Where names are looked for. Recorded files and expected output are no sources.
SEARCHED = ("base", "abi", "text", "format", "symbols", "bpf", "record", "analyze", "flame", "ctl", "samples", "tests", "scripts", "cmake",
            "CMakeLists.txt", "CMakePresets.json", ".clang-format", ".clang-tidy")
NOT_SEARCHED = re.compile(r"(^|/)(corpus|golden|traces|__pycache__|lint)(/|$)|vmlinux\.h$|\.md$")
COMMANDS = ("cmake", "ctest", "git", "diag-record", "diag-ctl", "diag-report", "diag-fold", "diag-flame")
SOURCE_FOLDERS = ("base", "abi", "text", "format", "symbols", "bpf", "record", "analyze", "flame", "ctl")
PLACEHOLDER = re.compile(r"(?<![A-Za-z])(FOLDER|PRESET|SUBJECT|X)(?![A-Za-z])")
GROUNDS = {"record": layering.RECORD_GROUND, "analyze": layering.ANALYZE_GROUND, "flame": "base text"}


def squeezed(text):
    """The text with one space for each run of white space."""
    return " ".join(text.split())


class Tree:
    """What the source tree and its tests have."""

    def __init__(self, root, build):
        self.root = root
        shown = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True, stdout=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, timeout=60).stdout
        tests = json.loads(shown)["tests"]
        self.tests = [test["name"] for test in tests]
        self.labels = {label for test in tests for entry in test.get("properties", []) if entry["name"] == "LABELS"
                       for label in entry["value"]}
        with open(os.path.join(root, "CMakePresets.json"), encoding="utf-8") as file:
            presets = json.load(file)
        self.presets = {"cmake": {preset["name"] for preset in presets["configurePresets"]},
                        "ctest": {preset["name"] for preset in presets["testPresets"]}}
        text = "\n".join(self.read(path) for path in self.files())
        self.identifiers = set(re.findall(r"\w+", text))
        self.text = squeezed(text)

    def files(self):
        for top in SEARCHED:
            if os.path.isfile(os.path.join(self.root, top)):
                yield top
            for directory, _, names in os.walk(os.path.join(self.root, top)):
                for name in sorted(names):
                    path = os.path.relpath(os.path.join(directory, name), self.root)
                    if not NOT_SEARCHED.search(path):
                        yield path

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def has_path(self, path):
        """Whether there is that file or folder; words in capitals stand for any name."""
        if not PLACEHOLDER.search(path):
            return os.path.exists(os.path.join(self.root, path))
        parts = PLACEHOLDER.sub("*", path).rstrip("/").split("/")
        found = [""]
        for part in parts:
            found = [os.path.join(base, name) for base in found if os.path.isdir(os.path.join(self.root, base))
                     for name in fnmatch.filter(os.listdir(os.path.join(self.root, base)), part)]
        return bool(found)

    def has_code(self, code, text=None):
        """Whether the tree, or a text of it, has all parts of a line of code; ... stands for anything."""
        text = self.text if text is None else text
        parts = [squeezed(part) for part in code.split("...")]
        return all(part in text for part in parts if part)

    def has_built(self, path):
        """Whether build/PRESET/... is something that a build makes."""
        preset, _, rest = path[len("build/"):].partition("/")
        name = os.path.basename(rest.rstrip("/"))
        if preset not in self.presets["cmake"] | {"PRESET"}:
            return False
        if rest.startswith("tests/test_"):
            return name in {"test_" + test.replace("/", "_") for test in self.tests}
        return rest in ("", "bin/") or name in COMMANDS


def check_ctest(tree, words):
    for option, value in zip(words, words[1:]):
        if option == "-R" and not any(re.search(value, test) for test in tree.tests):
            yield f"no test is named like {value}"
        if option in ("-L", "-LE") and not any(re.search(value, label) for label in tree.labels):
            yield f"no test has the label {value}"


def check_arguments(tree, words):
    """Problems of the arguments of commands that take a name of a test or target."""
    program, values = words[0], words[1:]
    if program in ("tests/live/run-test", "scripts/vm-test"):
        known = re.findall(r"^([a-z0-9-]+) ", tree.read("tests/live/tests.list"), re.M)
        values = values[2:] if values[:1] == ["--arch"] else values
        name = values[1] if program.endswith("run-test") else values[0] if values else known[0]
        if name not in known:
            yield f"{name}: no such test in tests/live/tests.list"
    if program == "scripts/fuzz":
        for name in values[1:]:
            if not tree.has_path(f"tests/fuzz/fuzz_{name}.c"):
                yield f"{name}: no such fuzz target"


def check_command(tree, command):
    """Problems of one command line."""
    words = [word for word in command.split() if not re.match(r"[A-Z]+=", word)]
    program = words[0]
    if "/" in program and not (tree.has_built(program) if program.startswith("build/") else
                               os.access(os.path.join(tree.root, program), os.X_OK)):
        yield f"{program}: no such program"
    for word in words[1:]:
        if word.startswith("build/") and not tree.has_built(word):
            yield f"{word}: no such build"
        if word.startswith("--") and program not in ("cmake", "ctest", "git") and not tree.has_code(word):
            yield f"{word}: no such option"
    if "--preset" in words and program in tree.presets and words[words.index("--preset") + 1] not in tree.presets[program]:
        yield f"{command}: no such preset"
    if program == "ctest":
        yield from check_ctest(tree, words)
    yield from check_arguments(tree, words)


def check_option(tree, text):
    for option in re.findall(r"--[a-z][a-z-]*", text):
        if not tree.has_code(f'"{option[2:]}"') and not tree.has_code(option):
            yield f"{option}: no such option"


def check_word(tree, word):
    """Problems of the text of one pair of backticks."""
    first = word.split()[0]
    if word.startswith("-"):
        yield from check_option(tree, word)
    elif first in COMMANDS or " " in word and re.match(r"(scripts|tests|build)/", first):
        yield from check_command(tree, word)
    elif word.startswith("build/"):
        if not tree.has_built(word):
            yield f"{word}: not made by a build"
    elif "/" in word and "(" not in word:
        if word not in tree.tests and not tree.has_path(word):
            yield f"{word}: no such file, folder or test"
    elif re.fullmatch(r"\w+", word) or word.endswith("()"):
        if word.rstrip("()") not in tree.identifiers:
            yield f"{word}: no such name"
    elif word not in tree.tests and not tree.has_path(word) and not tree.has_code(word):
        yield f"{word}: not in the tree"


def check_link(tree, page, target):
    if "://" not in target and not tree.has_path(os.path.normpath(os.path.join(os.path.dirname(page), target.split("#")[0]))):
        yield f"{target}: no such file"


def check_block_line(tree, kind, line):
    """Problems of a line in a code block: of a command, or of code that a file must have."""
    language, _, path = kind.partition(" ")
    if language == "sh":
        yield from check_command(tree, line)
    elif path and not tree.has_path(path):
        yield f"{path}: no such file"
    elif path and not tree.has_code(line, squeezed(tree.read(path))):
        yield f"{path} does not have: {line.strip()}"
    elif not path and language != "text":
        yield "a code block needs the path of its source"


def check_page(tree, page):
    block = None
    for number, line in enumerate(tree.read(page).splitlines(), 1):
        fence = re.match(r"\s*```(.*)$", line)
        found = []
        if fence:
            block = fence[1].strip() if block is None else None
        elif block is not None:
            found = check_block_line(tree, block, line) if line.strip() else []
        else:
            found = [problem for word in re.findall(r"`([^`]+)`", line) for problem in check_word(tree, word)]
            found += [problem for target in re.findall(r"\]\(([^)]+)\)", line) for problem in check_link(tree, page, target)]
        for problem in found:
            yield f"{page}:{number}: {problem}"


def rows_of(page):
    """The folder of each table row that begins with one, and the folders in its last cell (None: no list)."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        folder = re.fullmatch(r"`([a-z/]+)/`", cells[0])
        if folder and line.startswith("|"):
            yield folder[1], cells[-1] if len(cells) > 2 else None


def check_folders(tree):
    """Problems of the tables: folders that are missing, and includes that tests/layering.py does not have."""
    page = tree.read(ARCHITECTURE)
    rows = dict(rows_of(page))
    for folder in layering.MAY_INCLUDE:
        top = folder.split("/")[0]
        ground = GROUNDS.get(top, "").split()
        allowed = {re.sub(f"^{top}/", "", name) for name in layering.MAY_INCLUDE[folder].split() if name not in ground}
        earlier = [name for name in layering.MAY_INCLUDE if name.startswith(top + "/")]
        if rows.get(folder) is None:
            yield f"{ARCHITECTURE}: no row for {folder}/"
            continue
        named = set(re.findall(r"`([^`]+)`", rows[folder]))
        if "all above" in rows[folder]:
            named |= {name[len(top) + 1:] for name in earlier[:earlier.index(folder)]}
        if named != allowed:
            yield f"{ARCHITECTURE}: {folder}/: tests/layering.py has: {', '.join(sorted(allowed)) or 'nothing'}"


def check_names_of_folders(tree):
    """Folders that docs/architecture.md does not name."""
    page = tree.read(ARCHITECTURE)
    folders = {name for name in os.listdir(tree.root) if os.path.isdir(os.path.join(tree.root, name))}
    folders -= {name for name in folders if name.startswith(".") or name == "build"}
    for top in SOURCE_FOLDERS:
        for directory, _, names in os.walk(os.path.join(tree.root, top)):
            if any(name.endswith((".c", ".h", ".js")) for name in names):
                folders.add(os.path.relpath(directory, tree.root))
    for folder in sorted(folders):
        if f"`{folder}/`" not in page:
            yield f"{ARCHITECTURE}: does not name `{folder}/`"


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: contributing.py BUILD-DIRECTORY [SOURCE-TREE]")
    tree = Tree(sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.dirname(HERE)), sys.argv[1])
    problems = [problem for page in PAGES for problem in check_page(tree, page)]
    problems += [*check_folders(tree), *check_names_of_folders(tree)]
    for problem in problems:
        print(problem)
    print(f"contributing: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
