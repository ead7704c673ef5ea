#!/usr/bin/env python3
# tests/flame/known_options.py DIAG-FLAME MAN-PAGE - the table of options of other programs in diag-flame(1)
#
# Each option of flamegraph.pl and inferno-flamegraph has a row, and does what its row says.
import re
import subprocess
import sys

FLAMEGRAPH_PL = '''bgcolors colors countname cp encoding factor flamechart fontsize fonttype fontwidth hash height help inverted minwidth
nameattr nametype negate notes random reverse subtitle title total width'''.split()
INFERNO = '''base bgcolors c colordiffusion colors countname cp deterministic factor flamechart fontsize fonttype fontwidth h hash
height help i inverted minwidth nameattr nametype negate no-javascript no-sort notes pretty-xml q quiet reverse search-color
stroke-color subtitle title truncate-text-right uicolor v verbose width'''.split()


def read_rows(path):
    with open(path, encoding='utf-8') as page:
        section = page.read().split('# OPTIONS OF OTHER PROGRAMS\n')[1].split('\n# ')[0]
    for options, meaning in re.findall(r'^\| (\S.*?) \| (\S.*?) \|$', section, re.M):
        for option in options.replace('\\', '').split(', '):
            yield option, meaning


def run(program, words):
    return subprocess.run([program, *words, '-'], input=b'a;b 30\na;c 10\n', stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)


def check(program, option, meaning):
    words = option.split(' ')
    result = run(program, words)
    where = (option, meaning, result.returncode, result.stderr)
    if meaning.startswith('refused'):
        assert result.returncode == 2 and result.stderr, where
        return
    assert result.returncode == 0, where
    assert meaning.startswith(('same', 'different: ')), where
    assert (b'no effect' in result.stderr) == ('a note, no effect' in meaning), where
    if words[0] not in ('-h', '--help'):
        assert b'</svg>' in result.stdout, where
    name = words[0].lstrip('-')
    if words[0].startswith('--') and name in FLAMEGRAPH_PL:
        assert run(program, ['-' + name, *words[1:]]).stdout == result.stdout, where


def main():
    program, page = sys.argv[1:3]
    rows = list(read_rows(page))
    for option, meaning in rows:
        check(program, option, meaning)
    described = {option.split(' ')[0].lstrip('-') for option, _ in rows}
    missing = sorted(set(FLAMEGRAPH_PL + INFERNO) - described)
    assert not missing, missing
    note = run(program, ['--total', '5']).stderr
    assert b'--total: less than the sum' in note, note
    print(f'{len(rows)} options do what the page says')


if __name__ == '__main__':
    main()
