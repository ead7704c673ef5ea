"""core_chain.py - call chains beside those that gdb finds in the core of the same death"""
import glob
import os
import re
import shutil
import subprocess

from recorder import GUEST

# Frames of inlined functions belong to the next one, and those of tail calls are not on the stack.
GDB_SCRIPT = """
frame, names = gdb.newest_frame(), []
while frame:
    if frame.type() != gdb.TAILCALL_FRAME:
        names.append(frame.name() or "??")
    if names and frame.type() != gdb.INLINE_FRAME:
        print("FRAME", "|".join(names))
        names = []
    frame = frame.older()
"""
# gdb's word for the frame that the kernel makes for a handler.
SIGNAL_FRAME = "<signal handler called>"


def die(number, command):
    """Runs a command that leaves its core in a new directory; returns its pid."""
    directory = f"death{number}"
    os.mkdir(directory)
    process = subprocess.Popen(["prlimit", "--core=unlimited", *command], cwd=directory, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    process.wait()
    return process.pid


def plain(symbol):
    """A name as both write it: without arguments and versions."""
    return re.sub(r"^__GI_|\(.*|@.*|<.*", "", symbol)


def chain_of(event):
    """The functions and markers of a user stack, the leaf first."""
    return [plain(frame["symbol"]) if frame["symbol"] and frame["symbol"][0] != "[" else frame["symbol"] or "?"
            for frame in event["user_stack"]]


def gdb_chain(number, program):
    """The functions that gdb finds in the core, each with what is inlined into it; None without a core or gdb."""
    cores = glob.glob(f"death{number}/core*")
    if GUEST or not cores or not shutil.which("gdb"): # gdb is slow on an emulated processor
        return None
    with open("chain.py", "w", encoding="ascii") as script:
        script.write(GDB_SCRIPT)
    said = subprocess.run(["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set backtrace limit unlimited",
                           "-iex", "set backtrace past-main on",
                           "-x", "chain.py", program, cores[0]],
                          capture_output=True, text=True, errors="replace", timeout=100).stdout
    os.unlink(cores[0])
    return [[plain(name) for name in line.split("|")] for line in re.findall(r"^FRAME (.*)$", said, re.MULTILINE)]


def is_same(our, other):
    return our in other or our == "?" or "??" in other


def compare(name, ours, gdbs):
    """Whether ours equal gdb's up to main, or are longer; where one of both has no name, nothing is said. Beyond main gdb
    finds garbage in musl, which has no call frame information. Behind a gap are gdb's last frames."""
    gap = next((i for i, our in enumerate(ours) if re.fullmatch(r"\[\d+ bytes not copied\]", our)), None)
    if gap is not None:
        oldest = ours[gap + 1:]
        return len(ours) < len(gdbs) and compare(name, ours[:gap], gdbs[:gap]) and compare(name, oldest, gdbs[-len(oldest):])
    for i, (our, other) in enumerate(zip(ours, gdbs)):
        if our.startswith("["):
            break
        if i > 0 and ours[i - 1] == "main" and ours[-1] == "_start":
            return True
        if not is_same(our, other):
            print(f"{name}: frame {i}: {our}, gdb: {'|'.join(other)}")
            return False
    whole = [our for our in ours if not our.startswith("[")]
    known = [other[-1] for other in gdbs if "??" not in other]
    if len(whole) < len(known):
        print(f"{name}: {len(whole)} frames, gdb {len(known)}: {' <- '.join(ours[:8])} | {' <- '.join(known[:8])}")
        return False
    return True
