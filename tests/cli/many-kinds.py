#!/usr/bin/env python3
"""many-kinds.py BUILD-DIRECTORY - the one crash among any number of other deaths comes first, in bounded memory"""
import os
import subprocess
import sys
import tempfile

MEMORY_MIB = 64
LINES = 60
failed = 0


def check(what, condition, seen=""):
    global failed
    print("ok" if condition else "not ok", "-", what)
    if not condition:
        print("   ", seen)
        failed = 1


def report(*command):
    """The lines of the report, and the memory that it took in MiB."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "80"}) as process:
        lines = process.stdout.read().splitlines()
        status, usage = os.wait4(process.pid, 0)[1:]
        process.returncode = os.waitstatus_to_exitcode(status)
    return lines, usage.ru_maxrss / 1024


def main(build):
    program = f"{build}/bin/diag-report"
    sanitized = "asan" in subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for name in ("names", "kinds"):
            subprocess.run([f"{build}/tests/make_scenario", name, f"{name}.dz"], check=True)
        lines, memory = report(program, "--utc", "names.dz")
        check("5,000 names: the crash is in the first three lines", any("  CRASHED  w4900[4901]  SIGSEGV" in line for line in lines[:3]), lines[:3])
        check("which count it", lines[1] == "5,000 exits: 1 crashed, 4,999 failed", lines[1])
        check("names that differ in numbers are one kind", any("FAILED   w0..w4998 x1,667 until " in line for line in lines), lines)
        check(f"at most {LINES} lines", len(lines) <= LINES, len(lines))
        lines, memory = report(program, "--utc", "kinds.dz")
        check("200,000 kinds: the last one, a crash, is in the first three lines", any("  CRASHED  last[200001]  SIGSEGV" in line for line in lines[:3]),
              lines[:3])
        check(f"at most {LINES} lines", len(lines) <= LINES, len(lines))
        check("kept and other kinds are all",
              any(line.startswith("199,991 more exits of kinds that rank after these: 199,991 failed") for line in lines), lines)
        check(f"at most {MEMORY_MIB} MiB", sanitized or memory <= MEMORY_MIB, memory)
        print(f"{memory:.1f} MiB")
        lines, memory = report(program, "--utc", "--top", "0", "kinds.dz")
        check("--top 0 shows 4,096 kinds", sum("  FAILED   " in line for line in lines) == 4095, len(lines))
        check(f"in at most {MEMORY_MIB} MiB", sanitized or memory <= MEMORY_MIB, memory)
    return failed


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
