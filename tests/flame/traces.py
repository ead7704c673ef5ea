#!/usr/bin/env python3
# tests/flame/traces.py DIAG-FLAME DIAG-FOLD DIAG-REPORT SECTIONS TRACE... - flame graphs of traces agree with the other readers
#
# SECTIONS is a trace of diag-record -e run.
import collections
import json
import os
import re
import subprocess
import sys
import unittest

import folding
from picture import Picture

# What diag-fold prints of exits, and diag-flame draws on request only.
ALL = ['--clean-exits', '--whole-stacks']
FLAME = FOLD = REPORT = SECTIONS = DEATHS = ''
TRACES = []


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode in (0, 3), (command, result.stderr)
    return result.stdout


def counts(lines):
    stacks = collections.Counter()
    for line in lines.splitlines():
        stack, _, weight = line.rpartition(b' ')
        stacks[stack] += int(weight)
    return stacks


def folded(*command):
    return counts(run(*command))


class Traces(unittest.TestCase):
    def test_a_flame_graph_has_the_stacks_that_diag_fold_prints(self):
        for trace in TRACES:
            picture = run(FLAME, '-q', '--minwidth', '0', *ALL, trace)
            back = folding.fold_picture(FOLD, picture)
            self.assertEqual(back.returncode, 0, back.stderr)
            self.assertEqual(counts(back.stdout), folded(FOLD, trace), trace)
            self.assertEqual(int(Picture(picture).info['total']), folding.total(back.stdout), trace)

    def test_totals_agree_whatever_was_merged(self):
        for trace in TRACES:
            back = folding.fold_picture(FOLD, run(FLAME, '-q', '--minwidth', '60%', *ALL, trace))
            self.assertRegex(back.stdout, rb'\[\d+ merged frames\] \d')
            self.assertEqual(folding.total(back.stdout), sum(folded(FOLD, trace).values()), trace)

    def test_exits_are_as_many_as_in_diag_report(self):
        for trace in TRACES:
            exits = sum(json.loads(line)['type'] == 'exit' for line in run(REPORT, '--json', '-e', 'exit', trace).splitlines())
            if exits == 0:
                continue
            picture = Picture(run(FLAME, '-q', '-e', 'exit', *ALL, trace))
            lost = sum(weights[0] for name, weights in picture.totals.items() if name == '[lost]')
            self.assertEqual(int(picture.info['total']) - lost, exits, trace)

    def test_a_flame_graph_shows_its_origin(self):
        for trace in TRACES:
            info = Picture(run(FLAME, '-q', trace)).info
            title_lines = ' '.join(info['titleLines'])
            summary = run(REPORT, '--info', '--verbose', trace).decode()
            host, when = re.fullmatch(r'.* on ([^,]*), (.*)', info['subtitle']).groups()
            self.assertIn(host, summary, trace)
            self.assertRegex(when, r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC for \d')
            uuid = re.search(r'uuid +(\S+)', summary).group(1)
            self.assertIn(f'trace: {os.path.basename(trace)} ({uuid})', info['titleLines'])
            self.assertRegex(title_lines, r'Linux \d.*from \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC for ', trace)
            self.assertEqual(info['unit'], 'events')
        self.assertTrue(Picture(run(FLAME, '-q', SECTIONS)).info['subtitle'].startswith('sample on guest, '))

    def test_the_command_of_the_recorder_is_there_on_request_only(self):
        for trace in TRACES:
            command = re.search(r'recorder\.command +(.*)', run(REPORT, '--info', '--verbose', trace).decode())
            hidden, shown = run(FLAME, '-q', *ALL, trace), run(FLAME, '-q', *ALL, '--with-command', trace)
            self.assertNotIn(b'recorded by:', hidden, trace)
            self.assertEqual(bool(command), b'recorded by:' in shown, trace)

    def test_exits_are_drawn_from_main_to_the_culprit_without_clean_ones(self):
        exits = [json.loads(line) for line in run(REPORT, '--json', '-e', 'exit', DEATHS).splitlines()]
        exits = [end for end in exits if end['type'] == 'exit']
        clean = [end for end in exits if end['cause']['kind'] == 'exit']
        self.assertGreater(len(clean), 0)
        picture = Picture(run(FLAME, '-q', '-e', 'exit', '--minwidth', '0', DEATHS))
        lost = sum(weights[0] for name, weights in picture.totals.items() if name == '[lost]')
        self.assertEqual(int(picture.info['total']) - lost, len(exits) - len(clean))
        self.assertTrue([line for line in picture.info['titleLines'] if f'{len(clean)} exit' in line and '--clean-exits' in line])
        whole = Picture(run(FLAME, '-q', '-e', 'exit', '--minwidth', '0', *ALL, DEATHS))
        hidden = set(whole.names) - set(picture.names)
        self.assertTrue({'abort', 'raise'} & hidden or 'do_exit' in hidden, hidden)
        self.assertIn('main', picture.names)
        causes = {end['cause']['kind'] for end in exits} - {'exit'}
        self.assertEqual({box.name for box in picture.boxes if box.level == 2 and box.name in causes}, causes)
        self.assertNotIn('exit_code', whole.names)

    def test_time_in_sections_is_that_of_diag_report(self):
        sections = {}
        for line in run(REPORT, '--json', SECTIONS).splitlines():
            event = json.loads(line)
            if event['type'] == 'section':
                sections[event['id']] = event['duration_ns']
        self.assertGreater(len(sections), 1)
        for number, duration in sections.items():
            for chart in ([], ['--chart']):
                picture = Picture(run(FLAME, '-q', '--section', str(number), *chart, SECTIONS))
                self.assertEqual(int(picture.info['total']), duration)
                self.assertIn(f'drawn: section {number}', picture.info['titleLines'])
        picture = Picture(run(FLAME, '-q', '--weight', 'time', SECTIONS))
        self.assertEqual(int(picture.info['total']), sum(sections.values()))
        self.assertEqual(picture.info['unit'], 'ns')

    def test_a_chart_of_a_section_is_in_time_order(self):
        steps = folded(FOLD, '--section', '1', SECTIONS)
        back = folding.fold_picture(FOLD, run(FLAME, '-q', '--minwidth', '0', '--section', '1', '--chart', SECTIONS))
        self.assertEqual(counts(back.stdout), steps)
        self.assertGreater(len(back.stdout.splitlines()), len(steps), 'a path that comes again is drawn again')

    def test_a_trace_without_stacks_is_reported(self):
        result = subprocess.run([FLAME, '-q', '-e', 'exit', SECTIONS], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b'no stacks in the selected events', result.stderr)
        self.assertIn(b'use --weight time', result.stderr)
        result = subprocess.run([FLAME, '-q', '-e', 'exit', '--weight', 'time', SECTIONS], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b'no stacks with a time in the selected events', result.stderr)

    def test_roots_and_filters_are_those_of_diag_fold(self):
        for trace in TRACES:
            for options in (['--roots', 'cgroup,process'], ['--roots', 'none'], ['--no-kernel'], ['-p', '1-100000']):
                try:
                    stacks = folded(FOLD, *options, trace)
                    picture = Picture(run(FLAME, '-q', '--minwidth', '0', *ALL, *options, trace))
                except AssertionError as error:
                    self.assertIn('no stack', str(error))
                    continue
                self.assertEqual(int(picture.info['total']), sum(stacks.values()), (trace, options))


if __name__ == '__main__':
    FLAME, FOLD, REPORT, SECTIONS = sys.argv[1:5]
    TRACES = sys.argv[5:]
    DEATHS = next(trace for trace in TRACES if os.path.basename(trace) == 'deaths.dz')
    unittest.main(argv=sys.argv[:1])
