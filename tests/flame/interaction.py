#!/usr/bin/env python3
# tests/flame/interaction.py DIAG-FLAME [GENERATOR] - use of a flame graph in headless Chromium
#
# With GENERATOR (tests/bench/flame_generate) also a flame graph of 100,000 distinct stacks; exits 77 without a browser.
import base64
import functools
import hashlib
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from browser import Browser, skip_without_browser
from picture import Picture

PROGRAM = ''
GENERATOR = ''
FOLDED = '''main;A;inner 10
main;A;outer;inner 15
main;A;work_[k] 75
main;B;inner 30
main;B;100foo 160
main;B;std::vector<int, std::allocator<int> >::push_back(int const&) 110
'''
NEEDLE = 'main;B;tiny;needle 1\n'


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, some with a policy that blocks scripts; remembers what was requested."""
    asked = []

    def do_GET(self):
        Handler.asked.append(self.path)
        super().do_GET()

    def end_headers(self):
        if self.path.startswith('/blocked'):
            self.send_header('Content-Security-Policy', "sandbox; default-src 'none'; style-src 'unsafe-inline'")
        super().end_headers()

    def log_message(self, *_):
        pass


def draw(folder, name, data, *options):
    path = os.path.join(folder, name)
    subprocess.run([PROGRAM, '-q', '-o', path, *options, '-'], input=data.encode(), check=True, timeout=120)
    return path


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


class Interaction(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='diag-flame-test-')
        handler = functools.partial(Handler, directory=cls.folder)
        cls.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.plain = draw(cls.folder, 'plain.svg', FOLDED, '--title', 'Plain')
        cls.browser = Browser(1400, 1000)
        cls.browser.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.server.shutdown()
        cls.server.server_close()
        shutil.rmtree(cls.folder)

    def open(self, path, link='', width=1400):
        self.browser.open('about:blank')
        self.browser.dark(False)
        self.browser.resize(width, 1000)
        self.browser.open('file://' + path + link)

    def url(self, name):
        return f'http://127.0.0.1:{self.server.server_address[1]}/{name}'

    def place(self, text):
        """The middle of the box with that label."""
        place = self.browser.run('''
            const label = [...document.querySelectorAll("#view text")].find((e) => e.textContent === arguments[0]);
            if (!label) return null;
            const box = label.getBoundingClientRect();
            return [box.left + 2, box.top + box.height / 2];''', text)
        self.assertIsNotNone(place, f'no box has the label {text}')
        return place

    def click(self, text):
        self.browser.mouse(*self.place(text))

    def labels(self):
        return self.browser.run('return [...document.querySelectorAll("#view text")].map((e) => e.textContent)')

    def wait_for_search(self):
        for _ in range(3000):
            if self.browser.run('return document.getElementById("status").getAttribute("aria-busy")') != 'true':
                break
            time.sleep(0.02)

    def status(self):
        self.wait_for_search()
        return self.browser.text('#status')

    def wait_for_status(self, text):
        for _ in range(100):
            if text in self.status():
                return
            time.sleep(0.02)
        self.fail(f'{self.status()!r} is not {text!r}')

    def search(self, text):
        self.browser.press('/')
        self.browser.run('document.getElementById("search").select()')
        self.browser.press(*text)
        self.wait_for_search()

    def width_of(self, text):
        """px of the box with that label, from the pointer's outline."""
        self.browser.mouse(*self.place(text), click=False)
        return float(self.browser.run('return document.getElementById("cursor").getAttribute("width")'))

    def address(self):
        return self.browser.run('return location.hash')

    def test_a_click_zooms_and_keeps_the_ancestors(self):
        self.open(self.plain)
        full = self.width_of('main')
        self.assertLess(self.width_of('A'), full / 3)
        self.click('A')
        self.assertAlmostEqual(self.width_of('A'), full, delta=1)
        self.assertEqual({'all', 'main', 'A', 'outer', 'work'} & set(self.labels()), {'all', 'main', 'A', 'outer', 'work'})
        self.assertNotIn('B', self.labels())

    def test_back_undoes_a_zoom_and_forward_repeats_it(self):
        self.open(self.plain)
        self.click('A')
        self.click('outer')
        self.assertNotIn('work', self.labels())
        self.browser.back()
        self.assertIn('work', self.labels())
        self.browser.back()
        self.assertIn('B', self.labels())
        self.browser.run('history.forward()')
        self.browser.run('return new Promise((done) => setTimeout(done, 200))')
        self.assertNotIn('B', self.labels())

    def test_a_search_does_not_move_the_graph(self):
        """So that it paints its matches and nothing else."""
        self.open(self.plain)
        top = 'return document.getElementById("catcher").getBoundingClientRect().top'
        before = self.browser.run(top)
        self.browser.run('document.querySelector("#view path").id = "painted-before"')
        self.search('A')
        self.wait_for_status('Matched')
        self.assertEqual(self.browser.run(top), before)
        self.assertTrue(self.browser.run('return Boolean(document.getElementById("painted-before"))'))

    def test_a_click_on_an_ancestor_and_the_button_zoom_out(self):
        self.open(self.plain)
        self.click('A')
        self.click('main')
        self.assertIn('B', self.labels())
        self.click('A')
        self.browser.click('#reset')
        self.assertIn('B', self.labels())

    def test_zoomed_widths_come_from_counts(self):
        path = draw(self.folder, 'tiny.svg', 'r;p;c1 20\nr;p;c2 10\nr;q 1000000\n', '--minwidth', '0')
        self.open(path)
        self.search('c1')
        self.browser.press('Enter', 'Escape')
        self.browser.press('ArrowDown', 'Enter') if 'c1' not in self.labels() else None
        one, two = self.width_of('c1'), self.width_of('c2')
        self.assertAlmostEqual(one / two, 2, delta=0.02)

    def test_a_search_looks_at_names_only(self):
        self.open(self.plain)
        self.search('samples')
        self.assertIn('Matched: 0.00 % of all', self.status())
        self.search('100')
        self.assertIn('Matched: 40.00 % of all', self.status())

    def test_a_search_counts_nested_matches_once_and_is_scoped_to_the_zoom(self):
        self.open(self.plain)
        self.search('inner')
        self.assertIn('13.75 % of all', self.status())
        self.browser.press('Escape')
        self.click('A')
        self.search('inner')
        self.assertIn('25.00 % of A', self.status())
        self.assertIn('6.25 % of all', self.status())
        self.search('outer|inner')
        self.assertIn('25.00 % of A', self.status())

    def test_a_bad_expression_is_reported(self):
        self.open(self.plain)
        self.search('(')
        self.assertIn('not a regular expression', self.status())
        self.assertTrue(self.browser.run('return document.getElementById("status").classList.contains("error")'))

    def test_case_can_be_ignored(self):
        self.open(self.plain)
        self.search('INNER')
        self.assertIn('Matched: 0.00 %', self.status())
        self.browser.click('#case')
        self.assertIn('Matched: 13.75 %', self.status())

    def test_n_goes_from_match_to_match(self):
        self.open(self.plain)
        self.search('inner')
        self.browser.press('Enter')
        self.assertIn('match 1 of 3', self.status())
        self.browser.run('document.getElementById("search").blur()')
        self.browser.press('n')
        self.assertIn('match 2 of 3', self.status())
        self.browser.press('N', 'N')
        self.assertIn('match 3 of 3', self.status())

    def test_matches_are_listed_with_their_totals(self):
        self.open(self.plain)
        self.search('inner|outer')
        table = self.browser.text('#content')
        self.assertIn('2 matching functions', table)
        self.assertRegex(table, r'inner')
        self.assertNotIn('100foo', table)

    def test_merged_frames_are_searched_too(self):
        path = draw(self.folder, 'needle.svg', FOLDED.replace(' 160', ' 16000000') + NEEDLE)
        self.assertNotIn('needle', {box.name for box in Picture(read(path)).boxes})
        self.open(path)
        self.search('needle')
        self.assertIn('1 functions, 0 boxes, too narrow to draw', self.status())
        self.assertNotIn('about', self.status())

    def test_a_countname_does_not_get_into_labels(self):
        path = draw(self.folder, 'count.svg', FOLDED, '--countname', 'time (us)')
        self.open(path)
        self.click('A')
        self.assertIn('A', self.labels())
        self.assertFalse([label for label in self.labels() if 'time' in label])

    def test_links_work_for_another_width_and_another_flame_graph(self):
        self.open(self.plain)
        self.click('B')
        self.search('inner')
        self.browser.press('Enter')
        link = self.address()
        self.assertRegex(link, '^#p=[0-9a-f]{16}&s=inner$')
        other = draw(self.folder, 'other.svg', FOLDED + 'main;C 7\n', '--minwidth', '0', '--width', '800')
        for path in (self.plain, other):
            self.open(path, link, width=700)
            self.assertNotIn('A', self.labels())
            self.assertIn('The link asks to search for inner', self.status())
            self.browser.click('#status button')
            self.assertIn('of B', self.status())
        self.browser.open(self.url('plain.svg') + link)
        self.browser.press('Enter')
        self.assertIn('of B', self.status())
        self.open(self.plain, '#p=0123456789abcdef')
        self.assertIn('not drawn here', self.status())

    def test_the_keyboard_reaches_every_frame(self):
        self.open(self.plain)
        self.browser.press('ArrowUp')
        self.browser.press('ArrowUp')
        self.assertIn('main', self.browser.text('#live'))
        self.browser.press('ArrowUp')
        self.assertIn('B, 300 samples', self.browser.text('#live'))
        self.browser.press('ArrowLeft')
        self.assertIn('A, 100 samples', self.browser.text('#live'))
        self.browser.press('ArrowLeft')
        self.assertIn('A, 100 samples', self.browser.text('#live'), 'there is nothing further to the left')
        self.browser.press('ArrowRight', 'ArrowLeft', 'Enter')
        self.assertNotIn('B', self.labels())
        self.browser.press('Escape')
        self.assertIn('B', self.labels())
        self.browser.press('ArrowDown', 'ArrowDown')
        self.assertIn('all', self.browser.text('#live'))
        self.click('A')
        self.browser.press('0')
        self.assertIn('B', self.labels())

    def test_names_and_stacks_are_copied(self):
        self.browser.devtools('Browser.grantPermissions', permissions=['clipboardReadWrite', 'clipboardSanitizedWrite'])
        self.open(self.plain, width=1900)
        self.browser.mouse(*self.place('outer'), click=False)
        self.browser.press('c')
        self.wait_for_status('Copied: outer')
        self.assertEqual(self.browser.run('return navigator.clipboard.readText()'), 'outer')
        self.browser.press('Shift+C')
        self.wait_for_status('Copied: main;A;outer 15')
        self.assertEqual(self.browser.run('return navigator.clipboard.readText()'), 'main;A;outer 15')

    def test_a_tap_shows_details_and_the_second_one_zooms(self):
        self.open(self.plain)
        place = self.place('A')
        self.browser.devtools('Emulation.setTouchEmulationEnabled', enabled=True)
        self.browser.tap(*place)
        self.assertIn('100 samples', self.browser.text('.tip'))
        self.assertIn('B', self.labels())
        self.browser.tap(*place)
        self.browser.devtools('Emulation.setTouchEmulationEnabled', enabled=False)
        self.assertNotIn('B', self.labels())

    def test_the_table_sorts_and_leads_back_to_the_graph(self):
        self.open(self.plain)
        self.browser.click('#table')
        self.assertEqual(self.browser.run('return getComputedStyle(document.getElementById("view")).display'), 'none')
        first = 'return document.querySelector("tbody tr .name").textContent'
        self.assertEqual(self.browser.run(first), '100foo')
        self.browser.click('th:nth-child(3) button')
        self.assertEqual(self.browser.run(first), 'main')
        self.browser.click('tbody tr:nth-child(2)')
        self.assertEqual(self.browser.run('return document.getElementById("search").value'), '^B$')
        self.assertIn('B', self.labels())

    def test_flip_turns_the_flame_graph_over(self):
        self.open(self.plain)
        self.assertGreater(self.place('all')[1], self.place('A')[1])
        self.browser.click('#flip')
        self.assertLess(self.place('all')[1], self.place('A')[1])

    def test_help_is_shown(self):
        self.open(self.plain)
        self.browser.press('?')
        self.assertGreater(self.browser.run('return document.getElementById("help").offsetHeight'), 100)

    def test_dark_and_light_follow_the_reader(self):
        self.open(self.plain)
        colour = 'return getComputedStyle(document.querySelector(".page")).fill'
        self.assertEqual(self.browser.run(colour), 'rgb(255, 255, 255)')
        self.browser.dark(True)
        self.assertEqual(self.browser.run(colour), 'rgb(21, 24, 28)')
        self.click('A')
        self.assertNotIn('B', self.labels())

    def test_labels_are_readable_on_every_colour(self):
        for options in ([], ['--colors', 'hot'], ['--colors', 'blue'], ['--colors', 'purple']):
            text = read(draw(self.folder, 'colour.svg', FOLDED, *options))
            label = luminance(re.search(r'\.f text\{fill:(#\w+)', text).group(1))
            text += read(draw(self.folder, 'groups.svg', 'std::a;tokio::b 5\n'))
            for name, colour in re.findall(r'\.([a-z]\d+|r|m)\{fill:(#\w{6})', text):
                ratio = (luminance(colour) + 0.05) / (label + 0.05)
                self.assertGreaterEqual(ratio, 3.5 if name == 'r' else 4.5, (options, name, colour))

    def test_a_narrow_window_needs_no_sideways_scrolling(self):
        self.open(self.plain, width=700)
        self.assertLessEqual(self.browser.run('return document.documentElement.scrollWidth'), 700)
        self.click('A')
        self.assertNotIn('B', self.labels())
        self.browser.resize(1100, 900)
        self.browser.run('return new Promise((done) => setTimeout(done, 200))')
        self.assertGreater(self.width_of('A'), 1000)

    def test_the_table_of_a_narrow_window_has_names(self):
        for width, numbers in ((480, 2), (700, 2), (900, 4)):
            self.open(self.plain, width=width)
            for row in self.browser.run('return [...document.querySelectorAll("#content tbody tr")]'
                                        '.map((row) => [...row.cells].map((cell) => cell.textContent))'):
                self.assertEqual(len(row), numbers + 1, width)
                self.assertNotIn('', row)

    def test_a_flame_graph_is_complete_with_scripts_blocked(self):
        shutil.copy(self.plain, os.path.join(self.folder, 'blocked.svg'))
        self.browser.open('about:blank')
        self.browser.open(self.url('blocked.svg'))
        texts = self.browser.run('return [...document.querySelectorAll("text")].map((e) => e.textContent)')
        for text in ('Plain', 'A', 'B', '100foo', 'Top functions without their callees (self)', '40.00'):
            self.assertIn(text, texts)
        self.assertIsNone(self.browser.text('#view'))
        self.browser.click('#frames rect')
        self.assertEqual(self.browser.run('return document.querySelectorAll("#frames text").length >= 7'), True)

    def test_the_same_labels_with_and_without_the_script(self):
        text = read(draw(self.folder, 'labels.svg', LABELS, '--width', '900'))
        still = {element.text for element in Picture(text).root.iter('{http://www.w3.org/2000/svg}text')
                 if element.get('class') is None}
        self.open(os.path.join(self.folder, 'labels.svg'))
        self.assertEqual(set(self.labels()), still)

    def test_a_page_requests_nothing(self):
        Handler.asked.clear()
        self.browser.open(self.url('plain.svg'))
        self.click('A')
        self.search('inner')
        self.assertEqual([path for path in Handler.asked if path != '/favicon.ico'], ['/plain.svg'])

    def test_a_difference_can_be_walked(self):
        path = draw(self.folder, 'diff.svg', 'm;f 5 9\nm;f;h 5 1\nm;g 3 0\nm;k 0 10\n', '--two-columns')
        self.open(path)
        self.browser.mouse(*self.place('k'), click=False)
        self.assertIn('0 before, 10 now: +10, new', self.browser.text('.tip'))
        self.browser.mouse(*self.place('g'), click=False)
        self.assertIn('3 samples before, nothing now', self.browser.text('.tip'))
        self.click('f')
        self.assertNotIn('k', self.labels())

    def test_a_focus_can_be_walked(self):
        path = draw(self.folder, 'focus.svg', 'a;f;b 3\nc;f;f;d 4\nx 9\n', '--focus', 'f')
        self.open(path)
        self.assertGreater(self.place('a')[1], self.place('b')[1])
        self.click('c')
        self.assertNotIn('a', self.labels())
        self.browser.press('0')
        self.assertIn('a', self.labels())

    def test_a_very_deep_stack_is_painted_only_near_the_window(self):
        path = draw(self.folder, 'deep.svg', ';'.join(f'f{i}' for i in range(3000)) + ' 5\n')
        self.open(path)
        self.browser.press('f')
        self.assertIn('f2999', self.labels())
        self.assertNotIn('f0', self.labels())
        self.browser.run('window.scrollTo(0, document.documentElement.scrollHeight)')
        self.browser.run('return new Promise((done) => setTimeout(done, 300))')
        self.assertIn('f0', self.labels())
        self.click('f3')
        self.assertIn('#p=', self.address())

    def height(self):
        return float(self.browser.run('return document.documentElement.getAttribute("height")'))

    def look_for(self, pattern):
        self.browser.run('''const box = document.getElementById("search"); box.value = arguments[0];
            box.dispatchEvent(new Event("input"));''', pattern)

    def texts_of(self, selector):
        return self.browser.run('return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)', selector)

    def test_the_header_has_three_lines_and_the_rest_is_behind_the_question_mark(self):
        path = draw(self.folder, 'head.svg', FOLDED, '--subtitle', 'What and when')
        self.open(path)
        self.assertEqual(self.texts_of('h1, .lines p'), ['Flame graph', 'What and when', '400 samples; 8 functions'])
        self.assertEqual(self.browser.run('return document.getElementById("help").offsetHeight'), 0)
        self.browser.click('#more')
        self.assertIn('frames are drawn', self.browser.text('#help .details'))

    def test_a_tower_is_one_box_that_opens(self):
        path = draw(self.folder, 'tower.svg', 'a;b;c;d;e;f 5\na;b;c;d;e;g 4\na;b;c;d;e;short;er 1\nx;y;z 3\n')
        self.open(path)
        tower = 'a \u22ef e (5 frames)'
        self.assertIn(tower, self.labels())
        self.assertIn('x', self.labels(), 'three frames are no tower')
        folded = len(self.labels())
        self.browser.mouse(*self.place(tower), click=False)
        self.assertIn('5 frames without a branch', self.browser.text('.tip'))
        self.click(tower)
        for name in 'abcdefg':
            self.assertIn(name, self.labels())
        self.assertEqual(len(self.labels()), folded + 4)
        self.click('c')
        self.assertNotIn('x', self.labels())
        self.browser.press('0', 'f', 'f')
        self.assertIn(tower, self.labels())

    def test_the_keyboard_searches_and_links_reach_into_towers(self):
        path = draw(self.folder, 'tower.svg', 'a;b;c;d;e;f 5\na;b;c;d;e;g 4\n')
        self.open(path)
        self.search('^c$')
        self.assertIn('1 functions, match', self.status().replace('1 boxes', 'match'))
        self.assertEqual(self.browser.run('''return document.querySelectorAll('#view path.m:not([d=""])').length'''), 1)
        self.browser.press('Enter')
        self.assertIn('c', self.labels())
        self.click('d')
        link = self.address().partition('&')[0]
        self.open(path, link)
        self.assertIn('d', self.labels())
        self.open(path)
        self.browser.press('ArrowUp', 'ArrowUp', 'ArrowUp')
        self.assertIn('f, 5 samples', self.browser.text('#live'))
        self.browser.press('ArrowDown', 'Enter')
        self.assertIn('b', self.labels())

    def test_frames_of_different_types_are_no_tower(self):
        self.open(draw(self.folder, 'types.svg', 'a;b;c;d_[k];e_[k];f_[k] 5\n'))
        self.assertTrue({'a', 'f'} <= set(self.labels()))

    def test_a_flame_graph_is_not_taller_than_the_window(self):
        spike = ''.join('main;r' + ';r' * depth + f';f{depth} 3\n' for depth in range(120))
        path = draw(self.folder, 'spike.svg', spike + 'main;wide;a 3000\nmain;wide;b 7000\n')
        for width in (800, 1600):
            self.open(path, width=width)
            self.assertLessEqual(self.height(), 1000)
            self.assertRegex(self.browser.text('#axis'), r'\d+ more levels')
        self.browser.press('f')
        self.assertGreater(self.height(), 1500)

    def test_the_root_is_seen_at_first(self):
        wide = ''.join('r;' * depth + f'f{depth} 50\n' for depth in range(1, 120))
        self.open(draw(self.folder, 'wide.svg', wide))
        self.assertLess(self.place('all')[1], 300)

    def test_the_table_is_beside_the_graph_or_above_it(self):
        for width, beside in ((1500, True), (900, False)):
            self.open(self.plain, width=width)
            left, bottom = self.browser.run(
                'const b = document.querySelector("#content").getBoundingClientRect(); return [b.left, b.bottom]')
            self.assertEqual(left > 900, beside, width)
            if not beside:
                self.assertLess(bottom, self.place('B')[1], width)
            self.assertLessEqual(self.browser.run('return document.documentElement.scrollWidth'), width)

    def test_a_chart_has_an_axis(self):
        path = draw(self.folder, 'axis.svg', 'a;b 300000000\nc 500000000\na;d 400000000\n', '--chart', '--countname', 'ns')
        self.open(path)
        ticks = self.texts_of('.tick')
        self.assertEqual(ticks[:3], ['0', '200 ms', '400 ms'])
        self.assertIn('1 s', ticks)
        self.click('c')
        self.assertEqual(self.texts_of('.tick')[0], '300 ms')
        self.open(self.plain)
        self.assertEqual(self.texts_of('.tick'), [])

    def test_a_difference_says_how_the_totals_differ_and_compares_shares(self):
        self.open(draw(self.folder, 'totals.svg', 'm;f 10 20\nm;g 30 60\n', '--two-columns'))
        self.assertIn('80 samples; 40 before, +40 or +100.00 %: to compare shares', self.browser.text('.lines'))
        self.browser.mouse(*self.place('f'), click=False)
        self.assertIn('10 before, 20 now: +10', self.browser.text('.tip'))
        self.browser.click('#normalize')
        self.browser.mouse(*self.place('g'), click=False)
        self.assertIn('60 before, 60 now: +0', self.browser.text('.tip'))
        self.open(draw(self.folder, 'even.svg', 'm;f 10 20\nm;g 30 20\n', '--two-columns'))
        self.assertIn('the same total', self.browser.text('.lines'))
        self.assertIsNone(self.browser.text('#normalize'))

    def test_code_of_one_type_has_the_colours_of_its_packages(self):
        names = ['std::sort', 'std::find', 'tokio::run', 'serde::parse']
        path = draw(self.folder, 'groups.svg', ''.join(f'main::run;{name} {90 - i}\n' for i, name in enumerate(names)))
        self.open(path)
        self.assertEqual(self.texts_of('.swatch')[:4], ['std', 'tokio', 'serde', 'main'])
        text = read(path)
        fills = dict(re.findall(r'\.(u\d)\{fill:(#\w{6})\}', text))
        classes = {title.split(' ')[0]: css for title, css in re.findall(r'<title>([^<]*)</title><rect class="(\w+)"', text)}
        self.assertEqual(classes['std::sort'], classes['std::find'])
        self.assertNotEqual(fills[classes['std::sort']], fills[classes['tokio::run']])
        self.open(self.plain)
        self.assertIn('user', self.texts_of('.swatch'))

    def test_short_names_have_labels(self):
        self.open(draw(self.folder, 'short.svg', 'ab 20\nlonger_name 28\nx 1000\n'), width=1100)
        self.assertIn('ab', self.labels())
        self.assertIn('lo\u2026', self.labels())

    def test_print_has_no_controls_and_fits_the_paper(self):
        self.open(self.plain)
        self.browser.devtools('Emulation.setEmulatedMedia', media='print')
        self.browser.run('window.dispatchEvent(new Event("beforeprint"))')
        self.assertEqual(self.browser.run('return getComputedStyle(document.querySelector(".tools")).display'), 'none')
        self.assertEqual(self.browser.run('return document.documentElement.getAttribute("viewBox").split(" ")[2]'), '1400')
        self.browser.run('window.dispatchEvent(new Event("afterprint"))')
        self.browser.devtools('Emulation.setEmulatedMedia', media='')
        self.assertIsNone(self.browser.run('return document.documentElement.getAttribute("viewBox")'))

    def test_searches_match_what_a_regular_expression_matches(self):
        names = ['main', 'foo_bar', 'foo.part.0', 'Foo::Bar<int>', 'a->b', 'x', 'aaa', 'ab12', '12', 'operator()', 'caf\u00e9',
                 'tcp_v4_rcv', 'tcp_v6_rcv', 'read [clone .cold]', 'back\\slash', '{closure#0}', '\u65e5\u672c\u8a9e']
        self.open(draw(self.folder, 'names.svg', ''.join(f'{name} 7\n' for name in names)))
        for pattern in ('o', '^foo', 'rcv$', '^main$', 'a|b', '^(a|b)', '(foo|tcp)_', 'v[46]', '[^a-z]', r'\d', r'\d+$', r'\bfoo\b',
                        r'\Bo', r'a{3}', r'^a{1,2}b', r'a{2,}', 'a*b', '^.$', '.', '^$', r'\(\)', r'\w+::', '<.*>', '(?:fo)+_',
                        '(a+)+$', '(a|aa)+$', 'f.*r', r'\s', r'\S\s', r'[\d_]', 'x?main', r'\\', r'\x61b', '-', '[-0]', '[0-]',
                        r'[a\-z]>', '(|x)main', 'caf.$', r'\.', '^...$', '{', '#0}', 'o{1}?b', '(?:)', 'a(b|c){0,1}1', r'^\W'):
            expected = sum(bool(re.search(pattern, name, re.ASCII)) for name in names)
            # In a group that is repeated, by the engine of the script; most others by that of the browser.
            for spelling in (pattern, f'(?:{pattern}){{1}}'):
                self.look_for(spelling)
                self.assertIn(f' {expected} functions', self.status(), spelling)

    def test_a_search_ends_and_one_of_a_link_waits(self):
        name = 'w' * 5000
        path = draw(self.folder, 'slow.svg', ''.join(f'{name}{i} 3\n' for i in range(300)))
        self.open(path, '#s=(%5Cw%2B)%2B!')
        self.assertIn('The link asks', self.status())
        self.assertEqual(self.browser.run('''return document.querySelectorAll('#view path.m:not([d=""])').length'''), 0)
        self.browser.click('#status button')
        self.assertIn('Matched: 0.00 %', self.status())
        for pattern in ('(a?){1000}(w*)*!', '(w|ww|www)*(w|ww)*!', '((w{1,40}){1,40})!', '(.*)(.*)(.*)(.*)!', '(?=w)w', r'(w)\1',
                        '(' * 400 + ')' * 400, 'w{99999}', '(((w{999}){999}){999})', '((){99999}){99999}', 'w' * 2000):
            # CPU time: on a busy machine the browser waits for a CPU.
            begin = self.browser.cpu_seconds()
            self.look_for(pattern)
            self.assertTrue(self.status())
            self.assertLess(self.browser.cpu_seconds() - begin, 4, pattern)
        self.look_for('(w|ww|www)*(w|ww)*!')
        self.look_for('7$')
        self.assertIn(' 30 functions', self.status(), 'the search before goes on')

    def test_the_manual_names_the_colours_of_the_style_sheet(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        page, style = read(f'{root}/docs/diag-flame.1.md'), read(f'{root}/text/page_style.css')
        light, dark = style.split('@media (prefers-color-scheme:dark)')
        rows = re.findall(r'^\| ([a-z, ]+) \| (#\w{3,6}) \| (#\w{6}) \|$', page, re.M)
        self.assertEqual(len(rows), 6)
        drawn = read(self.plain)
        for name, on_light, on_dark in rows:
            self.assertIn(on_light, light if name != 'match' else drawn, name)
            self.assertIn(on_dark, dark if on_dark != on_light else light + drawn, name)

    def test_the_manual_names_the_keys(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        page = read(f'{root}/docs/diag-flame.1.md').partition('# THE FLAME GRAPH')[2].partition('# INPUT')[0]
        for key in re.findall(r'\["([^"]+)", "', read(f'{root}/flame/svg/script/page.js').partition('const KEYS')[2].partition('];')[0]):
            for part in key.split(', '):
                self.assertIn(part, page)

    def test_the_policy_names_the_script_and_lets_no_other_run(self):
        text = read(self.plain)
        content = re.search(r'<script><!\[CDATA\[(.*)\]\]></script>', text, re.S).group(1)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        self.assertIn(f"script-src 'sha256-{digest}'", text)
        path = os.path.join(self.folder, 'evil.svg')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace('</svg>', '<script>document.documentElement.id = "evil"</script></svg>'))
        self.open(path)
        self.assertIn('A', self.labels(), 'the script of the file runs')
        self.assertNotEqual(self.browser.run('return document.documentElement.id'), 'evil')
        self.assertNotIn('script-src', read(draw(self.folder, 'bare.svg', FOLDED, '--no-script')))

    def test_no_script_means_no_script(self):
        text = read(draw(self.folder, 'bare.svg', FOLDED, '--no-script'))
        self.assertNotIn('<script', text)

    def test_many_stacks_are_fast(self):
        if not GENERATOR:
            self.skipTest('no generator was given')
        folded = subprocess.run([GENERATOR, '100000'], stdout=subprocess.PIPE, check=True).stdout.decode()
        true, total = 0, 0
        for line in folded.splitlines():
            stack, _, weight = line.rpartition(' ')
            total += int(weight)
            true += int(weight) if 'alloc' in stack else 0
        path = draw(self.folder, 'many.svg', folded)
        self.open(path)
        self.search('alloc')
        self.assertIn(f'Matched: {100 * true / total:.2f} % of all', self.status())
        self.search('lookup|flush')
        self.assertIn('about', self.status())
        print(times(self.browser))


def times(browser):
    """How long the page loads, and how long its first actions take. A search is answered when its matches are painted."""
    return browser.run('''return (async () => {
        const entry = performance.getEntriesByType("navigation")[0];
        const timed = (action) => { const start = performance.now(); action(); return performance.now() - start; };
        const search = document.getElementById("search");
        const look = (text) => { search.value = text; search.dispatchEvent(new Event("input")); };
        look("");
        const bounds = document.getElementById("catcher").getBoundingClientRect();
        const zoom = timed(() => document.getElementById("catcher").dispatchEvent(new MouseEvent("click",
            {clientX: 300, clientY: bounds.bottom - 60})));
        const unzoom = timed(() => document.getElementById("reset").click());
        const status = document.getElementById("status");
        const searched = (text) => new Promise((done) => {
            const start = performance.now();
            const observer = new MutationObserver(() => {
                if (!status.textContent.startsWith("Matched"))
                    return;
                observer.disconnect();
                done(`${(performance.now() - start).toFixed(1)} ms`);
            });
            observer.observe(status, {childList: true, characterData: true, subtree: true});
            look(text);
        });
        const rest = () => new Promise((done) => setTimeout(done, 200));
        const word = await searched("alloc");
        await rest();
        const expression = await searched("lookup|^std.*flush");
        return `load ${entry.loadEventEnd.toFixed(0)} ms, zoom ${zoom.toFixed(0)} ms, ` +
            `unzoom ${unzoom.toFixed(0)} ms, search for a word ${word}, for an expression ${expression}`;
        })()''')


def luminance(colour):
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


NAMES = [
    'std::vector<std::pair<int, char>, std::allocator<std::pair<int, char> > >::push_back(std::pair<int, char> const&)',
    'a::very::long::name::space::that::goes::on::and_then_some::function(int, std::string const&) const',
    'org/apache/hadoop/hbase/regionserver/HRegion.doMiniBatchMutation', 'operator<<(std::ostream&, foo const&)',
    'com.example.project.subproject.module.Class.method', 'RegExp:^(\\w+)=(.*)$', 'foo.part.0.constprop.17.isra.3', '日本語の関数名前はここです',
    'java.lang.Object java.util.TreeMap.put(java.lang.Object)', 'Foo<Bar<Baz>>::operator bool() const', 'load (reader.py:33)',
    '(anonymous namespace)::do_something_useful(void*)', 'Foo<Bar<Baz>>::operator()(int) const', '_ZN4core3ptr8dropE_[k]',
    '/usr/lib/x86_64-linux-gnu/libcrypto.so.3', 'a->b->c->d<e->f>(g)',
    'com.acme.App$$Lambda$14.0x0000000800066840.run()', 'App$$Lambda$1/0x00007fe0d0000a08.run', 'App$$Lambda/0x12', 'A$$Lambda/0xg.run()',
    'JS:~ /srv/app.js:12:3', 'JS:~ ',
    '<T as core::fmt::Display>::fmt::h0123456789abcdef']
LABELS = ''.join(f'{name};x{i} {width}\n' for i, name in enumerate(NAMES) for width in (10,)) + \
    ''.join(f'w{width};{name} {width}\n' for width in (1, 2, 3, 5, 8) for name in NAMES)


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    if len(sys.argv) > 1 and not sys.argv[1].startswith('-') and os.path.exists(sys.argv[1]):
        GENERATOR = os.path.abspath(sys.argv.pop(1))
    skip_without_browser()
    unittest.main()
