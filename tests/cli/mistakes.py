#!/usr/bin/env python3
"""mistakes.py - mistakes that users of earlier tools make, each with its message (tests/cli/mistakes.txt)

  usage: mistakes.py BUILD-DIRECTORY SOURCE-DIRECTORY [--accept]

A line of mistakes.txt that begins with $ is a command, as a shell reads it; its exit status and its messages follow. With --accept they are
written as they are now. All run without privileges, in an empty directory.
"""
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

BIN = os.path.join(os.path.abspath(sys.argv[1]), "bin")
LIST = os.path.join(os.path.abspath(sys.argv[2]), "tests/cli/mistakes.txt")
NOBODY = 65534
COUNT_MIN = 40


def run(line, directory):
    """The lines that a command prints, after one with its status."""
    program, *words = shlex.split(line)
    path = os.path.join(directory, program)
    if not os.path.exists(path):
        shutil.copy(os.path.join(BIN, program), path)
    drop = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    result = subprocess.run([path, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=directory, timeout=60,
                            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, **drop)
    text = (result.stdout + result.stderr).replace(path, program)
    return [f"status {result.returncode}", *text.splitlines()]


def main():
    with open(LIST, encoding="utf-8") as file:
        expected = file.read().splitlines()
    commands = [line[2:] for line in expected if line.startswith("$ ")]
    found = []
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        for command in commands:
            found += [f"$ {command}", *run(command, directory)]
    if "--accept" in sys.argv:
        with open(LIST, "w", encoding="utf-8") as file:
            file.write("\n".join(found) + "\n")
    elif found != expected:
        subprocess.run(["diff", "-u", LIST, "-"], input="\n".join(found) + "\n", text=True)
        return 1
    accepted = [found[number - 1] for number, line in enumerate(found) if line == "status 0"]
    for command in accepted:
        print("not refused:", command)
    print(f"mistakes: {len(commands)}")
    return 1 if accepted or len(commands) < COUNT_MIN else 0


if __name__ == "__main__":
    sys.exit(main())
