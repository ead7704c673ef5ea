#!/usr/bin/env python3
"""layering.py - fails when a file includes what its folder must not know (docs/architecture.md)

  usage: layering.py [SOURCE-TREE]

Each folder is listed once, with the folders that its files may include besides their own. There is no exception list. Two
more rules: record/ writes files and never reads them, except what its self-test recorded; and no two modules (X.c with X.h) may
depend on each other, directly or through others.
"""
import os
import re
import sys

RECORD_GROUND = "base abi text format symbols bpf/event"
ANALYZE_GROUND = "base abi text format symbols"

# Later lines may include earlier ones, never the other way round; so there can be no circle of folders.
MAY_INCLUDE = {
    "base": "",
    "abi": "base",
    "text": "base",
    "format": "base",
    "symbols": "base",
    "bpf": "",
    "record/common": RECORD_GROUND,
    "record/privilege": f"{RECORD_GROUND} record/common",
    "record/kernel": f"{RECORD_GROUND} record/common record/privilege",
    "record/output": f"{RECORD_GROUND} record/common record/privilege",
    "record/options": f"{RECORD_GROUND} record/common record/output",
    "record/stacks": f"{RECORD_GROUND} bpf record/common record/privilege record/output",
    "record/probes": f"{RECORD_GROUND} bpf record/common record/kernel record/options record/output",
    "record/sections": f"{RECORD_GROUND} bpf record/common record/kernel record/options record/output",
    "record/profile": f"{RECORD_GROUND} bpf record/common record/kernel record/options record/output",
    "record/convert": f"{RECORD_GROUND} bpf record/common record/output record/options record/stacks record/probes record/sections",
    "record/attach": f"{RECORD_GROUND} bpf record/common record/kernel record/options record/output record/probes record/sections record/profile",
    "record/selftest": f"{RECORD_GROUND} record/common record/privilege",
    "record/session": f"{RECORD_GROUND} bpf record/selftest record/common record/privilege record/kernel record/output record/options record/stacks "
                      "record/probes record/sections record/profile record/convert record/attach",
    "ctl": "base text",
    "analyze/trace": ANALYZE_GROUND,
    "analyze/program": f"{ANALYZE_GROUND} analyze/trace",
    "analyze/cause": f"{ANALYZE_GROUND} analyze/trace",
    "analyze/replay": f"{ANALYZE_GROUND} analyze/trace analyze/cause",
    "analyze/sections": f"{ANALYZE_GROUND} analyze/trace analyze/cause analyze/replay",
    "analyze/json": f"{ANALYZE_GROUND} analyze/trace analyze/cause analyze/replay",
    "analyze/counts": f"{ANALYZE_GROUND} analyze/trace analyze/cause analyze/replay analyze/json",
    "analyze/rows": f"{ANALYZE_GROUND} analyze/trace analyze/cause analyze/replay analyze/json",
    "analyze/lines": f"{ANALYZE_GROUND} analyze/trace analyze/program",
    "analyze/fold": f"{ANALYZE_GROUND} analyze/trace analyze/replay analyze/sections analyze/cause",
    "analyze/perfetto": f"{ANALYZE_GROUND} analyze/trace analyze/cause analyze/replay analyze/sections analyze/fold",
    "analyze/report": f"{ANALYZE_GROUND} analyze/trace analyze/cause analyze/replay analyze/sections analyze/json",
    "analyze/follow": f"{ANALYZE_GROUND} analyze/trace analyze/program analyze/cause analyze/replay analyze/json",
    "analyze/copy": f"{ANALYZE_GROUND} analyze/trace analyze/program analyze/lines analyze/report",
    "flame/tree": "base text",
    "flame/input": "base text flame/tree",
    "flame/style": "base text flame/tree",
    "flame/svg": "base text flame/tree flame/style",
    "flame/trace": "base text flame/tree analyze/fold",
    "analyze/html": f"{ANALYZE_GROUND} analyze/trace analyze/cause analyze/replay analyze/sections analyze/json analyze/fold analyze/report "
                    "flame/tree flame/style flame/svg flame/trace",
    "analyze/command": f"{ANALYZE_GROUND} analyze/trace analyze/program analyze/cause analyze/replay analyze/sections analyze/json "
                       "analyze/counts analyze/rows analyze/lines analyze/fold analyze/perfetto analyze/report analyze/follow analyze/copy analyze/html",
    "flame/command": "base text flame/tree flame/input flame/style flame/svg flame/trace analyze/trace analyze/program analyze/fold analyze/replay",
}
# bpf/event.h and its table are what record/ shares with the BPF programs; its other headers are for some folders only.
SHARED_WITH_BPF = {"bpf/event.h", "bpf/event_kinds.h"}
# The names of text are as mangled as those of traces; nothing else of symbols/ is for flame/.
SHARED_WITH_TREE = {"symbols/demangle.h"}
# Headers of format/ that read a file.
READING = re.compile(r"(dz/(reader|repair|rewrite|source)|format/(add_lines|block_load|copy|damage|merge|store|walk|window|[a-z]+_decode))")
INCLUDE = re.compile(r'^#include ["<]([a-z_]+/[a-z_/0-9.]+)[">]', re.M)


def sources(tree):
    """Every source of the folders above, as a path from the root of the tree."""
    for top in sorted({folder.split("/")[0] for folder in MAY_INCLUDE}):
        for directory, _, names in os.walk(os.path.join(tree, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(directory, name), tree)


def folder_of(path):
    """The listed folder of a path, the longest that fits."""
    while path and path not in MAY_INCLUDE:
        path = os.path.dirname(path)
    return path


def resolve(included):
    """The path in the tree of what an #include names, or None for a header from elsewhere."""
    if included.startswith("dz/"):
        return "format/include/" + included
    return included if folder_of(included) else None


def is_allowed(folder, target):
    """Whether a file of that folder may include the target, a path."""
    allowed = MAY_INCLUDE[folder].split()
    if folder_of(target) in (folder, *allowed):
        return True
    if folder == "flame/tree" and target in SHARED_WITH_TREE:
        return True
    return target in SHARED_WITH_BPF and "bpf/event" in allowed


def find_circle(dependencies):
    """One circle of modules as a list, or None: a depth-first walk without recursion."""
    state = {}
    for start in dependencies:
        if start in state:
            continue
        state[start] = "open"
        path = [(start, iter(sorted(dependencies[start])))]
        while path:
            module, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[module] = "done"
                path.pop()
            elif state.get(following) == "open":
                names = [name for name, _ in path]
                return names[names.index(following):] + [following]
            elif following not in state:
                state[following] = "open"
                path.append((following, iter(sorted(dependencies.get(following, ())))))
    return None


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    problems = []
    dependencies = {}
    count = 0
    for source in sources(tree):
        folder = folder_of(source)
        if not folder:
            problems.append(f"{source}: its folder is not in the table of tests/layering.py")
            continue
        with open(os.path.join(tree, source), encoding="utf-8") as file:
            included = [(name, resolve(name)) for name in INCLUDE.findall(file.read())]
        module = re.sub(r"\.[ch]$", "", source)
        for name, target in included:
            if target is None or not os.path.exists(os.path.join(tree, target)):
                continue
            count += 1
            if not is_allowed(folder, target):
                problems.append(f"{source}: includes {name}: {folder}/ may include only: {MAY_INCLUDE[folder]}")
            if source.startswith("record/") and not source.startswith("record/selftest/") and READING.match(name):
                problems.append(f"{source}: includes {name}: record/ writes files and never reads them")
            of = re.sub(r"\.h$", "", target)
            if of != module:
                dependencies.setdefault(module, set()).add(of)
    circle = find_circle(dependencies)
    if circle:
        problems.append("modules depend on each other: " + " -> ".join(circle))
    for problem in problems:
        print(problem)
    print(f"layering: {count} includes, {len(problems)} problems")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
