#!/usr/bin/env python3
# tests/flame/text_options.py DIAG-FLAME DIAG-FOLD - options that select events and frames, on text
import subprocess
import sys
import unittest

import folding

PROGRAM = FOLD = ''

PERF = ''.join(f'{comm} {pid}/{tid} [{cpu:03}] {time}: {period} cycles: \n\tffff81 vfs_read ([kernel.kallsyms])\n'
               f'\t401136 work (/bin/{comm})\n\n'
               for comm, pid, tid, cpu, time, period in (('srv', 7, 8, 0, '1.000000', 10), ('srv', 7, 9, 1, '1.500000', 20),
                                                         ('cli x', 12, 12, 1, '2.000000', 40)))
FOLDED = 'srv;work;vfs_read_[k] 3\n'


def run(data, *options, expect=0):
    result = subprocess.run([PROGRAM, '--minwidth', '0', *options, '-'], input=data.encode(), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == expect, (options, result.returncode, result.stderr)
    return result


def fold(data, *options):
    return folding.stacks(FOLD, run(data, *options).stdout)


class Selection(unittest.TestCase):
    def test_each_option_selects_samples(self):
        srv, cli = 'srv;work;vfs_read', 'cli x;work;vfs_read'
        for options, expected in ((['-c', 'srv'], {srv: 30}), (['-c', 'c*x'], {cli: 40}), (['-p', '7'], {srv: 30}),
                                  (['-t', '9,12'], {srv: 20, cli: 40}), (['-C', '1'], {srv: 20, cli: 40}),
                                  (['--since', '+0.5s'], {srv: 20, cli: 40}), (['--until', '@1.5'], {srv: 10}),
                                  (['-p', '7', '-C', '1', '--since', '@1.2'], {srv: 20})):
            with self.subTest(options=options):
                self.assertEqual(fold(PERF, *options), expected)

    def test_a_selection_of_nothing_says_so(self):
        self.assertIn(b'the options select none of 3 stacks', run(PERF, '-p', '99', expect=1).stderr)

    def test_frames_are_chosen_by_their_type(self):
        self.assertEqual(fold(PERF, '--no-kernel'), {'srv;work': 30, 'cli x;work': 40})
        self.assertEqual(fold(PERF, '--no-user'), {'srv;vfs_read': 30, 'cli x;vfs_read': 40})
        self.assertEqual(fold(FOLDED, '--no-kernel'), {'srv;work': 3})
        self.assertEqual(fold(PERF, '--no-kernel', '--no-user', '--roots', 'none'), {'[empty]': 70})

    def test_roots_are_those_that_the_text_has(self):
        self.assertEqual(fold(PERF, '--roots', 'pid,tid,cpu', '-p', '7'),
                         {'pid:7;tid:8;cpu:0;work;vfs_read': 10, 'pid:7;tid:9;cpu:1;work;vfs_read': 20})
        self.assertEqual(fold(PERF, '--roots', 'none'), {'work;vfs_read': 70})

    def test_one_id_is_compared_by_both_options_which_is_said(self):
        text = 'srv 8 1.5: 10 cycles: \n\t401136 work (/bin/srv)\n\n'
        for option in ('-p', '-t'):
            self.assertEqual(fold(text, option, '8'), {'srv;work': 10})
            self.assertIn(b'one id for each sample', run(text, option, '8').stderr)

    def test_a_picture_can_be_selected_from_by_type(self):
        picture = run(FOLDED).stdout.decode()
        self.assertEqual(fold(picture, '--no-kernel'), {'srv;work': 3})
        self.assertIn(b'--comm: no effect here', run(picture, '-c', 'srv', expect=2).stderr)


class Refusals(unittest.TestCase):
    def test_options_without_effect_on_perf_script(self):
        for options in (['-e', 'exit'], ['--uid', '3'], ['--cgroup', '/a'], ['--signals', 'TERM'], ['--failed'], ['--utc'],
                        ['--section', '3'], ['--weight', 'time'], ['--roots', 'cgroup'], ['--until', '14:02'],
                        ['--since', '-3s'], ['--two-columns']):
            with self.subTest(options=options):
                self.assertIn(b'no effect here', run(PERF, *options, expect=2).stderr)
        no_cpu = PERF.replace('[000] ', '').replace('[001] ', '')
        self.assertIn(b'--cpu: no effect here', run(no_cpu, '-C', '1', expect=2).stderr)

    def test_options_without_effect_on_folded_text(self):
        for options in (['-c', 'srv'], ['-p', '3'], ['-t', '3'], ['-C', '0'], ['--since', '+1s'], ['--roots', 'none'],
                        ['--roots', 'pid'], ['--perf-event', 'cycles']):
            with self.subTest(options=options):
                self.assertIn(b'no effect here', run(FOLDED, *options, expect=2).stderr)


if __name__ == '__main__':
    PROGRAM, FOLD = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
