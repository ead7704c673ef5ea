"""groups.py - control groups with a limit, of whichever version this machine has, for the live tests"""
import contextlib
import os
import time

ROOT = "/sys/fs/cgroup"
LIMITS = {"memory": ("memory.max", "memory.limit_in_bytes"), "pids": ("pids.max", "pids.max")}


class Group:
    """`directory`, and `limit`: the file that sets its limit."""

    def __init__(self, directory, limit):
        self.directory, self.limit = directory, f"{directory}/{limit}"

    def inside(self):
        """A command that runs another one in the group."""
        return "sh", "-c", f'echo $$ >{self.directory}/cgroup.procs && exec "$@"', "sh"

    def number(self, file, word):
        """What a file of the group, with a word and a number in each line, says; None if nothing."""
        try:
            with open(f"{self.directory}/{file}", encoding="ascii") as lines:
                return next((int(line.split()[1]) for line in lines if line.split()[0] == word), None)
        except FileNotFoundError:
            return None


def place_for(controller):
    """The directory that groups go to, and the name of the limit."""
    second, first = LIMITS[controller]
    try:
        with open(f"{ROOT}/cgroup.subtree_control", encoding="ascii") as controllers:
            if controller in controllers.read().split():
                return ROOT, second
    except FileNotFoundError:
        pass
    if os.access(f"{ROOT}/{controller}", os.W_OK):
        return f"{ROOT}/{controller}", first
    return None, None


def remove(directory):
    """When its last process has gone, which takes a moment."""
    for attempt in range(100):
        try:
            os.rmdir(directory)
            return
        except OSError:
            if attempt == 99:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def limited(controller, value):
    """A group with this limit; None where there can be none."""
    parent, limit = place_for(controller)
    if not parent:
        yield None
        return
    group = Group(f"{parent}/diag-test-{controller}.{os.getpid()}", limit)
    os.mkdir(group.directory)
    try:
        with open(group.limit, "w", encoding="ascii") as file:
            file.write(str(value))
        yield group
    finally:
        remove(group.directory)
