#!/usr/bin/env python3
# tests/flame/design.py DIAG-FLAME SOURCE - flame graphs and pages have one design: the variables of text/page_style.css
#
# Few viewers of images read variables, so the SVG elements of a flame graph have literal colours. Each must be that of a
# variable, light or dark, and the frame types of the variables must be the middle shades of the palette.
import re
import subprocess
import sys
import unittest

PROGRAM = SOURCE = ''
TYPES = {'u': 'user', 'l': 'library', 'k': 'kernel', 'j': 'jit', 'i': 'inlined', 'g': 'group', 'x': 'unknown', 'o': 'lost'}
# Dark text of labels on every colour; the hatch of what only the old side has; white.
OTHERS = {'#15181c', '#b9d3f3', '#5a92d6', '#fff'}


def read(path):
    with open(f'{SOURCE}/{path}') as file:
        return re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)


def split(text):
    """The rules outside of the dark scheme, and those in it."""
    light, rest = text.split('@media (prefers-color-scheme:dark){')
    dark, _, tail = rest.partition('\n}\n@media')
    return light + tail, dark


def variables(text):
    return dict(re.findall(r'(--[a-z0-9-]+):([^;}\n]+)', text))


def channels(colour):
    digits = colour[1:] if len(colour) == 7 else ''.join(c * 2 for c in colour[1:])
    return [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]


def luminance(colour):
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class Design(unittest.TestCase):
    def setUp(self):
        self.page = split(read('text/page_style.css'))
        self.light = variables(self.page[0])
        self.dark = {**self.light, **variables(self.page[1])}

    def test_colours_of_svg_elements_are_those_of_variables(self):
        light, dark = split(read('flame/svg/style.css'))
        for rules, values in ((light, self.light), (dark, self.dark)):
            self.assertEqual(set(re.findall(r'#[0-9a-f]{3,8}\b', re.sub(r'#view|#cursor|#hatch', '', rules)))
                             - set(values.values()) - OTHERS, set())

    def test_rules_of_controls_use_variables_only(self):
        rules = re.sub(r':root\{.*?\}', '', self.page[0] + self.page[1], flags=re.S)
        self.assertEqual(re.findall(r'#[0-9a-f]{3,8}\b', rules), ['#0006'])  # a shadow
        self.assertEqual(set(re.findall(r'var\((--[a-z0-9-]+)\)', rules)) - set(self.light), set())

    def test_frame_types_have_their_middle_shade(self):
        svg = subprocess.run([PROGRAM, '-'], input=b'a 1\n', stdout=subprocess.PIPE, check=True).stdout.decode()
        for letter, name in TYPES.items():
            self.assertIn(f'.{letter}4{{fill:{self.light["--" + name]}}}', svg)
            self.assertGreater(contrast(self.light['--' + name], '#15181c'), 4.5)

    def test_text_can_be_read(self):
        for values in (self.light, self.dark):
            for name in ('--ink', '--ink-2', '--ink-3', '--error', '--crashed', '--killed', '--oom', '--failed', '--clean'):
                self.assertGreater(contrast(values[name], values['--page']), 4.5, name)
            self.assertGreater(contrast(values['--on-tip'], values['--tip']), 4.5)
            self.assertGreater(contrast(values['--on-accent'], values['--accent']), 4.5)

    def test_a_flame_graph_has_the_style_sheet(self):
        svg = subprocess.run([PROGRAM, '-'], input=b'a 1\n', stdout=subprocess.PIPE, check=True).stdout.decode()
        for line in read('text/page_style.css').splitlines():
            self.assertIn(line.strip(), svg)


if __name__ == '__main__':
    PROGRAM, SOURCE = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
