#!/usr/bin/env python3
"""growth.py - the time of every reader grows with its input, not with the square of it

  usage: growth.py BUILD-DIRECTORY [--table] [MODE...]
         growth.py BUILD-DIRECTORY output

For each mode of generate.c, writes a trace and one of four times its records, and reads both with each program and mode of
operation. Twice the input may take 2.2 times the time: four times, 4.84 times. Times are processor times of the
program and its children. The best of several rounds counts, since other processes disturb a round. With --table, prints a
line for each mode with the factor of each consumer for twice the input, in the form of docs/reliability.md. Without a mode,
checks the memory for long traces and many files as well, and the time for the end of a long trace. With output, checks
that the output of a small file with millions of bytes of names in each stack has an end.
"""
import os
import resource
import subprocess
import sys
import tempfile

STEPS = 2  # doublings between the two sizes
FACTOR = 2.2
ROUNDS = 10
SMALL_S = 0.02  # times below this are those of starting a program

# Records of the smaller trace.
MODES = {
    "processes": 20000, "exits": 20000, "children": 20000, "stacks": 4000, "signals": 40000, "deliveries": 40000, "probes": 10000, "hits": 40000,
    "weights": 40000, "histograms": 5000, "sections": 5000, "inner": 20000, "causes": 20000, "opengroups": 20000,
    "flags": 20000, "infos": 20000, "failures": 20000, "losses": 20000, "blocks": 4000, "generations": 500,
    "waits": 10000, "holders": 10000, "samples": 5000, "blocked": 5000, "ooms": 10000, "nested": 5000, "steps": 5000, "labels": 5000,
    "renamed": 10000, "groups": 10000, "clocks": 10000,
}
CONSUMERS = {
    "report": ["diag-report", "FILE"],
    "tables": ["diag-report", "--tables", "--top", "0", "FILE"],
    "events": ["diag-report", "--events", "FILE"],
    "json": ["diag-report", "--json", "FILE"],
    "by": ["diag-report", "--by", "comm,cause,cgroup", "FILE"],
    "exits": ["diag-report", "--rows", "exits", "FILE"],
    "sections": ["diag-report", "--rows", "sections", "FILE"],
    "info": ["diag-report", "--info", "FILE"],
    "verify": ["diag-report", "--verify", "FILE"],
    "since": ["diag-report", "--since", "-1s", "FILE"],
    "page": ["diag-report", "--html", "OUT", "--force", "FILE"],
    "fold": ["diag-fold", "FILE"],
    "time": ["diag-fold", "--weight", "time", "FILE"],
    "flame": ["diag-flame", "--force", "-o", "OUT", "FILE"],
    "repair": ["diag-report", "--repair", "--force", "-o", "OUT", "FILE"],
    "scrub": ["diag-report", "--scrub", "--force", "-o", "OUT", "FILE"],
    "add-lines": ["diag-report", "--add-lines", "--debug-dir", "FOLDER", "--force", "-o", "OUT", "FILE"],
}
LIMIT_S = 60
OUTPUT_RECORDS = 10000  # with two million bytes of names each
LINES = (256 << 20, 262144)  # limit of output, and for each byte of input
FOLDED = (64 << 20, 16384)
OUTPUTS = [
    (["diag-report", "--json", "FILE"], *LINES, (1,)),
    (["diag-report", "--events", "--stacks", "FILE"], *LINES, (1,)),
    (["diag-report", "--rows", "probes", "FILE"], *LINES, (0, 1)),
    (["diag-report", "--rows", "probes", "-o", "OUT", "FILE"], *LINES, (0, 1)),
    (["diag-report", "--stacks", "FILE"], *LINES, (0,)),
    (["diag-report", "--html", "OUT", "FILE"], *LINES, (0,)),
    (["diag-report", "--perfetto", "OUT", "FILE"], *LINES, (0,)),
    (["diag-fold", "FILE"], *FOLDED, (0, 1)),
    (["diag-fold", "--format", "pprof", "FILE"], *FOLDED, (0, 1)),
    (["diag-fold", "--format", "speedscope", "FILE"], *FOLDED, (0, 1)),
    (["diag-fold", "--format", "perf-script", "FILE"], *LINES, (0, 1)),
    (["diag-flame", "-o", "OUT", "FILE"], *FOLDED, (0, 1)),
]
DEEP_RECORDS = 30000  # as in a real program: 127 frames with names of 150 bytes
MEMORY_MIB = 128
SINCE_S = 0.1  # for the last 10 s of an hour
SINCE_EXITS = 1000000
DESCRIPTORS = 256


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


def run(words):
    """Returns the usage of a program, with that of its children; None if it does not end with status 0 or 3."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               preexec_fn=limit)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage if process.returncode in (0, 3) else None


def processor_time(build, command, path, out):
    words = [{"FILE": path, "OUT": out, "FOLDER": os.path.dirname(out)}.get(word, word) for word in command]
    words[0] = os.path.join(build, "bin", words[0])
    usage = run(words)
    return usage.ru_utime + usage.ru_stime if usage else float("inf")


def measure(build, command, paths, out):
    """The factor for twice the input, and the two times; None if the program has nothing to do with this trace."""
    best = [float("inf")] * 2
    for _ in range(ROUNDS):
        for i in range(2):
            best[i] = min(best[i], processor_time(build, command, paths[i], out))
        if best[0] == float("inf"):
            return None, best
        if best[1] <= max(best[0], SMALL_S) * FACTOR ** STEPS:
            break
    return (best[1] / max(best[0], SMALL_S)) ** (1 / STEPS), best


def check_memory(build):
    """Traces of any length, and any number of files, are read in bounded memory with few descriptors."""
    failed = 0
    for mode, count in (("processes", 1000000), ("files", 10000)):
        with tempfile.TemporaryDirectory() as folder:
            path = folder if mode == "files" else os.path.join(folder, "trace.dz")
            subprocess.run([os.path.join(build, "tests", "growth_generate"), mode, str(count), path], check=True)
            for command in (["diag-report"], ["diag-report", "--info"], ["diag-report", "--verify"], ["diag-report", "--json"],
                            *([["diag-fold"]] if mode == "files" else [])):
                usage = run([os.path.join(build, "bin", command[0]), *command[1:], path])
                used = usage.ru_maxrss / 1024 if usage else float("inf")
                ok = used <= MEMORY_MIB
                failed += not ok
                print(f"{'ok' if ok else 'not ok'} - {mode} {count}: {' '.join(command)}: {used:.0f} MiB", file=sys.stderr)
    return failed


def check_since(build):
    """The last seconds of a long recording are read without the rest of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.dz")
        subprocess.run([os.path.join(build, "tests", "growth_generate"), "hour", str(SINCE_EXITS), path], check=True)
        best = min(processor_time(build, ["diag-report", "--since", "-10s", "FILE"], path, "") for _ in range(ROUNDS))
    ok = best <= SINCE_S
    print(f"{'ok' if ok else 'not ok'} - hour {SINCE_EXITS}: diag-report --since -10s: {best:.3f} s", file=sys.stderr)
    return 0 if ok else 1


def output_of(words, most):
    """The bytes that a program writes, up to more than `most`, and its exit status."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               preexec_fn=limit)
    written = 0
    while written <= most:
        piece = os.read(process.stdout.fileno(), 1 << 20)
        if not piece:
            break
        written += len(piece)
    process.stdout.close()
    return written, process.wait()


def check_output(build):
    """The output is bounded by the input, and a program that ends for that has status 1."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        for mode in ("shared", "branches", "deep"):
            path = os.path.join(folder, f"{mode}.dz")
            records = DEEP_RECORDS if mode == "deep" else OUTPUT_RECORDS
            subprocess.run([os.path.join(build, "tests", "growth_generate"), mode, str(records), path], check=True)
            size = os.path.getsize(path)
            for words, least, per_byte, wanted in OUTPUTS:
                command = [{"FILE": path, "OUT": out}.get(word, word) for word in words]
                command[0] = os.path.join(build, "bin", command[0])
                written, status = output_of(command, least + size * per_byte)
                written += os.path.getsize(out) if os.path.exists(out) else 0
                if os.path.exists(out):
                    os.remove(out)
                ok = written <= least + size * per_byte and status in ((0,) if mode == "deep" else wanted)
                failed += not ok
                print(f"{'ok' if ok else 'not ok'} - {mode} {size} bytes: {' '.join(words)}: {written} bytes, status {status}",
                      file=sys.stderr)
    return failed


def generate(build, mode, folder):
    paths = []
    for times in (1, 2 ** STEPS):
        path = os.path.join(folder, f"{mode}{times}.dz")
        subprocess.run([os.path.join(build, "tests", "growth_generate"), mode, str(MODES[mode] * times), path], check=True)
        paths.append(path)
    return paths


def main():
    arguments = sys.argv[2:]
    table = "--table" in arguments
    modes = [word for word in arguments if word != "--table"] or list(MODES)
    build = sys.argv[1]
    if modes == ["output"]:
        return 1 if check_output(build) else 0
    failed = 0 if len(arguments) > table else check_memory(build) + check_since(build)
    if table:
        print("| mode | records | " + " | ".join(CONSUMERS) + " |")
        print("|---" * (len(CONSUMERS) + 2) + "|")
    for mode in modes:
        with tempfile.TemporaryDirectory() as folder:
            paths = generate(build, mode, folder)
            cells = []
            for name, command in CONSUMERS.items():
                factor, times = measure(build, command, paths, os.path.join(folder, "out"))
                cells.append(f"{factor:.1f}" if factor is not None else "-")
                if factor is not None and factor > FACTOR:
                    failed += 1
                    print(f"not ok - {mode}, {name}: {times[0]:.3f} s, {2 ** STEPS} times the records {times[1]:.3f} s",
                          file=sys.stderr)
        if table:
            print(f"| {mode} | {MODES[mode]:,} | " + " | ".join(cells) + " |", flush=True)
        else:
            print(f"{mode}: " + ", ".join(f"{name} {cell}" for name, cell in zip(CONSUMERS, cells)), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
