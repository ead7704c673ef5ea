#!/usr/bin/env python3
"""reading.py BUILD-DIRECTORY SOURCE-DIRECTORY - diag-report as people read it: on a terminal, in a pager, through head, as any user"""
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import fcntl

DEATHS = "deaths.dz"
CLEAN = {name: value for name, value in os.environ.items()
         if name not in ("COLUMNS", "NO_COLOR", "PAGER", "DIAG_PAGER", "LESS", "LV", "LC_ALL", "LC_CTYPE", "LANG", "TZ")}
NOBODY = 65534
failed = 0


def check(what, condition, seen=""):
    global failed
    print("ok" if condition else "not ok", "-", what)
    if not condition:
        print("   ", seen)
        failed = 1


def run(*command, **variables):
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False,
                          env={**CLEAN, **variables})


def on_terminal(*command, columns=100, **variables):
    """Runs a command on a terminal. Returns its status and all that the terminal got."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.execvpe(command[0], command, {**CLEAN, "TERM": "xterm", "TZ": "UTC", **variables})
    text = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text.decode("utf-8").replace("\r\n", "\n")


def words(text):
    return re.sub(r"\s+", " ", text)


def check_environments(report):
    wide, narrow = (run(report, "--utc", "--top", "10", DEATHS, COLUMNS=columns).stdout for columns in ("120", "20"))
    check("COLUMNS=20 has the same words", words(wide) == words(narrow), narrow)
    check("in short lines", sum(len(line) > 20 for line in narrow.splitlines()[2:]) < narrow.count("\n") / 4, narrow)
    check("the default has at most 60 lines also then", run(report, "--utc", DEATHS, COLUMNS="20").stdout.count("\n") <= 60)
    check("80 columns are kept", all(len(line) <= 80 for line in run(report, "--utc", DEATHS, COLUMNS="80").stdout.splitlines()))
    check("LC_ALL=C is ASCII", run(report, "--utc", "--top", "0", DEATHS, LC_ALL="C").stdout.isascii())
    check("a pipe gets ASCII with any locale", run(report, "--utc", "--top", "0", DEATHS, LC_ALL="C.UTF-8").stdout.isascii())
    check("a pipe gets no colour", "\033" not in run(report, DEATHS).stdout)
    status, plain = on_terminal(report, "--no-pager", DEATHS, LC_ALL="C")
    check("a terminal with LC_ALL=C gets ASCII", status == 0 and plain.isascii(), plain)
    status, text = on_terminal(report, "--no-pager", DEATHS, LC_ALL="C.UTF-8")
    check("a terminal with UTF-8 gets its characters", "batch" not in text or "×5" in text, text)
    status, text = on_terminal(report, "--no-pager", "--top", "0", DEATHS, LC_ALL="C.UTF-8")
    check("such as the multiplication sign", "×5 until" in text, text)
    check("a terminal gets colour", "\033[31mCRASHED\033[0m" in text, text)
    status, text = on_terminal(report, "--no-pager", DEATHS, NO_COLOR="1")
    check("unless NO_COLOR is set", "\033" not in text and "CRASHED" in text, text)
    status, text = on_terminal(report, "--no-pager", DEATHS, TERM="dumb")
    check("or the terminal has none", "\033" not in text and "CRASHED" in text, text)


def check_pager(report, work):
    pager = os.path.join(work, "pager")
    with open(pager, "w", encoding="utf-8") as script:
        script.write('#!/bin/sh\n{ echo "LESS=$LESS LV=$LV SECURE=$LESSSECURE ARGUMENTS=$*"; cat; } >seen\n')
    os.chmod(pager, 0o755)
    other = os.path.join(work, "other")
    shutil.copy(pager, other)

    def seen():
        with open("seen", encoding="utf-8") as file:
            text = file.read()
        os.remove("seen")
        return text

    status, text = on_terminal(report, DEATHS, PAGER=f"{pager} -x")
    got = seen()
    check("a terminal has a pager", status == 0 and "CRASHED" in got and "CRASHED" not in text, got)
    check("with its arguments and the variables of git", got.startswith(f"LESS=FRX LV=-c SECURE={'1' if os.geteuid() == 0 else ''} "
                                                                       "ARGUMENTS=-x\n"), got)
    check("in colour", "\033[31mCRASHED" in got, got)
    on_terminal(report, DEATHS, PAGER=other, DIAG_PAGER=f"{pager} -d")
    check("DIAG_PAGER comes before PAGER", "ARGUMENTS=-d\n" in seen())
    on_terminal(report, DEATHS, PAGER=pager, LESS="S", LV="x")
    check("variables that are set stay", seen().startswith("LESS=S LV=x "))
    for how, options, variables in (("--no-pager", ["--no-pager"], {"PAGER": pager}), ("--json", ["--json"], {"PAGER": pager}),
                                    ("PAGER=cat", [], {"PAGER": "cat"}), ("PAGER empty", [], {"PAGER": ""}),
                                    ("a pager that is not there", [], {"PAGER": "no-such-pager -x"})):
        status, text = on_terminal(report, *options, DEATHS, **variables)
        check(f"{how}: no pager", status == 0 and "CRASHED" in text and not os.path.exists("seen"), text)
    status, _ = on_terminal(report, "cut.dz", PAGER=pager)
    check("the exit status is that of diag-report", status == 3 and "not closed" in seen(), status)
    status, _ = on_terminal(report, "text.dz", PAGER=pager)
    check("also if it fails, whose message the pager shows", status == 1 and "not a .dz file" in seen(), status)
    status, _ = on_terminal(report, "--tables", DEATHS, PAGER="head -n 1 >seen")
    check("quitting the pager is no error", status == 0 and seen().count("\n") == 1, status)
    check("a pipe has no pager", "CRASHED" in run(report, DEATHS, PAGER=pager).stdout and not os.path.exists("seen"))
    if shutil.which("less"):
        status, text = on_terminal(report, "--top", "1", DEATHS)
        check("less shows a screen and ends", status == 0 and "hog[32000]" in text, text)


def check_outputs(report):
    through = subprocess.run(f"'{report}' --tables {DEATHS} | head -n 1", shell=True, capture_output=True, text=True, timeout=60, check=False)
    check("head gets its line without a message", through.stdout.count("\n") == 1 and through.stderr == "", through)
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run([report, DEATHS], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    check("a full disk is an error", ended.returncode == 1 and "No space left on device" in ended.stderr, ended)
    if os.geteuid() == 0:
        os.chmod(".", 0o755)
        own = os.path.abspath(shutil.copy(report, "."))  # the build may be below a directory of root alone
        ended = subprocess.run([own, DEATHS], capture_output=True, text=True, user=NOBODY, group=NOBODY, timeout=60, check=False)
        check("any user reads the same", ended.returncode == 0 and ended.stdout == run(report, DEATHS).stdout, ended)
        os.chmod("cut.dz", 0o600)
        ended = subprocess.run([own, "cut.dz"], capture_output=True, text=True, user=NOBODY, group=NOBODY, timeout=60, check=False)
        check("or learns why not", ended.returncode == 1 and "cut.dz: cannot open: Permission denied" in ended.stderr, ended)


def check_newest(report):
    ended = run(report)
    check("without a recording here, a file must be named", ended.returncode == 2 and "no file given" in ended.stderr, ended)
    for name, changed in (("diag-b.dz", 2000), ("diag-a.dz", 3000), ("diag-c.txt", 4000), ("xdiag-c.dz", 5000)):
        shutil.copy(DEATHS, name)
        os.utime(name, (changed, changed))
    os.symlink(DEATHS, "diag-z.dz")
    ended = run(report)
    check("else the newest one is read, and named", ended.returncode == 0 and "CRASHED" in ended.stdout
          and ended.stderr == "diag-report: diag-a.dz: the newest recording here\n", ended)
    check("-h is --help", run(report, "-h").stdout == run(report, "--help").stdout)


def main(build, source):
    report = os.path.join(os.path.abspath(build), "bin", "diag-report")
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(os.path.join(source, "tests/cli/traces/deaths.dz"), os.path.join(work, DEATHS))
        os.chdir(work)
        with open(DEATHS, "rb") as whole, open("cut.dz", "wb") as cut:
            cut.write(whole.read(4000))
        with open("text.dz", "w", encoding="utf-8") as text:
            text.write("not a trace\n")
        check_environments(report)
        check_pager(report, work)
        check_outputs(report)
        check_newest(report)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
