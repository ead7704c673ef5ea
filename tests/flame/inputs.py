#!/usr/bin/env python3
# tests/flame/inputs.py DIAG-FLAME DIAG-FOLD - text of other programs: bpftrace, bcc, pprof, dumps of threads, compressed
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import folding

PROGRAM = FOLD = ''


def run(data, *options, expect=0, file=None):
    result = subprocess.run([PROGRAM, '--minwidth', '0', *options, file or '-'],
                            input=data if isinstance(data, bytes) else data.encode(),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == expect, (result.returncode, result.stderr)
    return result


def fold(data, *options, expect=0, annotate=False):
    return folding.stacks(FOLD, run(data, *options, expect=expect).stdout, *(['--annotate'] if annotate else []))


class Bpftrace(unittest.TestCase):
    TEXT = '''Attaching 2 probes...
some output

@start[12]: 99
@[
    schedule+42
    entry_SYSCALL_64_after_hwframe+50
, 
    nanosleep+10
    0x7f0012
    main+5
, demo]: 7
@[
    schedule+42
, 
    poll+10
, a, b]: 3
@bytes[srv, 
    write+1
]: 4096
'''

    def test_a_map_with_stacks_is_drawn_and_others_are_named(self):
        result = run(self.TEXT)
        self.assertEqual(folding.stacks(FOLD, result.stdout), {
            'demo;main;[unknown];nanosleep;entry_SYSCALL_64_after_hwframe;schedule': 7, 'a;b;poll;schedule': 3})
        self.assertIn(b'only map @ is counted (2 stacks)', result.stderr)
        self.assertIn(b'@bytes (1)', result.stderr)

    def test_the_map_can_be_chosen(self):
        self.assertEqual(fold(self.TEXT, '--perf-event', '@bytes'), {'srv;write': 4096})

    def test_the_stack_that_enters_the_kernel_is_at_the_leaf(self):
        text = '@[\n    poll+1\n    main+1\n, \n    do_poll+1\n    entry_SYSCALL_64_after_hwframe+1\n, srv]: 2\n'
        self.assertEqual(fold(text, annotate=True),
                         {'srv_[g];main;poll;entry_SYSCALL_64_after_hwframe_[k];do_poll_[k]': 2})

    def test_addresses_and_modules_of_the_mode_perf_are_removed(self):
        text = '@[\n\tffffffff8106 do_poll+12 ([kernel.kallsyms])\n\t    55d0c001 main+5 (/srv/prog)\n]: 2\n'
        self.assertEqual(fold(text), {'main;do_poll': 2})

    def test_a_stack_without_frames_counts(self):
        """As bpftrace prints it if there is no such code: before and after keys with frames, alone and with other parts."""
        text = '@count[a]: 8\n@open[srv, ]: 3\n' \
               '@k[]: 1\n@k[\n    a+1\n]: 2\n@k[]: 4\n\n' \
               '@p[, 12]: 16\n@p[\n    b+1\n, 12]: 32\n@p[srv, , 12]: 64\n@p[, \n    c+1\n, srv]: 128\n@p[\n    d+1\n, , srv]: 256\n' \
               '@p[srv, ]: 512\n'
        self.assertEqual(fold(text), {'[empty]': 5, 'a': 2})
        self.assertEqual(fold(text, '--perf-event', '@p'), {'12': 16, '12;b': 32, 'srv;12': 64, 'srv;c': 128, 'srv;d': 256, 'srv': 512})
        self.assertIn(b'no such samples', run(text, '--perf-event', '@open', expect=2).stderr)

    def test_a_value_that_is_no_count_is_reported(self):
        text = '@[\n    a+1\n]: 2\n@[\n    b+1\n]: count 3, average 4\n'
        self.assertIn(b'the value of a key is not a count', run(text, expect=3).stderr)


class Bcc(unittest.TestCase):
    TEXT = '''Tracing off-CPU time (us) of all threads by user + kernel stack... Hit Ctrl-C to end.

    schedule
    entry_SYSCALL_64_after_hwframe
    --
    poll
    main
    -                srv (x) (12)
        70

    main
    -                other (13)
        3

    [Missed User Stack]
    -                other (13)
        4

    -                swapper (0)
        5

'''

    def test_stacks_tasks_and_counts_are_read(self):
        result = run(self.TEXT)
        self.assertEqual(folding.stacks(FOLD, result.stdout),
                         {'srv (x);main;poll;entry_SYSCALL_64_after_hwframe;schedule': 70, 'other;main': 3,
                          'other;[Missed User Stack]': 4, 'swapper': 5})
        self.assertIn('other_[g];[Missed User Stack]_[u]', fold(self.TEXT, annotate=True))
        self.assertIn(b'"unit":"us"', result.stdout)


class Pprof(unittest.TestCase):
    TRACES = '''File: prog
Type: cpu
Duration: 1s, Total samples = 30ms
-----------+-------------------------------------------------------
      10ms   runtime.a
             runtime.b (inline)
             main.main
-----------+-------------------------------------------------------
     bytes:  64kB
     1.50s   main.work
             main.main
-----------+-------------------------------------------------------
'''
    RAW = '''PeriodType: cpu nanoseconds
Period: 10000000
Samples:
samples/count cpu/nanoseconds[dflt]
          5   50000000: 1 2 
                thread:[main]
          1   10000000: 2 3 
Locations
     1: 0x1 M=1 main.inner /a b.go:3:0 s=1
             main.outer /a b.go:9:0 s=8
     2: 0x2 M=1 main.main /a.go:20:0 s=8
     3: 0x3 M=1 
Mappings
1: 0x1/0x9/0x0 /prog  [FN]
'''

    def test_traces_are_read_with_their_units(self):
        result = run(self.TRACES)
        self.assertEqual(folding.stacks(FOLD, result.stdout), {'main.main;main.work': 1500000000,
                                                   'main.main;runtime.b;runtime.a': 10000000})
        self.assertIn(b'"unit":"ns"', result.stdout)

    def test_raw_samples_get_the_functions_that_follow_them(self):
        self.assertEqual(fold(self.RAW), {'main.main;main.outer;main.inner': 50000000, '[unknown];main.main': 10000000})
        self.assertEqual(fold(self.RAW, '--perf-event', 'samples'),
                         {'main.main;main.outer;main.inner': 5, '[unknown];main.main': 1})

    def test_a_raw_sample_without_frames_counts(self):
        self.assertEqual(fold(self.RAW.replace('2 3 \nLoc', '\nLoc')), {'main.main;main.outer;main.inner': 50000000, '[empty]': 10000000})


class Threads(unittest.TestCase):
    def test_jstack(self):
        text = '''2026-01-01 00:00:00
Full thread dump OpenJDK 64-Bit Server VM (17 mixed mode):

"main" #1 prio=5 os_prio=0 cpu=1ms tid=0x00007f nid=0x12 waiting on condition  [0x00007f]
   java.lang.Thread.State: TIMED_WAITING (sleeping)
	at java.lang.Thread.sleep(java.base@17/Native Method)
	- locked <0x1> (a X)
	at java.base@17/com.example.App.main(App.java:3)

"GC" os_prio=0 cpu=1ms tid=0x00007e nid=0x13 runnable
'''
        self.assertEqual(fold(text), {'main;com.example.App.main;java.lang.Thread.sleep': 1, 'GC': 1})

    def test_gdb(self):
        text = '''
Thread 2 (Thread 0x7f31 (LWP 12) "worker"):
#0  0x00007f0001 in futex_wait (a=1, b=0x0) at futex.c:12
#1  0x00007f0002 in std::function<void (int)>::operator() (this=0x1) from /lib/libx.so.1
#2  0x0000550003 in ?? () from /lib/liby.so
#3  main (argc=1) at m.c:3

Thread 1 (Thread 0x7f30 (LWP 11)):
#0  0x00007f0001 in poll () from /lib/libc.so.6
'''
        self.assertEqual(fold(text), {'worker;main;[liby.so];std::function<void (int)>::operator();futex_wait': 1,
                                      'Thread 1;poll': 1})

    def test_eu_stack(self):
        text = 'PID 12 - process\nTID 12:\n#0  0x00007f0001 poll - /lib/libc.so.6\n#1  0x55000001 main - 1\n' \
               'TID 13:\n#0  0x00007f0001 read\n'
        self.assertEqual(fold(text), {'TID 12;main;poll': 1, 'TID 13;read': 1})


class Compressed(unittest.TestCase):
    def test_gzip_and_zstd_of_any_text_are_read(self):
        for text in ('a;b 3\na;c 4\n', Bcc.TEXT, Pprof.RAW):
            self.assertEqual(fold(gzip.compress(text.encode())), fold(text))
            self.assertEqual(fold(gzip.compress(b'') + gzip.compress(text.encode()) + bytes(12)), fold(text))
            if shutil.which('zstd'):
                packed = subprocess.run(['zstd', '-c'], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
                self.assertEqual(fold(packed), fold(text))

    def test_damage_is_reported_and_the_rest_is_drawn(self):
        text = ''.join(f'a;f{i * 7919 % 10007} {i % 9 + 1}\n' for i in range(20000)).encode()
        packed = gzip.compress(text)
        self.assertIn(b'compressed data is truncated', run(packed[:len(packed) // 2], expect=3).stderr)
        broken = bytearray(packed)
        broken[len(packed) // 2] ^= 0xff
        result = subprocess.run([PROGRAM, '-'], input=bytes(broken), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                timeout=60)
        self.assertEqual(result.returncode, 3)
        self.assertIn(b'compressed data is', result.stderr)


class Large(unittest.TestCase):
    """Text that is read on a second thread."""

    def write(self, data):
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        file.write(data)
        file.flush()
        return file.name

    def test_a_process_that_cannot_leave_root_reads_it_too(self):
        capsh = shutil.which('capsh', path='/usr/sbin:/sbin:/usr/bin:/bin')
        if os.geteuid() != 0 or not capsh:
            self.skipTest('capsh is missing' if not capsh else 'this needs root')
        name = self.write(b'first;second 1\n' * 300000)
        result = subprocess.run([capsh, '--drop=cap_setuid', '--', '-c', 'exec "$@"', 'sh', PROGRAM, name],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual((result.returncode, result.stderr), (0, b''))
        self.assertEqual(folding.stacks(FOLD, result.stdout), {'first;second': 300000})

    def test_a_failure_hides_what_follows(self):
        text = b'a;b 18446744073709551615\n' * 2 + b'\n' * (6 << 20) + b'a;b\n' * 9
        packed = gzip.compress(text, 0)
        result = run(b'', file=self.write(packed[:-20]), expect=1)
        self.assertRegex(result.stderr, rb'^diag-flame: [^:]+: line 2: [^\n]+\n$')


class Foreign(unittest.TestCase):
    def test_other_formats_are_named_with_what_to_do(self):
        for start, advice in ((b'PERFILE2\0\0', b'perf script'), (b'\x7fELF\2', b'ELF'), (b'FLR\0\0\2', b'jfrconv'),
                              (b'\xfd7zXZ\0', b'xz -dc'), (b'BZh9', b'bunzip2'), (b'{"frames": [', b'is JSON, which is not'),
                              (b'{"$schema":"https://www.speedscope.app/file-format-schema.json",', b'py-spy record -f raw'),
                              (b'{\n "traceEvents": [', b'Chrome trace'), (b'[ {"name": "a", "ph": "B"}', b'is JSON'),
                              (b'{"meta":{"preprocessedProfileVersion":48', b'samply'),
                              (b'{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"', b'--perf-basic-prof'),
                              (b'\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04\x12\0', b'is a profile of pprof'),
                              (b'H\xb3\xfa\x86\xce\x8b\xfd\xac\xf6\x18\n\x04\x08\x01\x10\x02\n\x04\x08\x03\x10\x04\0', b'is a profile of pprof'),
                              (b'# callgrind format\n', b'callgrind'), (b' Percent |\tSource code', b'perf annotate'), (b'v8-version,11,3\n', b'--perf-basic-prof'), (b'# tracer: function\n', b'ftrace'),
                              (b'\x17\x08\x44tracing6\0', b'trace-cmd'), (b'heap profile:  1: 2', b'jeprof'),
                              (b'# To display the perf.data header info, please', b'perf report'),
                              (b'SQLite format 3\0', b'SQLite'), (b'MOJ\3', b'mojo2austin'), (b'FLR\0\0\1', b'Java Flight'),
                              (b'\xff\xfea\0', b'iconv'), (b'<!DOCTYPE html>', b'HTML'), (b'PK\3\4', b'unpack'),
                              (b'\x53\x2a\x4d\x18abcd', b'diag-record'), (gzip.compress(b'\x0a\0\x12\0' * 9), b'pprof')):
            with self.subTest(start=start):
                result = run(start + b'\n\n', expect=1)
                self.assertIn(advice, result.stderr)
                self.assertNotIn(b'skipped', result.stderr)
                self.assertEqual(result.stdout, b'')

    def test_what_only_looks_like_another_format_is_read(self):
        for text in ('{a};b 3\n', 'version: 1;b 3\n', 'a;speedscope 3\n', '[heap];b 3\n'):
            with self.subTest(text=text):
                self.assertEqual(len(fold(text)), 1)

    def test_another_svg_is_refused(self):
        self.assertIn(b'not a flame graph of diag-flame', run('<svg xmlns="x"></svg>', expect=1).stderr)


class HostilePprof(unittest.TestCase):
    def test_a_value_with_very_many_decimals_is_not_a_value(self):
        for zeros in (7, 19, 20, 63, 64, 65, 1000):
            text = f'Type: cpu\n-----------+---\n  0.{"0" * zeros}s   zero\n-----------+---\n  10ms   leaf\n            main\n'
            with self.subTest(zeros=zeros):
                self.assertEqual(fold(text, '--input-format', 'pprof', expect=3), {'main;leaf': 10000000})

    def raw(self, samples, locations):
        return 'PeriodType: cpu nanoseconds\nPeriod: 1\nSamples:\nsamples/count\n' + samples + 'Locations\n' + locations + 'Mappings\n'

    def test_functions_at_one_address_have_a_limit(self):
        # Without it, 600 KB would make 2,500,000,000 frames.
        inlined = 'a /a.go:1\n' + '             b /b.go:1\n' * 50000
        result = run(self.raw('    1: 1\n' * 50000, '    1: 0x1 M=1 ' + inlined), '--input-format', 'pprof-raw', expect=3)
        self.assertIn(b'more than 256 functions at one address', result.stderr)
        self.assertEqual(folding.stacks(FOLD, result.stdout), {';'.join(['b'] * 255 + ['a']): 50000})

    def test_frames_of_all_samples_have_a_limit(self):
        # Two bytes of a sample name 256 functions, and text like this is a hundredth as large when it is compressed.
        inlined = 'a /a.go:1\n' + '             b /b.go:1\n' * 255
        text = self.raw(('    1: ' + '1 ' * 250 + '\n') * 4000, '    1: 0x1 M=1 ' + inlined)
        result = run(text, '--input-format', 'pprof-raw', expect=3)
        self.assertIn(b'more frames in the samples than the file may have', result.stderr)
        samples = sum(folding.stacks(FOLD, result.stdout).values())
        self.assertEqual(samples, ((1 << 24) + 2 * len(text)) // (250 * 256))

    def test_names_of_all_frames_have_a_limit(self):
        # Without it, one sample would have 60 GB of names.
        locations = '    1: 0x1 M=1 ' + 'n' * 60000 + ' /a.go:1\n    2: 0x2 M=1 main /a.go:2\n'
        result = run(self.raw('    1: 2\n    1: ' + '1 ' * 1000000 + '\n', locations), '--input-format', 'pprof-raw', expect=3)
        self.assertIn(b'more frames in the samples than the file may have', result.stderr)
        self.assertEqual(folding.stacks(FOLD, result.stdout), {'main': 1})

    def test_the_number_of_a_location_takes_no_memory_of_its_size(self):
        # A program with the address sanitizer reserves terabytes of addresses: the sanitizer limits its allocations.
        with open(PROGRAM, 'rb') as program:
            is_sanitized = b'__asan_init' in program.read()
        limit = ('export ASAN_OPTIONS=max_allocation_size_mb=100; ' if is_sanitized else 'ulimit -v 150000; ') + 'exec "$0" "$@"'
        text = self.raw('    1: 1\n', '    1: 0x1 M=1 a /a.go:1\n    16777215: 0x2 M=1 b /b.go:1\n')
        result = subprocess.run(['sh', '-c', limit, PROGRAM, '--input-format', 'pprof-raw', '-'], input=text.encode(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn(b'not a location', result.stderr)


class Pictures(unittest.TestCase):
    TEXT = 'java 12 [000] 1.0: 10 cycles: \n\tff01 sys_x ([kernel.kallsyms])\n\t7f00 read (/lib/libc.so.6)\n' \
           '\t7f01 Foo (/tmp/perf-12.map)\n\t7f02 inl (inlined)\n\t7f03 [unknown] (/lib/libq.so)\n\t7f04 main (/srv/x)\n\n'

    def test_a_picture_is_drawn_again_as_it_was(self):
        first = run(self.TEXT).stdout
        # A flame graph holds weights, not the number of samples that they are made of.
        expected = first.replace(b'1 sample, 10 cycles', b'10 cycles')
        self.assertNotEqual(expected, first)
        self.assertEqual(run(first).stdout, expected)
        self.assertEqual(run(gzip.compress(first)).stdout, expected)

    def test_types_survive_folding_with_annotate(self):
        first = run(self.TEXT).stdout
        folded = 'java_[g];main;[libq.so]_[u];inl_[i];Foo_[j];read_[l];sys_x_[k]'
        self.assertEqual(folding.stacks(FOLD, first, '--annotate'), {folded: 10})
        again = run(f'{folded} 10\n').stdout
        self.assertEqual(folding.stacks(FOLD, again, '--annotate'), {folded: 10})


if __name__ == '__main__':
    PROGRAM, FOLD = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
