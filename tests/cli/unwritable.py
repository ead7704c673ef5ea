#!/usr/bin/env python3
"""unwritable - output of an analyser that cannot be written is a failure, and no incomplete file has the name of the output

usage: unwritable.py BUILD-DIRECTORY SOURCE-DIRECTORY
"""
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

SECONDS = 60
FAILED = 1
# Less than any of the files that are written.
LIMIT_BYTES = 512


def commands(build, source):
    """Commands that print, commands that write a file OUT, and those of the latter that copy a trace."""
    trace = f"{source}/tests/cli/traces/deaths.dz"
    report, fold, flame = (f"{build}/bin/{name}" for name in ("diag-report", "diag-fold", "diag-flame"))
    with open("stacks.folded", "w", encoding="ascii") as folded:
        folded.write("main;work 3\nmain;wait 4\n")
    prints = [
        [report, trace], [report, "--events", "--stacks", trace], [report, "--json", trace], [report, "--info", trace],
        [report, "--info", "--verbose", trace], [fold, trace],
        *([fold, "--format", form, trace] for form in ("pprof", "speedscope", "perf-script")), [flame, trace], [flame, "stacks.folded"],
        *([program, option] for program in (report, fold, flame) for option in ("--help", "--usage", "--version")),
    ]
    kinds = ["--scrub"], ["--repair"], ["--add-lines", "--debug-dir", "."]
    copies = [[report, *kind, *force, "-o", "OUT", trace] for kind in kinds for force in ([], ["--force"])]
    writes = [*copies, [report, "--html", "OUT", trace], [report, "--html", "OUT", "--force", trace], [flame, "-o", "OUT", trace], [flame, "-o", "OUT", "stacks.folded"]]
    return prints, writes, copies


def run(command, stdout, prepare=None):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=SECONDS,
                              preexec_fn=prepare)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, "timeout", b"", b"")


def into_full_device(command):
    with open("/dev/full", "wb") as full:
        return run(command, full), b"No space left"


def into_broken_pipe(command, ignored):
    """Shells leave SIGPIPE alone; other programs ignore it, also for their children."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return run(command, writing, (lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)) if ignored else None), b"roken pipe"
    finally:
        os.close(writing)


def into_nothing(command):
    return run(command, None, lambda: os.close(1)), b"ad file descriptor"


SINKS = {
    "/dev/full": into_full_device,
    "a broken pipe": lambda command: into_broken_pipe(command, False),
    "a broken pipe, without SIGPIPE": lambda command: into_broken_pipe(command, True),
    "no standard output": into_nothing,
}


def problem_of_print(result, reason):
    if result.returncode == -signal.SIGPIPE:
        return None
    if result.returncode != FAILED:
        return f"status {result.returncode}: {result.stderr!r}"
    if not result.stderr.startswith(b"diag-") or reason not in result.stderr or result.stderr.count(b"\n") != 1:
        return f"printed {result.stderr!r}, not {reason.decode()}"
    return None


def full_disk(ignored):
    """Files do not grow beyond the limit, which stands for a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)


def problem_of_file(command, existing, ignored):
    os.makedirs("disk", exist_ok=True)
    path = "disk/out"
    if existing:
        with open(path, "w", encoding="ascii") as file:
            file.write("of before")
    result = run([path if word == "OUT" else word for word in command], subprocess.DEVNULL, lambda: full_disk(ignored))
    left = os.listdir("disk")
    content = b""
    for name in left:
        with open(f"disk/{name}", "rb") as file:
            content += file.read()
        os.remove(f"disk/{name}")
    if result.returncode == 0 or (ignored and result.returncode != FAILED):
        return f"status {result.returncode}: {result.stderr!r}"
    if content not in (b"", b"of before") or (existing and content == b""):
        return f"left {left}: {content[:40]!r}"
    if ignored and len(left) != existing:
        return f"left {left}"
    return None


def full_pipe():
    """A full pipe: writes to it block."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    return reading, writing


def wait_for_content(process, old):
    """Waits until a new file in disk/ no longer grows: the program is blocked printing. Returns the sizes of the new files."""
    before, deadline = {}, time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        sizes = {name: os.stat(f"disk/{name}").st_size for name in os.listdir("disk") if name not in old}
        if sizes == before and any(sizes.values()):
            return sizes
        before = sizes
        time.sleep(0.2)
    return {}


def problem_of_kill(command):
    """Kills the program before the copy is published: the name is free, or still that of the old file."""
    existing = "--force" in command
    os.makedirs("disk", exist_ok=True)
    if existing:
        with open("disk/out", "w", encoding="ascii") as file:
            file.write("of before")
    reading, writing = full_pipe()
    with subprocess.Popen(["disk/out" if word == "OUT" else word for word in command], stdin=subprocess.DEVNULL,
                          stdout=writing, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        temporary = wait_for_content(process, ["out"] if existing else [])
        left = os.listdir("disk")
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    os.close(reading)
    os.close(writing)
    content = None
    for name in os.listdir("disk"):
        if name == "out":
            with open("disk/out", "rb") as file:
                content = file.read()
        os.remove(f"disk/{name}")
    if len(temporary) != 1 or process.returncode != -signal.SIGKILL:
        return f"status {process.returncode}, written: {temporary}, there: {left}"
    return None if content == (b"of before" if existing else None) else f"left {content[:40]!r} under the final name"


def main():
    build, source = (os.path.abspath(path) for path in sys.argv[1:3])
    checked, wrong = 0, []
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        prints, writes, copies = commands(build, source)
        for command in prints:
            for name, sink in SINKS.items():
                checked += 1
                text = problem_of_print(*sink(command))
                if text:
                    wrong.append(f"{' '.join(command)} into {name}: {text}")
        for command in writes:
            for existing in (False, True):
                for ignored in (False, True):
                    checked += 1
                    text = problem_of_file(command, existing, ignored)
                    if text:
                        wrong.append(f"{' '.join(command)}, {'an old file, ' if existing else ''}a full disk: {text}")
        for command in copies:
            checked += 1
            text = problem_of_kill(command)
            if text:
                wrong.append(f"{' '.join(command)}, killed: {text}")
    for text in wrong:
        print("not ok -", text)
    print(f"{'not ok' if wrong else 'ok'} - {checked} outputs that cannot be written, {len(wrong)} of them no failure")
    return wrong != []


sys.exit(main())
