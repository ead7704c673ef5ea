# tests/flame/folding.py - the stacks that diag-fold finds in a flame graph
import subprocess
import tempfile


def fold_picture(program, svg, *options, timeout=120):
    """The finished process of diag-fold, which reads files only."""
    with tempfile.NamedTemporaryFile(suffix='.svg') as file:
        file.write(svg)
        file.flush()
        return subprocess.run([program, *options, file.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)


def stacks(program, svg, *options):
    """The stacks of a flame graph and their counts."""
    folded = fold_picture(program, svg, *options)
    assert folded.returncode == 0, folded.stderr
    return {line.rsplit(' ', 1)[0]: int(line.rsplit(' ', 1)[1]) for line in folded.stdout.decode().splitlines()}


def total(lines):
    """The sum of the last column; counts are whole numbers."""
    return sum(int(line.rsplit(b' ', 1)[1]) for line in lines.splitlines())
