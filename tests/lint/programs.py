#!/usr/bin/env python3
"""programs.py - fails when a BPF program is not built, or is built and never attached

  usage: programs.py [BUILD-DIRECTORY]

Each bpf/X.bpf.c is in bpf/CMakeLists.txt. Each program in it is named in record/, and each name of the table in
record/attach/programs.c is a program in bpf/. In the object of the build, each program of a uprobe or USDT probe has the tail call
of bpf/own_stack.bpf.h.
"""
import glob
import os
import re
import struct
import sys

CALL, TAIL_CALL = 0x85, 12  # BPF_JMP | BPF_CALL of BPF_FUNC_tail_call
TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(path):
    with open(os.path.join(TREE, path), encoding="utf-8") as file:
        return file.read()


def programs_of(path):
    """The section, name and code of each program in a BPF object: 64-bit, little-endian."""
    with open(path, "rb") as file:
        data = file.read()
    offset, = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, offset + i * size) for i in range(count)]

    def text(table, place):
        start = sections[table][4] + place
        return data[start:data.index(b"\0", start)].decode()

    for _, kind, _, _, start, length, link, *_ in sections:
        if kind != 2:  # SHT_SYMTAB
            continue
        for name, info, _, index, value, code_bytes in struct.iter_unpack("<IBBHQQ", data[start:start + length]):
            if info & 15 == 2 and index < count:  # STT_FUNC
                code = sections[index][4] + value
                yield text(names, sections[index][0]), text(link, name), data[code:code + code_bytes]


def has_tail_call(code):
    return any(operation == CALL and registers >> 4 == 0 and number == TAIL_CALL
               for operation, registers, _, number in struct.iter_unpack("<BBhi", code))


def check_own_stacks(build):
    probes = [program for program in programs_of(os.path.join(build, "bpf/diag.bpf.o")) if re.match(r"u(ret)?(probe|sdt)", program[0])]
    if not probes:
        yield "bpf/: the object has no program of a uprobe"
    for _, name, code in probes:
        if not has_tail_call(code):
            yield f"bpf/: {name}: it must call own_stack_keep() itself: see bpf/own_stack.bpf.h"


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
    if len(sys.argv) > 1:
        problems.extend(check_own_stacks(sys.argv[1]))
    for problem in problems:
        print(problem)
    print(f"programs: {len(programs)} programs, {len(problems)} problems")
    return 1 if problems or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
