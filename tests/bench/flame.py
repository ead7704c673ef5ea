#!/usr/bin/env python3
# tests/bench/flame.py DIAG-FLAME GENERATOR [OTHER-DIAG-FLAME] [STACKS...] - time, memory and size of large flame graphs
#
# For each number of distinct stacks (100000 and 1000000 otherwise): generates the input, draws it five times, and opens the
# picture in a browser if there is one. Exits 1 if a budget is exceeded. Of the times by the clock, the least counts: other
# programs make it longer, never shorter. Prints it as a multiple of that of cksum, which reads the same bytes once, and of that
# of another diag-flame, in the same rounds: these depend less on the machine.
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'flame'))
import browser  # noqa: E402
import interaction  # noqa: E402

ROUNDS = 5
MEBIBYTE = 1 << 20
CKSUM = '/usr/bin/cksum'
# stacks: seconds by the clock, bytes of memory, bytes of the picture. 100,000 stacks take 0.16 to 0.19 s on a quiet machine with two
# processors, and 25 MiB.
BUDGETS = {100000: (0.25, 30 * MEBIBYTE, 1000000), 1000000: (2.5, 200 * MEBIBYTE, 1250000)}


def spawn(arguments, output):
    """Seconds by the clock and of processors, and the largest memory, of a program that writes to a file."""
    start = time.monotonic()
    pid = os.posix_spawn(arguments[0], arguments, os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, (arguments, status)
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def true_share(path, word):
    matched = total = 0
    with open(path, 'rb') as file:
        for line in file:
            stack, _, weight = line.rpartition(b' ')
            total += int(weight)
            matched += int(weight) if word in stack else 0
    return matched * 100 / total


def times_as_long(runs, others, name):
    return f'{min(run[0] for run in runs) / min(run[0] for run in others):.2f} times {name}'


def measure(program, generator, other, stacks, folder):
    folded, svg = os.path.join(folder, f'{stacks}.folded'), os.path.join(folder, f'{stacks}.svg')
    spawn([generator, str(stacks)], folded)
    commands = [([program, '-q', folded], svg), ([CKSUM, folded], os.devnull)]
    if other:
        commands.append(([other, '-q', folded], os.devnull))
    rounds = [[spawn(*command) for command in commands] for _ in range(ROUNDS)]
    runs, *others = zip(*rounds)
    seconds, memory = min(run[0] for run in runs), max(run[2] for run in runs)
    size = os.path.getsize(svg)
    print(f'{stacks:>9} stacks, {os.path.getsize(folded) / 1e6:.0f} MB of text: {seconds:.2f} s '
          f'({", ".join(f"{run[0]:.2f}" for run in runs)}), {min(run[1] for run in runs):.2f} s of processors, '
          f'{memory / MEBIBYTE:.0f} MiB, picture {size / 1e6:.2f} MB, '
          f'{", ".join(map(times_as_long, [runs] * 2, others, ["cksum", other]))}')
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
        window.run('const box = document.getElementById("search"); box.value = "alloc"; box.dispatchEvent(new Event("input"))')
        while window.run('return document.getElementById("status").getAttribute("aria-busy")') == 'true':
            time.sleep(0.02)
        print(f'          search alloc: {window.text("#status")}; true: {share:.2f} %')


def main():
    program, generator, *rest = sys.argv[1:]
    program, generator = os.path.abspath(program), os.path.abspath(generator)
    other = os.path.abspath(rest.pop(0)) if rest and not rest[0].isdigit() else None
    counts = [int(text) for text in rest] or sorted(BUDGETS)
    with tempfile.TemporaryDirectory(prefix='diag-flame-bench-') as folder:
        results = [measure(program, generator, other, stacks, folder) for stacks in counts]
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main()
