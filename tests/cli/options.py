#!/usr/bin/env python3
# options.py BUILD-DIRECTORY SOURCE-DIRECTORY - the manual page of each program and its --help have the same options
import os
import re
import subprocess
import sys

PROGRAMS = ('diag-record', 'diag-report', 'diag-fold', 'diag-flame')


def options_of_help(program):
    text = subprocess.run([program, '--help'], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          env={**os.environ, 'ARGP_HELP_FMT': 'rmargin=79'}).stdout.decode()
    found = set()
    for line in text.splitlines():
        # Names and arguments, then at least two spaces and the description.
        match = re.match(r' {2,6}(-.*?)(?: {2,}|$)', line)
        if match:
            found.update(re.match(r'--[a-z-]+|-.', word).group() for word in match[1].split(', '))
    return found


def options_of_page(text):
    """All options in the page, and those with a description."""
    name = r'\*\*\\?(--[a-z][a-z-]*|-[A-Za-z?])(?:=[^*]*)?\*\*'
    explained = set()
    lines = text.splitlines()
    for line, following in zip(lines, lines[1:]):
        if re.match(name, line) and following.startswith(':'):
            explained.update(re.findall(name, line))
    return set(re.findall(name, text)), explained


def check(what, wrong):
    print('not ok' if wrong else 'ok', '-', what)
    for option in sorted(wrong):
        print('    ' + option)
    return not wrong


def main(build, source):
    fine = True
    for program in PROGRAMS:
        shown = options_of_help(os.path.join(build, 'bin', program))
        with open(os.path.join(source, 'docs', program + '.1.md'), encoding='utf-8') as page:
            named, explained = options_of_page(page.read())
        fine &= check(f'{program} --help shows options', set() if len(shown) > 20 else shown | {'only these'})
        fine &= check(f'{program}(1) names each option that --help shows', shown - named)
        fine &= check(f'{program} --help shows each option that the page explains', explained - shown)
    return 0 if fine else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
