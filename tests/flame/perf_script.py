#!/usr/bin/env python3
# tests/flame/perf_script.py DIAG-FLAME DIAG-FOLD - outputs of perf script with different choices of fields
#
# Every sample counts once, with its period if it has one, and no field is taken for another.
import subprocess
import sys
import unittest

import folding
from picture import Picture

PROGRAM = FOLD = ''

MAIN = '\t    55d0c0001010 work+0x10 (/srv/prog)\n\t    55d0c0002020 main+0x20 (/srv/prog)\n\n'
PATH = 'main;work'


def run(data, *options, expect=0):
    result = subprocess.run([PROGRAM, '--minwidth', '0', *options, '-'],
                            input=data if isinstance(data, bytes) else data.encode(),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == expect, (result.returncode, result.stderr)
    return result


def fold(data, *options, expect=0):
    return folding.stacks(FOLD, run(data, *options, expect=expect).stdout)


class Fields(unittest.TestCase):
    def check(self, text, **expected):
        self.assertEqual(fold(text), expected['stacks'])

    def test_a_header_may_have_any_fields(self):
        heads = {
            'prog   101 [002] 12.000400:     30 cycles: ': ('prog', 30),
            'prog   101/103 [002] 12.000400:     30 cycles: ': ('prog', 30),
            'prog   101/103 [002] U     12.000400:     30 cycles: ': ('prog', 30),
            'prog   101 12.000400: cycles: ': ('prog', 1),
            'prog   101 12.000400321:     30 cycles:u: ': ('prog', 30),
            'prog   101 12.000400: ': ('prog', 1),
            'prog   101 12.000400:         30 ': ('prog', 30),
            'prog   101/103 ': ('prog', 1),
            'prog   101/103 cycles: ': ('prog', 1),
            'prog   101/103         30 cycles: ': ('prog', 30),
            'prog     101 cycles: ': ('prog', 1),
            'prog     101         30 cycles: ': ('prog', 30),
            'prog          30 cycles: ': ('prog', 30),
            'prog 12.000400:     30 cycles: ': ('prog', 30),
            'prog [002] 12.000400: cycles: ': ('prog', 1),
            'prog cycles: ': ('prog', 1),
            'prog ': ('prog', 1),
            '   101/103 [002] 12.000400:     30 cycles: ': ('[unknown]', 30),
            '   101 [002] 12.000400:     30 cycles: ': ('[unknown]', 30),
            '12.000400:     30 cycles: ': ('[unknown]', 30),
            'VM:31 VCPU:001       prog   101/103 [002] 12.000400:     30 cycles: ': ('prog', 30),
        }
        for head, (comm, weight) in heads.items():
            with self.subTest(head=head):
                options = ['--input-format', 'perf'] if head == 'prog ' else []
                self.assertEqual(fold((head + '\n' + MAIN) * 3, *options), {f'{comm};{PATH}': 3 * weight})

    def test_the_comm_is_all_that_is_before_the_ids(self):
        comms = ['Worker 7', 'Worker 8', '#queue', 'CPU 1/KVM', 'a b  c', '<p&q>', 'kworker/u9:1-ev', ':-1', 'x: y:']
        text = ''.join(f'{comm}   101/101 [000]  1.00000{i}:   5 cycles: \n{MAIN}' for i, comm in enumerate(comms))
        self.assertEqual(fold(text), {f'{c.replace("#", chr(92) + "x23", 1) if c[0] == "#" else c};{PATH}': 5
                                      for c in comms})

    def test_a_number_that_only_some_headers_have_ends_the_comm(self):
        text = f'Worker 7 1.000001: 5 cycles: \n{MAIN}plain 1.000002: 5 cycles: \n{MAIN}'
        self.assertEqual(fold(text), {f'Worker 7;{PATH}': 5, f'plain;{PATH}': 5})

    def test_an_event_ends_in_a_colon_and_its_arguments_follow(self):
        for event, rest in (('syscalls:sys_enter_read', ' fd: 0x00000003, buf: 0x7ffe'),
                            ('sched:sched_switch', ' prog:101 [120] S ==> swapper/1:0 [120]'),
                            ('cpu/mem-stores,ldlat=4/P', '  7ffd00001000   5080021 |OP STORE|LVL L1 hit|'),
                            ('probe_prog:work', ' (55d0c0001000)')):
            head = f'prog  101 [001] 42.000001: {event}:{rest}\n'
            with self.subTest(event=event):
                self.assertEqual(fold((head + MAIN) * 2), {f'prog;{PATH}': 2})
                self.assertEqual(fold(head * 4), {'prog': 4})

    def test_arguments_without_an_event_are_not_events(self):
        text = ''.join(f'prog  101 [001] 42.00000{i}: {argument}: 0x00000003, buf: 0x7ffe\n{MAIN}'
                       for i, argument in enumerate(('fd', 'dfd', 'fd', 'nr')))
        self.assertEqual(fold(text), {f'prog;{PATH}': 4})

    def test_a_frame_may_be_on_the_line_of_its_header(self):
        text = '            perf 18021   63.145048:          1 cycles:  ffffffffa5e76a8a native_x ([kernel.kallsyms])\n' \
               '             prog 18022  63.145148:     250 cycles:      55d0c0001234 spin+0x14 (/srv/prog)\n' * 2
        self.assertEqual(fold(text), {'perf;native_x': 2, 'prog;spin': 500})

    def test_places_branches_and_registers_are_not_frames(self):
        text = 'prog   101 [000]  1.000001:     10 cycles: \n\t55d0c0001010 inner (inlined)\n  prog.c:3\n' \
               '\t55d0c0001010 work+0x10 (/srv/prog)\n  prog.c:12\n\t7f00000271ca [unknown] (/lib/libc.so.6)\n' \
               '  libc.so.6[271ca]\n 0x55d0/0x55d1/P/-/-/3/CALL/-  0x55d2/0x55d3/P/-/-/5/RET/- \n' \
               ' ABI:2    AX:0x1    BX:0x2 \n\n'
        self.assertEqual(fold(text * 2), {'prog;[libc.so.6];work;inner': 20})

    def test_source_code_and_ends_of_rounds_are_not_samples(self):
        sample = 'prog   101 [000]  1.000001:     10 cycles: \n' + MAIN
        text = f'{sample}|12       int sum = 0; /* 7.5: */\n{sample}PERF_RECORD_FINISHED_ROUND\n{sample}|9        return\n'
        self.assertEqual(fold(text), {f'prog;{PATH}': 30})

    def test_a_module_may_have_brackets_and_be_deleted(self):
        for module in ('/srv/prog (deleted)', '/srv/My Prog (2)/prog', '/memfd:code (deleted)', '[heap]'):
            text = f'prog 101 1.5: 3 cycles: \n\t55d0c0001010 f(int (*)(long))+0x10 ({module})\n' \
                   f'\t55d0c0002020 [unknown] ({module})\n\n'
            name = module.replace(' (deleted)', '').rsplit('/', 1)[-1].strip('[]')
            with self.subTest(module=module):
                self.assertEqual(fold(text), {f'prog;[{name}];f(int (*)(long))': 3})

    def test_without_modules_brackets_belong_to_the_symbol(self):
        text = 'prog 101 1.5: 3 cycles: \n\t55d0c01 f(int)\n\t55d0c02 a::b(std::vector<int>&) const\n\t55d0c03 main\n\n'
        self.assertEqual(fold(text), {'prog;main;a::b(std::vector<int>&) const;f(int)': 3})

    def test_without_addresses_a_tab_starts_a_frame(self):
        self.assertEqual(fold('prog 101 1.5: 3 cycles: \n\twork (/srv/prog)\n\tmain (/srv/prog)\n\n'),
                         {f'prog;{PATH}': 3})

    def test_frames_need_no_indentation(self):
        self.assertEqual(fold('prog 101 [000] 1.5: 3 cycles: \n401136 work (/srv/prog)\n401000 main (/srv/prog)\n\n'),
                         {f'prog;{PATH}': 3})

    def test_unknown_code_is_named_by_its_module(self):
        text = 'prog 101 1.5: 3 cycles: \n\t7f00 [unknown] (/lib/libp.so.1)\n\t7f01  (/lib/libq.so.2)\n' \
               '\t7f02 [unknown] ([unknown])\n\t7f03 [unknown] (/lib/libr.so+0x30)\n\tff04 [unknown] ([nf_tables])\n\n'
        self.assertEqual(fold(text), {'prog;[nf_tables];[libr.so+0x30];[unknown];[libq.so.2];[libp.so.1]': 3})

    def test_inlined_methods_of_java_are_frames_of_their_own(self):
        text = 'java 12 [000] 1.0: 10 cycles: \n\t7f00 Lcom/acme/App;.put(Ljava/io/File;J)I (/tmp/perf-12.map)\n' \
               '\t7f02 Lcom/acme/A;::x->Lcom/acme/B;::y->Lcom/acme/C;::z (/tmp/perf-12.map)\n\n'
        self.assertEqual(fold(text), {'java;com.acme.A.x;com.acme.B.y;com.acme.C.z;com.acme.App.put(java.io.File, long)':
                                      10})

    def test_records_of_perf_are_not_samples(self):
        text = f'perf-exec  12/12 0.100000: PERF_RECORD_COMM exec: prog:12/12\nprog 12/12 1.5:  7 cycles: \n{MAIN}' \
               'prog 12/12 1.600000: PERF_RECORD_NAMESPACES 12/12 - nr_namespaces: 2\n\t\t[0/net: 4/0xf0, 1/uts: 4/0xf1]\n' \
               f'prog 12/12 1.700000: PERF_RECORD_LOST lost 53\nprog 12/12 1.8:  7 cycles: \n{MAIN}'
        self.assertEqual(fold(text), {f'prog;{PATH}': 14})

    def test_events_that_perf_lost_are_counted_and_reported(self):
        """As perf script --show-lost-events prints them, with and without a command."""
        text = f'prog 12/12 1.5:  7 cycles: \n{MAIN}prog    12 1.700000: PERF_RECORD_LOST lost 53\n' \
               f'PERF_RECORD_LOST lost 9 12/12 1.8:  7 cycles: \n{MAIN}   12 1.9: PERF_RECORD_LOST_SAMPLES lost 4\n'
        result = run(text)
        self.assertIn(b'57 events were lost while perf recorded', result.stderr)
        self.assertIn('57 events were lost while perf recorded', Picture(result.stdout).info['titleLines'])
        self.assertNotIn(b'lost', run(f'prog 12/12 1.5:  7 cycles: \n{MAIN}').stderr)

    def test_text_that_is_no_output_of_perf_is_refused(self):
        """Any line can be a header with a comm and nothing else, but a comm has at most 15 bytes."""
        log = ''.join(f'2025-06-24 14:36:2{i} startup packages configure libc6:amd64 2.36-9 <none>\n' for i in range(9))
        self.assertIn(b'most lines cannot be used', run(log, expect=1).stderr)
        self.assertEqual(fold('kworker/u8:2-ev \nkworker/u8:2-ev \n', '--input-format', 'perf'), {'kworker/u8:2-ev': 2})

    def test_crlf_and_a_missing_last_newline_do_no_harm(self):
        text = ('prog 101 [000] 1.5: 3 cycles: \n' + MAIN) * 2
        self.assertEqual(fold(text.rstrip('\n').replace('\n', '\r\n')), {f'prog;{PATH}': 6})

    def test_a_sum_of_more_than_64_bits_is_refused(self):
        text = f'prog 101 1.5:  0 cycles: \n{MAIN}prog 101 1.6: cycles: \n{MAIN}' \
               f'prog 101 1.7:  {2 ** 64 - 1} cycles: \n{MAIN}'
        result = run(text, expect=1)
        self.assertIn(b'line 12: the sum of the counts exceeds 64 bits', result.stderr)
        self.assertIn(b'perf script -F -period', result.stderr)
        self.assertEqual(result.stdout, b'')
        self.assertEqual(fold(text.replace(str(2 ** 64 - 1), str(2 ** 64 - 2))), {f'prog;{PATH}': 2 ** 64 - 1})

    def test_zero_is_a_period(self):
        text = f'prog 101 1.5:  0 cycles: \n{MAIN}prog 101 1.6:  9 cycles: \n{MAIN}'
        self.assertEqual(fold(text), {f'prog;{PATH}': 9})


class Events(unittest.TestCase):
    TEXT = ''.join(f'prog 101 [000] 1.{i}:  {period} {event}: \n{MAIN}' for i, (event, period) in
                   enumerate([('cycles:u', 10), ('instructions:u', 20), ('cycles:u', 30), ('faults', 1)]))

    def test_the_first_event_counts_and_the_others_are_named(self):
        result = run(self.TEXT)
        self.assertIn(b'only event cycles:u is counted (2 samples)', result.stderr)
        self.assertIn(b'instructions:u (1)', result.stderr)
        self.assertIn(b'faults (1)', result.stderr)
        self.assertEqual(fold(self.TEXT), {f'prog;{PATH}': 40})

    def test_an_event_can_be_chosen_with_or_without_its_modifiers(self):
        for name in ('instructions:u', 'instructions'):
            self.assertEqual(fold(self.TEXT, '--perf-event', name), {f'prog;{PATH}': 20})

    def test_an_event_that_does_not_occur_is_refused(self):
        result = run(self.TEXT, '--perf-event', 'branches', expect=2)
        self.assertIn(b'--perf-event branches: no such samples: the input has cycles:u (2), instructions:u (1), '
                      b'faults (1)', result.stderr)


if __name__ == '__main__':
    PROGRAM, FOLD = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
