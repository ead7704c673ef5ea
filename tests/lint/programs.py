#!/usr/bin/env python3
"""programs.py - fails when a BPF program is not built, or is built and never attached

  usage: programs.py [BUILD-DIRECTORY]

Each bpf/X.bpf.c is in bpf/CMakeLists.txt. Each program in it is named in record/, and each name of the table in
record/attach/programs.c is a program in bpf/.
"""
import glob
import os
import re
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(path):
    with open(os.path.join(TREE, path), encoding="utf-8") as file:
        return file.read()


def main():
    problems, programs = [], set()
    listed = read("bpf/CMakeLists.txt")
    for path in sorted(glob.glob(os.path.join(TREE, "bpf/*.bpf.c"))):
        name = os.path.basename(path)
        if not re.search(rf"(?<![\w.]){re.escape(name)}", listed):
            problems.append(f"bpf/{name}: not in bpf/CMakeLists.txt")
        text = re.sub(r"#define.*?[^\\]\n", "", read(f"bpf/{name}"), flags=re.S)
        found = re.findall(r'SEC\("(?!license|\.maps)[^"]+"\)\s*int (?:BPF_PROG\()?(\w+)', text)
        programs.update(found)
    record = "".join(read(os.path.relpath(path, TREE)) for path in glob.glob(os.path.join(TREE, "record/*/*.c")))
    prefixes = re.findall(r'_PREFIX\s+"(\w+_)"', record + "".join(
        read(os.path.relpath(path, TREE)) for path in glob.glob(os.path.join(TREE, "record/*/*.h"))))
    for program in sorted(programs):
        if not re.search(rf"\b{program}\b", record) and not program.startswith(tuple(prefixes)):
            problems.append(f"bpf/: {program}: no line in program_table of record/attach/programs.c, or where it is attached")
    for name in re.findall(r'^\t\{"(on_\w+)"', read("record/attach/programs.c"), re.M):
        if name not in programs:
            problems.append(f"record/attach/programs.c: {name}: no such program in bpf/")
    for problem in problems:
        print(problem)
    print(f"programs: {len(programs)} programs, {len(problems)} problems")
    return 1 if problems or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
