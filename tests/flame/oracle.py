#!/usr/bin/env python3
# tests/flame/oracle.py DIAG-FLAME DIAG-FOLD [SEEDS [SMALL [FIRST]]] - flame graphs of generated inputs equal a second, simple implementation
#
# SEEDS inputs have hundreds of stacks, SMALL further ones, from the number FIRST on, up to 12. The long form: 0 100000.
# The tree here is a dictionary of paths, built with a separate parser and exact fractions. Every box is compared: path,
# weight, share, place and width, and the merged width of each level.
import functools
import random
import subprocess
import sys
from fractions import Fraction

import folding
from picture import Picture

SEEDS = 66
SMALL = 330
SMALL_STACKS = 12
LEASTS = ('0.1', '0', '7.5')
WIDTH = 1200
MARGIN = 10


@functools.lru_cache(maxsize=100000)
def shown(raw):
    """The name as it is shown, with invisible characters escaped."""
    hidden = [(0, 0x1f), (0x7f, 0x9f), (0xad, 0xad), (0x61c, 0x61c), (0x180e, 0x180e), (0x200b, 0x200b),
              (0x200e, 0x200f), (0x2028, 0x202e), (0x2060, 0x206f), (0xfdd0, 0xfdef), (0xfeff, 0xfeff),
              (0xfff9, 0xfffb), (0xe0000, 0xe0fff)]
    out = ''
    for character in raw.decode('utf-8', 'surrogateescape'):
        code = ord(character)
        if 0xdc80 <= code <= 0xdcff:
            out += '\\x%02x' % (code - 0xdc00)
        elif code & 0xfffe == 0xfffe or any(first <= code <= last for first, last in hidden):
            out += '\\x%02x' % code if code < 0x80 else '\\u{%x}' % code
        else:
            out += character
    return out or '[empty]'


def parse(data):
    stacks = []
    if data.startswith(b'\xef\xbb\xbf'):
        data = data[3:]
    for line in data.split(b'\n'):
        line = line[:-1] if line.endswith(b'\r') else line
        if not line.strip(b' \t') or line[:1] == b'#' and (len(line) == 1 or line[1:2] in (b' ', b'\t', b'!')):
            continue
        line = line.rstrip(b' \t')
        cut = max(line.rfind(b' '), line.rfind(b'\t'))
        count = line[cut + 1:]
        stack = line[:cut].rstrip(b' \t') if cut >= 0 else b''
        whole, point, fraction = count.partition(b'.')
        if not whole.isdigit() or fraction and not fraction.isdigit() or not stack:
            continue
        frames = stack.split(b';')
        if frames[-1] == b'':
            frames.pop()
        stacks.append((tuple(shown(frame) for frame in frames), Fraction(count.decode().rstrip('.'))))
    return stacks


def has_bad_line(data):
    """Of the lines that this test makes."""
    return any(line.startswith((b'no ', b'minus', b'hex', b'exp')) for line in data.splitlines())


class Oracle:
    def __init__(self, stacks):
        self.weights = {}
        self.own = {}
        self.total = Fraction(0)
        for path, weight in stacks:
            self.total += weight
            self.own[path] = self.own.get(path, 0) + weight
            for depth in range(len(path) + 1):
                self.weights[path[:depth]] = self.weights.get(path[:depth], 0) + weight
        self.children = {}
        for path in self.weights:
            if path:
                self.children.setdefault(path[:-1], []).append(path)


WORDS = ['main', 'run', 'poll', 'foo', 'foo.part.0', 'foo1', 'foo bar', 'std::vector<int>::push_back(int&&)',
         'operator<', 'f', 'f.func1', 'f::{{closure}}', 'thread 7', 'a b c', '[unknown]', 'x_[k]', '-', '$lambda',
         '<init>', 'été', '日本語', 'a&b', '"q"', "it's", 'org/apache/Foo.bar', '0x1f', '(anonymous)', 'a=b', 'C:\\x']


def odd_bytes(random_):
    return bytes(random_.choice([b for b in range(256) if b not in (10, 13, 59)]) for _ in range(random_.randint(1, 12)))


def make_frame(random_, kind):
    if kind == 'bytes' and random_.random() < 0.5:
        return odd_bytes(random_).strip(b' \t') or b'x'
    if kind == 'bytes' and random_.random() < 0.05:
        return b''
    return random_.choice(WORDS).encode()


def make_count(random_, kind):
    if kind == 'fraction':
        return random_.choice(['%d.%d' % (random_.randint(0, 99), random_.randint(0, 999)), '3.', '0.5', '12'])
    if kind == 'zero' and random_.random() < 0.4:
        return '0'
    if kind == 'huge':
        return str(random_.randint(1, 2 ** 55))
    return str(int(random_.paretovariate(0.7)) if kind == 'tail' else random_.randint(1, 100))


def make_depth(random_, kind, is_small):
    return {'deep': random_.randint(20, 60) if is_small else random_.randint(50, 400), 'wide': 2}.get(kind, random_.randint(1, 12))


KINDS = ['plain', 'bytes', 'deep', 'wide', 'fraction', 'zero', 'huge', 'tail', 'repeat', 'sorted', 'noise']


def make_input(seed, is_small=False):
    random_ = random.Random(f'small {seed}' if is_small else seed)
    kind = KINDS[seed % len(KINDS)]
    lines = []
    stacks = random_.randint(1, SMALL_STACKS) if is_small else {'deep': 40, 'wide': 800, 'tail': 800}.get(kind, 300)
    for index in range(stacks):
        frames = [make_frame(random_, kind) for _ in range(make_depth(random_, kind, is_small))]
        if kind == 'wide':
            frames[-1] += b'%d' % index
        if kind == 'repeat':
            frames = [frames[0]] * len(frames)
        if not frames[0].strip(b' \t') or frames[0][:1] == b'#':
            frames[0] = b'start'
        if not frames[-1].strip(b' \t') and len(frames) > 1:
            frames[-1] = b'end'
        lines.append(b';'.join(frames) + random_.choice([b' ', b'\t', b'  ']) + make_count(random_, kind).encode())
        if kind == 'noise':
            lines.append(random_.choice([b'# comment 12', b'', b'no count', b'minus -3', b'hex 0x10', b'exp 1e3', b'   ']))
    if kind == 'sorted':
        lines.sort()
    if kind == 'repeat':
        lines += lines
    return kind, random_.choice([b'\n', b'\r\n']).join(lines) + random_.choice([b'', b'\n'])


def compare(oracle, picture, least_px):
    scale = 10 ** picture.info['weightDecimals']
    inner = Fraction(WIDTH - 2 * MARGIN)
    threshold = Fraction(least_px) * oracle.total / inner
    found = picture.by_path()
    assert len(found) == len(picture.boxes), 'one path has two boxes'
    expected = {path: weight for path, weight in oracle.weights.items() if not path or weight >= threshold}
    assert set(found) == set(expected), sorted(set(found) ^ set(expected))[:5]
    for path, weight in expected.items():
        box = found[path]
        assert box.width == weight * scale, (path, box.width, weight)
        siblings = sorted((child for child in oracle.children.get(path, []) if child in expected),
                          key=lambda child: child[-1].encode())
        assert [child.path for child in box.children] == siblings, path
        merged = [child for child in oracle.children.get(path, []) if child not in expected]
        check_merged(oracle, box, merged, scale)
    assert Fraction(int(picture.info['total']), scale) == oracle.total
    check_places(picture, found)


def check_merged(oracle, box, merged, scale):
    levels = []
    frames = 0
    level = merged
    while level:
        levels.append(sum(oracle.weights[path] for path in level) * scale)
        frames += len(level)
        level = [child for path in level for child in oracle.children.get(path, [])]
    while levels and levels[-1] == 0:
        levels.pop()
    assert box.profile == levels, (box.path, box.profile, levels)
    assert box.merged_frames == frames


def check_places(picture, found):
    total = int(picture.info['total'])
    tenths = (WIDTH - 2 * MARGIN) * 10

    def edge(weight):
        return (weight * tenths * 2 + total) // (2 * total) / 10

    drawn = {(round(x, 1), y, round(width, 1)) for _, x, y, width in picture.drawn() + picture.path_boxes()}
    rows = sorted({y for _, y, _ in drawn})
    for path, box in found.items():
        left = edge(box.start)
        width = round(edge(box.start + box.width) - left, 1)
        inked = round(width - 0.5 if width > 3 else width, 1)
        if width >= 0.5 and len(path) < len(rows):
            y = rows[len(rows) - 1 - len(path)]
            assert (round(left + MARGIN, 1), y, inked) in drawn, (path, left, width)
    weights = {Fraction(box.width, 10 ** picture.info['weightDecimals']) for box in found.values()}
    for title, *_ in picture.drawn():
        check_title(title, picture, weights, total)


def check_title(title, picture, weights, total):
    _, _, rest = title.rpartition(' (')
    samples, share = rest.rstrip(')').split(', ')
    scale = 10 ** picture.info['weightDecimals']
    value = Fraction(samples.split(' ')[0].replace(',', ''))
    percent = (value * scale * 20000 + total) // (2 * total)
    assert share == '%d.%02d%%' % (percent // 100, percent % 100), title
    assert value in weights, title


def run(program, data, *options):
    result = subprocess.run([program, '-q', '--width', str(WIDTH), *options, '-'], input=data,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return result.returncode, result.stdout, result.stderr


def check_folded_back(fold, oracle, svg):
    """With nothing merged, the folded stacks come back as they were."""
    result = folding.fold_picture(fold, svg)
    assert result.returncode == 0, result.stderr
    own = {}
    for path, weight in parse(result.stdout):
        own[path] = own.get(path, 0) + weight
    expected = {path: weight for path, weight in oracle.own.items()}
    for path in set(own) | set(expected):
        assert own.get(path, 0) == expected.get(path, 0), path


def check(programs, seed, made, least):
    try:
        check_picture(programs, seed, made, least)
    except AssertionError:
        print(f'input {seed}, {made[0]}, --minwidth {least}:', made[1], file=sys.stderr)
        raise


def check_picture(programs, seed, made, least):
    kind, data = made
    oracle = Oracle(parse(data))
    # A few lines can all have two counts, or look like another format.
    status, svg, errors = run(programs[0], data, '--minwidth', least, '--input-format', 'folded', '--no-script')
    if oracle.total == 0:
        assert status == 1 and b'no stacks' in svg, (seed, kind, status, errors)
        return
    assert status == (3 if b'cannot be used' in errors else 0), (seed, kind, status, errors)
    assert (status == 3) == (kind == 'noise' and has_bad_line(data)), (seed, kind, errors)
    compare(oracle, Picture(svg), least)
    if least == '0':
        check_folded_back(programs[1], oracle, svg)


def main():
    programs = sys.argv[1:3]
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else SEEDS
    small = int(sys.argv[4]) if len(sys.argv) > 4 else SMALL
    for seed in range(seeds):
        for least in LEASTS:
            check(programs, seed, make_input(seed), least)
    first = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    for seed in range(first, first + small):
        check(programs, seed, make_input(seed, True), LEASTS[seed % len(LEASTS)])
    print(f'{seeds} inputs, each drawn at 3 widths of pruning, and {small} small ones: every box agrees')


if __name__ == '__main__':
    main()
