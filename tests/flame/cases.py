#!/usr/bin/env python3
# tests/flame/cases.py DIAG-FLAME DIAG-FOLD - inputs that flame graph programs get wrong
#
# The numbers are those of a table of cases that known programs get wrong. The cases that need a browser (13 to 18,
# 22, 23) are in interaction.py.
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET

import folding
from picture import SVG, Picture

PROGRAM = FOLD = ''


def run(data, *options, expect=0):
    data = data if isinstance(data, bytes) else data.encode()
    result = subprocess.run([PROGRAM, *options], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=60)
    assert result.returncode == expect, (result.returncode, result.stderr)
    return result


def draw(data, *options, expect=0):
    return Picture(run(data, '-', *options, expect=expect).stdout)


def fold(svg):
    result = folding.fold_picture(FOLD, svg)
    assert result.returncode == 0, result.stderr
    return result.stdout.decode().splitlines()


def weights(picture):
    return {';'.join(box.path): box.width for box in picture.boxes}


def titles(picture):
    return [title for title, *_ in picture.drawn()]


class Cases(unittest.TestCase):
    def test_a_level_without_a_row_draws_nothing(self):
        svg = run('a 8741\n' + ';'.join('bcdefghi') + ' 4\nj 2\n').stdout.decode()
        places = [int(y) for y in re.findall(r'M[\d.]+ (\d+)h[\d.]+v', svg)]
        self.assertTrue(places)
        self.assertLess(max(places), int(re.search(r' height="(\d+)"', svg)[1]))

    def test_01_one_path_is_one_box_whatever_the_bytes_of_its_siblings(self):
        for sibling in ('foo.part.0', 'foo1', 'foo bar', 'foo(int)', 'foo$x', 'foo-1', 'foo:2', 'foo!'):
            picture = draw(f'main;foo 50\nmain;{sibling} 30\nmain;foo;bar 20\n')
            self.assertEqual(weights(picture)['main;foo'], 70)
            self.assertEqual(len([box for box in picture.boxes if box.name == 'foo']), 1)
            self.assertIn('foo (70 samples, 70.00%)', titles(picture))

    def test_02_a_control_character_is_escaped(self):
        self.assertEqual(weights(draw('a;b\x1b[31m 3\n'))['a;b\\x1b[31m'], 3)

    def test_03_bytes_that_are_not_utf8_are_escaped(self):
        self.assertEqual(weights(draw(b'a;caf\xe9 3\n'))['a;caf\\xe9'], 3)

    def test_04_lines_may_end_in_cr_lf(self):
        self.assertEqual(weights(draw('a;b 60\r\na;c 40\r\n')), {'': 100, 'a': 100, 'a;b': 60, 'a;c': 40})

    def test_05_comments_are_not_frames(self):
        picture = draw('# austin: 3.0\n# duration: 23873\n#\nP1;T2;a 200\nP1;T2;b 91\n')
        self.assertEqual(weights(picture)[''], 291)

    def test_06_a_number_in_a_name_is_part_of_the_name(self):
        picture = draw('a;thread 7 10\n')
        self.assertEqual(weights(picture), {'': 10, 'a': 10, 'a;thread 7': 10})
        self.assertFalse(picture.diff)

    def test_07_shares_come_from_unrounded_counts(self):
        picture = draw('a;b 5\na;c 1000\n', '--factor', '0.5', '--minwidth', '0')
        self.assertEqual(titles(picture)[1], 'a (502.5 samples, 100.00%)')
        self.assertIn('2.5', picture.texts())
        self.assertIn('0.50', picture.texts())

    def test_08_large_counts_keep_every_digit(self):
        picture = draw('a;b 9007199254740993\n')
        self.assertEqual(weights(picture)['a;b'], 9007199254740993)
        self.assertIn('b (9,007,199,254,740,993 samples, 100.00%)', titles(picture))

    def test_09_a_sum_beyond_64_bits_is_an_error_with_its_line(self):
        result = run('a;b 18446744073709551615\na;c 1\n', '-', expect=1)
        self.assertIn(b'line 2: the sum of the counts exceeds 64 bits', result.stderr)
        self.assertEqual(weights(draw('a;b 18446744073709551615\n'))['a;b'], 2 ** 64 - 1)
        result = run('a;b 18446744073709551616\na;c 1\n', '-', expect=3)
        self.assertIn(b'line 1: count exceeds 64 bits', result.stderr)

    def test_10_a_flame_chart_is_in_time_order(self):
        words = 'a b c this is a test'.split()
        picture = draw(''.join(f'main;{word} 1\n' for word in words), '--flamechart')
        self.assertEqual([box.name for box in picture.boxes if box.level == 2], words)
        picture = draw('m;a 1\nm;a 2\nm;b 1\nm;a 4\n', '--flame-chart')
        self.assertEqual([(b.name, b.width) for b in picture.boxes if b.level == 2], [('a', 3), ('b', 1), ('a', 4)])

    def test_11_the_base_may_be_the_root(self):
        picture = draw('r;a 7\nr;b 3\n', '--base', 'r')
        self.assertEqual(weights(picture), {'': 10, 'r': 10, 'r;a': 7, 'r;b': 3})
        picture = draw('r;a;b;c 7\nr;x 3\n', '--base', 'b', '--base', 'x')
        self.assertEqual(weights(picture), {'': 10, 'b': 7, 'b;c': 7, 'x': 3})

    def test_12_a_difference_is_inclusive_and_shows_paths_that_are_gone(self):
        old, new = 'm;f 5\nm;f;h 5\nm;g 3\n', 'm;f 9\nm;f;h 1\nm;k 10\n'
        lines = {}
        for side, text in enumerate((old, new)):
            for line in text.splitlines():
                path, count = line.split(' ')
                lines.setdefault(path, [0, 0])[side] = int(count)
        both = ''.join(f'{path} {before} {after}\n' for path, (before, after) in lines.items())
        picture = draw(both, '--two-columns')
        change = {box.name: box.width - box.old for box in picture.boxes if box.name}
        self.assertEqual(change, {'m': 7, 'f': 0, 'h': -4, 'k': 10})
        self.assertEqual({box.path: box.width for box in picture.parts['gone']}, {(): 3, ('m',): 3, ('m', 'g'): 3})
        self.assertTrue(any('g (0 samples' in title and '3 before, -3' in title for title in titles(picture)))

    def test_19_texts_of_the_command_line_are_text(self):
        options = ['--title', '<script>alert(1)</script>', '--subtitle', 'A & B <c>', '--countname', '<b>&',
                   '--nametype', '"><x>', '--notes', 'n']
        picture = draw('a;b 3\n', *options)
        self.assertEqual(picture.info['title'], '<script>alert(1)</script>')
        self.assertEqual(len(list(picture.root.iter(SVG + 'script'))), 1)
        self.assertIn('b (3 <b>&, 100.00%)', titles(picture))

    def test_20_notes_may_hold_what_ends_a_comment(self):
        picture = draw('a;b 3\n', '--notes', 'a -- b --> ]]> \x1b')
        self.assertEqual(picture.info['notes'], 'a -- b --> ]]> \\x1b')

    def test_21_no_attribute_of_a_frame_comes_from_a_file(self):
        result = run('a;b 3\n', '-', '--nameattr', '/etc/passwd')
        self.assertIn(b'--nameattr', result.stderr)
        for element in Picture(result.stdout).elements():
            self.assertFalse([key for key in element.attrib if 'href' in key.lower() or key.startswith('on')])

    def test_24_names_that_are_not_drawn_are_still_there_with_their_weight(self):
        lines = [f'main;f{i};leaf{i} 1\n' for i in range(30000)] + ['main;rare;needle 1\nmain;common 40000\n']
        picture = draw(''.join(lines))
        self.assertNotIn('needle', {box.name for box in picture.boxes})
        self.assertEqual(picture.totals.get('needle', [0])[0] + picture.info['namesLeftOut'] > 0, True)
        picture = draw('a;b;needle 2\na;c 1000000\n')
        self.assertNotIn('needle', {box.name for box in picture.boxes})
        self.assertEqual(picture.totals['needle'][:2], [2, 2])

    def test_25_the_same_input_gives_the_same_bytes(self):
        data = ''.join(f'p{i % 7};f{i * 31 % 101};g{i * 17 % 53} {i % 13}\n' for i in range(3000))
        first = run(data, '-').stdout
        for _ in range(3):
            self.assertEqual(run(data, '-').stdout, first)
        shuffled = ''.join(sorted(data.splitlines(True), key=hash))
        self.assertEqual(Picture(run(shuffled, '-').stdout).by_path().keys(), Picture(first).by_path().keys())
        self.assertEqual(run(shuffled, '-').stdout, first)

    def test_26_the_last_sample_of_perf_script_needs_no_blank_line(self):
        event = 'dd 9091 [001] 4006.20: 10101010 cpu-clock: \n\tffffffff8106f4a6 write+0x1 ([kernel.kallsyms])\n\t' \
                '7f00deadbeef main+0x2 (/bin/dd)\n'
        for text in ('\n'.join([event] * 11), '\n'.join([event] * 11) + '\n'):
            self.assertEqual(weights(draw(text))['dd;main;write'], 111111110)

    def test_27_an_empty_old_side_can_be_normalised(self):
        picture = draw('a;b 0 5\n', '--two-columns', '--normalize')
        self.assertEqual(weights(picture)['a;b'], 5)


class Differences(unittest.TestCase):
    def test_normalised_sums_match_to_the_unit(self):
        old = [(f'm;f{i % 11};g{i}', i % 5 + 1) for i in range(97)]
        lines = ''.join(f'{path} {count} {(count * 7 + index) % 23}\n' for index, (path, count) in enumerate(old))
        picture = draw(lines, '--two-columns', '--normalize', '--minwidth', '0')
        total = int(picture.info['total'])
        self.assertEqual(int(picture.info['old']), total)
        self.assertEqual(picture.boxes[0].old, total)
        for box in picture.boxes:
            if box.children and box.name:
                kept = sum(child.old - child.gone for child in box.children)
                self.assertEqual(box.old - box.gone, kept, box.path)
        self.assertEqual(sum(box.own for box in picture.parts['gone']), picture.boxes[0].gone)

    def test_a_difference_folds_back_to_both_sides(self):
        text = 'a;b 3 4\na;c 5 0\na;d 0 6\n'
        svg = run(text, '-', '--two-columns').stdout
        lines = fold(svg)
        self.assertEqual(sorted(lines), sorted(text.splitlines()))


class Views(unittest.TestCase):
    def test_reverse_is_the_graph_of_the_reversed_stacks(self):
        text = 'a;b;c 3\na;c 4\nb;c 5\nc;c;a 2\n'
        turned = ''.join(';'.join(reversed(line.split(' ')[0].split(';'))) + ' ' + line.split(' ')[1] + '\n'
                         for line in text.splitlines())
        self.assertEqual(weights(draw(text, '--reverse')), weights(draw(turned)))
        svg = run(text, '-', '--reverse').stdout
        self.assertEqual(sorted(fold(svg)), sorted(text.splitlines()))

    def test_a_focus_counts_a_recursive_function_once(self):
        picture = draw('a;f;b 3\nc;f;f;d 4\nx 9\n', '--focus', 'f')
        self.assertEqual(picture.boxes[0].width, 7)
        self.assertEqual(weights(picture), {'': 7, 'b': 3, 'f': 4, 'f;d': 4})
        callers = {';'.join(box.path): box.width for box in picture.parts['callers']}
        self.assertEqual(callers, {'': 7, 'a': 3, 'c': 4})

    def test_a_total_widens_the_root(self):
        picture = draw('a 50\n', '--total', '200')
        self.assertIn('a (50 samples, 25.00%)', titles(picture))

    def test_a_frame_of_exactly_the_least_width_is_drawn(self):
        picture = draw('a 1\nb 1179\n', '--minwidth', '1')
        self.assertIn('a', weights(picture))
        picture = draw('a 1\nb 1180\n', '--minwidth', '1')
        self.assertNotIn('a', weights(picture))
        picture = draw('a 1\nb 99\n', '--minwidth', '1%')
        self.assertIn('a', weights(picture))

    def test_known_command_lines_still_work(self):
        options = ['--title=T', '--subtitle=S', '--width=900', '--height=18', '--minwidth=0.5', '--fonttype=Verdana',
                   '--fontsize=11', '--countname=ms', '--nametype=Func:', '--colors=java', '--bgcolors=blue', '--hash',
                   '--cp', '--inverted', '--negate', '--factor=2', '--random', '--encoding=UTF-8', '--search-color',
                   '#ff00ff', '--stroke-color=black', '--deterministic', '--no-sort', '--pretty-xml', '--notes=N']
        picture = draw('a;b 3\n', *options)
        self.assertIn('b (6 ms, 100.00%)', titles(picture))
        self.assertEqual(picture.root.get('width'), '900')


class Inputs(unittest.TestCase):
    def test_bad_lines_are_reported_with_their_numbers(self):
        result = run('a;b 3\nno count\nc -1\n 7\nd 1.2.3\n' + 'a;c 1\n' * 4, '-', expect=3)
        for line, reason in ((2, 'no count at the end'), (3, 'no count'), (4, 'no stack'), (5, 'no count')):
            self.assertRegex(result.stderr.decode(), f'line {line}: {reason}')
        self.assertIn(b'4 of 9 lines cannot be used', result.stderr)
        self.assertEqual(weights(Picture(result.stdout)), {'': 7, 'a': 7, 'a;b': 3, 'a;c': 4})

    def test_a_file_that_is_mostly_unusable_is_refused(self):
        result = run('a;b 3\nno count\nneither\n', '-', expect=1)
        self.assertIn(b'not folded text: most lines cannot be used', result.stderr)
        self.assertEqual(result.stdout, b'')

    def test_two_counts_on_every_line_are_refused_with_the_option_to_use(self):
        text = 'a;b 3 8\na;c 7 6\n'
        self.assertIn(b'use --two-columns', run(text, '-', expect=1).stderr)
        self.assertTrue(draw(text, '--two-columns').diff)
        self.assertEqual(weights(draw(text, '--input-format', 'folded'))['a;b 3'], 8)

    def test_a_byte_order_mark_tabs_and_trailing_separators_are_not_names(self):
        self.assertEqual(weights(draw(b'\xef\xbb\xbfa;b;\t3\t\n')), {'': 3, 'a': 3, 'a;b': 3})

    def test_an_empty_input_is_reported_and_drawn_as_such(self):
        result = run('', '-', expect=1)
        ET.fromstring(result.stdout)
        self.assertIn(b'no stacks', result.stderr)

    def test_a_log_of_diagnose_tools_is_read_from_the_root(self):
        log = '''KPROBE hit: PID: 106526[h2o]
##CGROUP:[h2o]  106526      [4564]  KPROBE hit, time: [1584004225:651374]
    kernel stack:
#@        0xffffffff81025022 save_stack_trace_tsk  ([kernel.kallsyms])
#@        0xffffffffa141f419 diagnose_save_stack_trace  [diagnose]  ([kernel.kallsyms])
    user stack:
#~        0xcbf32d _ZNKSt7__cxx1112basic_stringIcE4findEPKcmm ([symbol])
#~        0xcbf32e UNKNOWN ([symbol])
#*        0xffffffffffffff h2o (UNKNOWN)
    process chain:
#^        0xffffffffffffff h2o -c conf (UNKNOWN)
#^        0xffffffffffffff systemd (UNKNOWN)
##
'''
        path = 'CGROUP:[h2o];systemd;h2o -c conf;h2o;[unknown];' \
               'std::__cxx11::basic_string<char>::find(char const*, unsigned long, unsigned long) const;' \
               'diagnose_save_stack_trace;save_stack_trace_tsk'
        self.assertEqual(weights(draw(log * 2))[path], 2)
        self.assertEqual(weights(draw(log.rstrip('#\n')))[path], 1)

    def test_folded_lines_in_a_log_are_folded_stacks(self):
        log = 'text\n**step 0001: x;CGROUP:[a];b 1000\nother\n**step 0002: y;c 500\n'
        self.assertEqual(weights(draw(log))['step 0002: y;c'], 500)

    def test_perf_script_gives_kernel_inlined_and_unknown_frames(self):
        text = '''# header
my comm  12/13 [000] 5.1: cycles:u:
\tffffffff81 do_exit+0x1a ([kernel.kallsyms])
\t55d0cafe0001 inner (inlined)
\t55d0cafe0002 main+0x5 (/usr/bin/my prog)
\t7f0000000001 [unknown] (/usr/lib/libc.so.6)

other 14 [001] 5.2: instructions:u:
\t55d0cafe0002 main+0x5 (/usr/bin/other)
'''
        result = run(text, '-')
        self.assertEqual(weights(Picture(result.stdout)), {
            '': 1, 'my comm': 1, 'my comm;[libc.so.6]': 1, 'my comm;[libc.so.6];main': 1,
            'my comm;[libc.so.6];main;inner': 1, 'my comm;[libc.so.6];main;inner;do_exit': 1})
        self.assertIn(b'only event cycles:u', result.stderr)

    def test_an_input_that_cannot_be_opened_is_reported(self):
        self.assertIn(b'/nonexistent/x: No such file', run('', '/nonexistent/x', expect=1).stderr)

    def test_wrong_usage_is_status_2(self):
        for options in (['--width', '12x'], ['--colors', 'pink'], ['--bgcolors', 'red;}'], ['--diff', 'one'],
                        ['--fonttype', 'a</style>'], ['--minwidth', 'x'], ['--flamechart', '--reverse']):
            run('', *options, expect=2)

    def test_a_full_disk_is_a_failure_and_leaves_nothing(self):
        with open('/dev/full', 'wb') as full:
            result = subprocess.run([PROGRAM, '-'], input=b'a 1\n', stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b'standard output', result.stderr)
        run('a 1\n', '-', '-o', '/nonexistent/dir/x.svg', expect=1)


class Tables(unittest.TestCase):
    def test_text_prints_functions_and_paths(self):
        text = run('a;b 3\na;c 7\n', '--text').stdout.decode()
        self.assertRegex(text, r'7\s+70\.00%\s+7\s+70\.00%\s+c\n')
        self.assertIn('70.00%  a > c', text)
        self.assertFalse(re.search('[\x00-\x09\x0b-\x1f]', run('a\x1b;b\x07 3\n', '--text').stdout.decode()))


if __name__ == '__main__':
    PROGRAM, FOLD = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
