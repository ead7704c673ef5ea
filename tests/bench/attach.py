#!/usr/bin/env python3
"""attach.py - how long it takes to attach kprobes to many functions, beside bpftrace

usage: attach.py BUILD-DIRECTORY [COUNT]

It boots Debian's kernel (tests/vm/boot), or the one that DIAG_GUEST_KERNEL names, attaches to COUNT functions (200) there, and
says how many times as long computing takes in that guest as here. The bar is 2 s of a real processor: what the guest took,
divided by that. Status 1 if it is missed."""
import collections
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BAR_SECONDS = 2
GUEST_SECONDS = 400


def line(text):
    print(text, flush=True)


def computing():
    """Seconds of one processor for a fixed work, the shortest of three."""
    took = []
    for _ in range(3):
        begin = time.process_time()
        total = 0
        for i in range(1000000):
            total += i * i
        took.append(time.process_time() - begin)
    return min(took)


def functions(count):
    """Functions of the kernel itself that have their names alone."""
    with open("/proc/kallsyms", encoding="ascii") as symbols:
        often = collections.Counter(text.split()[2] for text in symbols)
    with open("/sys/kernel/tracing/available_filter_functions", encoding="ascii") as listed:
        names = {text.split()[0] for text in listed if "[" not in text}
    return sorted(name for name in names if often[name] == 1 and re.fullmatch(r"(vfs|tcp)_\w+", name))[:count]


def diag_record(build, names):
    """Seconds to attach, as the file says."""
    probes = ",".join("kprobe:" + name for name in names)
    subprocess.run([f"{build}/bin/diag-record", "-q", "-e", probes, "-c", "nobody", "-d", "0.1", "--force", "-o", "attach.dz"],
                   check=True)
    told = subprocess.run([f"{build}/bin/diag-report", "--info", "--verbose", "attach.dz"], capture_output=True, text=True, check=True).stdout
    assert "attach.failed" not in told, told
    return int(re.search(r"probe\.attach_ns +(\d+)", told).group(1)) / 1e9


def attached():
    """How many kprobes there are, those of kprobe_multi too."""
    count = 0
    for path in ("/sys/kernel/debug/kprobes/list", "/sys/kernel/tracing/enabled_functions"):
        if os.path.exists(path):
            with open(path, encoding="ascii") as lines:
                count = max(count, sum(1 for _ in lines))
    return count


def bpftrace(names):
    """Seconds from the first probe that is attached to the last, within what looking takes. It is killed: detaching is not what
    is measured."""
    program = ",".join("kprobe:" + name for name in names) + ' /comm == "nobody"/ { @ = count(); }'
    process = subprocess.Popen(["bpftrace", "-e", program], stdout=subprocess.DEVNULL)
    begin = None
    while attached() < len(names):
        assert process.poll() is None, "bpftrace has ended"
        if not begin and attached() > 0:
            begin = time.monotonic()
        time.sleep(0.1)
    took = time.monotonic() - begin if begin else 0
    process.kill()
    process.wait()
    return took


def guest(build, count, computing_here):
    os.chdir(tempfile.mkdtemp())
    names = functions(count)
    factor = computing() / computing_here
    took = diag_record(build, names)
    line(f"Linux {os.uname().release}: diag-record attached to {len(names)} functions in {took:.2f} s")
    line(f"computing takes {factor:.0f} times as long in this guest as outside: {took / factor:.3f} s; the bar is {BAR_SECONDS}")
    line(f"bpftrace attached to them in {bpftrace(names):.2f} s")
    met = len(names) == count and took / factor < BAR_SECONDS
    line("the bar is met" + (", in the guest, too" if took < BAR_SECONDS else "") if met else "the bar is missed")
    sys.exit(not met)


def main():
    build = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    if os.environ.get("DIAG_GUEST"):
        guest(build, count, float(sys.argv[3]))
    with tempfile.TemporaryDirectory() as results:
        sys.exit(subprocess.run([f"{HERE}/../vm/boot", results, str(GUEST_SECONDS),
                                 f"{HERE}/attach.py '{build}' {count} {computing()}"]).returncode)


main()
