#!/usr/bin/env python3
# tests/flame/roots.py DIAG-FLAME DIAG-FOLD TRACE - the roots of --roots, reached with the keyboard
#
# TRACE has hits of probes on a real kernel, in several control groups.
import collections
import os
import re
import subprocess
import sys
import tempfile
import unittest

from browser import Browser, skip_without_browser

FLAME = FOLD = TRACE = ''
ROOTS = ['cgroup', 'ancestors', 'comm']


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60).stdout.decode()


def children(lines, *path):
    """By name, the weight of what is above the path in folded lines."""
    found = collections.Counter()
    for line in lines:
        stack, _, weight = line.rpartition(' ')
        frames = stack.split(';')
        if tuple(frames[:len(path)]) == path and len(frames) > len(path):
            found[frames[len(path)]] += int(weight)
    return dict(found)


class Roots(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='diag-flame-test-')
        cls.browser = Browser(1400, 1000)
        cls.browser.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def open(self, *options):
        """Draws the trace, opens the flame graph, and returns the lines of diag-fold for the same options."""
        path = os.path.join(self.folder.name, 'picture.svg')
        run(FLAME, '-q', '--minwidth', '0', '-o', path, *options, TRACE)
        self.browser.open('about:blank')
        self.browser.open('file://' + path)
        self.browser.press('f')
        return run(FOLD, *[option for option in options if option != '--with-command'], TRACE).splitlines()

    def frame_at_cursor(self):
        """Name and count of the frame that the keyboard is at."""
        return re.match(r'(.*), ([\d,]+) events?, ', self.browser.text('#live')).groups()

    def enter_root(self):
        self.browser.press('ArrowUp')
        self.assertEqual(self.frame_at_cursor()[0], 'all')
        self.browser.press('ArrowUp')

    def walk_siblings(self):
        """By name, the count of the frame that the keyboard is at and of all beside it; ends at the last one."""
        last = None
        while last != (last := self.frame_at_cursor()):
            self.browser.press('ArrowLeft')
        found = {}
        last = None
        while last != (last := self.frame_at_cursor()):
            found[last[0]] = found.get(last[0], 0) + int(last[1].replace(',', ''))
            self.browser.press('ArrowRight')
        return found

    def test_children_of_the_root_are_control_groups_and_theirs_the_eldest_ancestors(self):
        lines = self.open('--roots', ','.join(ROOTS))
        expected = children(lines)
        self.assertGreater(len(expected), 1)
        self.enter_root()
        self.assertEqual(self.walk_siblings(), expected)
        last = self.frame_at_cursor()[0]
        self.browser.press('ArrowUp')
        self.assertEqual(self.walk_siblings(), children(lines, last))

    def test_every_kind_of_root_alone_is_drawn_first(self):
        for root in ROOTS + ['pid', 'cpu', 'probe', 'none']:
            with self.subTest(root=root):
                expected = children(self.open('--roots', root))
                self.enter_root()
                self.assertEqual(self.walk_siblings(), expected)

    def test_the_title_lines_show_the_origin(self):
        self.open('--roots', 'cgroup')
        head = self.browser.text('.lines')
        for text in ('probe on guest, 20', ' UTC for ', ' events; '):
            self.assertIn(text, head)
        details = self.browser.text('.details')
        for text in ('guest, Linux 6.', 'probe; from 20', ' UTC for ', '; none lost', 'trace: probes.dz ('):
            self.assertIn(text, details)
        self.assertNotIn('recorded by:', details)
        self.open('--roots', 'cgroup', '--with-command')
        self.assertIn('recorded by: diag-record ', self.browser.text('.details'))


if __name__ == '__main__':
    skip_without_browser()
    FLAME, FOLD, TRACE = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1])
