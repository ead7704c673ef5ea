"""bpf_stats.py - lets the kernel count the run time of BPF programs, which costs time too"""
import contextlib

SWITCH = "/proc/sys/kernel/bpf_stats_enabled"


@contextlib.contextmanager
def counted():
    """Counts inside of `with`, and then sets the switch back to what it was."""
    with open(SWITCH, "r+", encoding="ascii") as enabled:
        before = enabled.read()
        enabled.seek(0)
        enabled.write("1")
    try:
        yield
    finally:
        with open(SWITCH, "w", encoding="ascii") as enabled:
            enabled.write(before)
