#!/usr/bin/env python3
"""coming-from.py - each command of docs/coming-from.md and of its Chinese form is accepted, and both have the same commands

  usage: coming-from.py BUILD-DIRECTORY SOURCE-DIRECTORY

Readers run on a trace and on stacks. diag-record and diag-ctl run without privileges: they end with status 1 once the command line is
accepted, and with 2 if it is not.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

BIN = os.path.join(os.path.abspath(sys.argv[1]), "bin")
SOURCE = os.path.abspath(sys.argv[2])
PAGES = ("docs/coming-from.md", "docs/coming-from.zh.md")
NOBODY = 65534
PRIVILEGED = ("diag-record", "diag-ctl")
FOLDED = {"out.perf": "a;b 3\n", "out.folded": "a;b 3\n", "before.folded": "a;b 3\n", "after.folded": "a;b 4\n",
          "kprobe.log": "**step 0001: x;CGROUP:[a];b 1000\n"}


def commands(page):
    """The lines of the sh blocks of a page that are not comments."""
    with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
        blocks = re.findall(r"^```sh\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


def problem_of(line):
    """Runs a command; why it is wrong, or None."""
    program, *words = shlex.split(line)
    privileged = program in PRIVILEGED
    drop = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if privileged and os.getuid() == 0 else {}
    # The build directory may be one that other users cannot read.
    path = os.path.abspath(program) if privileged else os.path.join(BIN, program)
    result = subprocess.run([path, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                            timeout=60, **drop)
    return None if result.returncode == int(privileged) else f"status {result.returncode}: {result.stderr}"


def prepare(directory):
    """The files that the commands name; the directory is open for all users."""
    os.chmod(directory, 0o755)
    os.chdir(directory)
    shutil.copy(os.path.join(SOURCE, "samples/traces/good-all-kinds.dz"), "trace.dz")
    for program in PRIVILEGED:
        shutil.copy(os.path.join(BIN, program), ".")
    for name, text in FOLDED.items():
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)


def main():
    found = {page: commands(page) for page in PAGES}
    wrong = [f"{PAGES[1]}: other commands than {PAGES[0]}"] if found[PAGES[0]] != found[PAGES[1]] else []
    with tempfile.TemporaryDirectory() as directory:
        prepare(directory)
        for page, lines in found.items():
            for line in dict.fromkeys(lines):
                problem = problem_of(line)
                if problem:
                    wrong.append(f"{page}: {line}: {problem}")
        os.chdir("/")
    for text in wrong:
        print("not ok -", text)
    print(f"coming-from: {sum(map(len, found.values()))} commands, {len(wrong)} wrong")
    return 1 if wrong or not found[PAGES[0]] else 0


if __name__ == "__main__":
    sys.exit(main())
