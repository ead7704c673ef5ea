"""recording.py - begins and ends a recording, for the benches"""
import signal
import subprocess
import sys


def begin(build, path, *options):
    """A recorder that is recording."""
    recorder = subprocess.Popen([f"{build}/bin/diag-record", "--force", "-o", path, *options], stderr=subprocess.PIPE, text=True)
    for line in recorder.stderr:
        if "recording to" in line:
            return recorder
    sys.exit("diag-record does not start")


def end(process):
    """Ends a program as Ctrl-C does. What it printed."""
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=60)[0]
