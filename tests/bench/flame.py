#!/usr/bin/env python3
# tests/bench/flame.py DIAG-FLAME GENERATOR [STACKS...] - time, memory and size of large flame graphs
#
# For each number of distinct stacks (100000 and 1000000 otherwise): generates the input, draws it three times, keeps
# the least processor time, which other programs change less than the time on the clock, and opens the picture in a browser if
# there is one. Exits 1 if a budget is exceeded. Prints the time as a multiple of that of cksum, which reads the same bytes once,
# in the same rounds: it depends less on the machine.
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'flame'))
import browser  # noqa: E402
import interaction  # noqa: E402

ROUNDS = 3
MEBIBYTE = 1 << 20
CKSUM = '/usr/bin/cksum'
# stacks: seconds of a processor, bytes of memory, bytes of the picture. Measured on a machine of two busy cores: 0.22 s, 21 MiB and
# 0.90 MB; 2.3 s, 158 MiB and 1.15 MB.
BUDGETS = {100000: (0.28, 30 * MEBIBYTE, 1000000), 1000000: (2.8, 200 * MEBIBYTE, 1250000)}


def spawn(arguments, output):
    """Seconds of a processor and the largest memory of a program that writes to a file."""
    pid = os.posix_spawn(arguments[0], arguments, os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, (arguments, status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def true_share(path, word):
    matched = total = 0
    with open(path, 'rb') as file:
        for line in file:
            stack, _, weight = line.rpartition(b' ')
            total += int(weight)
            matched += int(weight) if word in stack else 0
    return matched * 100 / total


def measure(program, generator, stacks, folder):
    folded, svg = os.path.join(folder, f'{stacks}.folded'), os.path.join(folder, f'{stacks}.svg')
    spawn([generator, str(stacks)], folded)
    pairs = [(spawn([program, '-q', folded], svg), spawn([CKSUM, folded], os.devnull)) for _ in range(ROUNDS)]
    runs, others = zip(*pairs)
    seconds, memory = min(run[0] for run in runs), max(run[1] for run in runs)
    size = os.path.getsize(svg)
    print(f'{stacks:>9} stacks, {os.path.getsize(folded) / 1e6:.0f} MB of text: {seconds:.2f} s '
          f'({", ".join(f"{run[0]:.2f}" for run in runs)}), {memory / MEBIBYTE:.0f} MiB, picture {size / 1e6:.2f} MB, '
          f'{seconds / min(run[0] for run in others):.2f} times cksum')
    if browser.available():
        look(svg, true_share(folded, b'alloc'))
    os.unlink(folded)
    limits = BUDGETS.get(stacks, (None, None, None))
    return all(limit is None or value <= limit for value, limit in zip((seconds, memory, size), limits))


def look(svg, share):
    with browser.Browser() as window:
        window.open('about:blank')
        window.open('file://' + svg)
        print(f'          in the browser: {interaction.times(window)}')
        print(f'          search alloc: {window.text("#status")}; true: {share:.2f} %')


def main():
    program, generator = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    counts = [int(text) for text in sys.argv[3:]] or sorted(BUDGETS)
    with tempfile.TemporaryDirectory(prefix='diag-flame-bench-') as folder:
        results = [measure(program, generator, stacks, folder) for stacks in counts]
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main()
