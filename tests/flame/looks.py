#!/usr/bin/env python3
# tests/flame/looks.py DIAG-FLAME GENERATOR TRACES-FOLDER CLI-TRACES-FOLDER - pictures at first sight, in Chromium
#
# Ten pictures, each at two widths, light and dark. With LOOKS=FOLDER in the environment, the screenshots stay there, and the
# largest picture has a million stacks. LOOKS=shots ctest -R flame/looks makes them; FLAMEGRAPH=flamegraph.pl adds its own.
# RECORDINGS=FOLDER draws NAME.dz, NAME.perf or NAME.folded of it in place of an input that is made here; for the difference,
# difference-old and difference-new.
import base64
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

from browser import Browser, skip_without_browser

FLAME = FOLD = GENERATOR = TRACES = DEATHS = ''
OTHER_BYTES_MAX = 20 << 20
SIZES = ((800, 700), (1600, 900))
PAGE = {False: (255, 255, 255), True: (21, 24, 28)}


def spread(stacks):
    """Folded lines of (stack, weight)."""
    return ''.join(f'{stack} {weight}\n' for stack, weight in stacks).encode()


def language(root, names, depth):
    """Stacks with the names of a language: wide below, many narrow ones above."""
    stacks = []
    for i in range(400):
        path = [names[(i * 7 + level * level * (1 + i % 3)) % len(names)] for level in range(1 + (i * 13) % depth)]
        stacks.append((';'.join(root + path), 1 + (i * i) % 97))
    return spread(stacks)


JAVA = ['java.util.HashMap.put', 'java.util.ArrayList.sort', 'org.apache.hbase.HRegion.doMiniBatchMutation', 'java.lang.Thread.run',
        'com.example.app.Server$Handler.lambda$main$0', 'java.util.stream.ReferencePipeline.collect']
RUST = ['tokio::runtime::task::harness::Harness<T,S>::poll', '<alloc::string::String as core::fmt::Display>::fmt',
        'core::slice::sort::stable::quicksort::<u64>', 'hashbrown::raw::RawTable<T,A>::reserve_rehash', 'app::main::{{closure}}']
NODE = ['LazyCompile:~parse /srv/app/parse.js:12', 'Builtins_ArrayPrototypeSort', 'LazyCompile:*build /srv/app/build.js:81',
        'node::fs::Read', 'v8::internal::JsonParser<unsigned char>::ParseJson', 'RegExp:^(\\w+)']
PYTHON = ['main (app.py:120)', 'load (reader.py:33)', 'tokenize (reader.py:71)', 'score (model.py:12)', '<listcomp> (model.py:15)']
KERNEL = ['entry_SYSCALL_64_after_hwframe', 'do_syscall_64', 'ksys_read', 'vfs_read', 'ext4_file_read_iter', 'filemap_read',
          'copy_page_to_iter', 'schedule', '__alloc_pages']


def pixel(png, x, y):
    """The colour of a pixel of a PNG without interlacing."""
    at, packed = 8, b''
    width = channels = 0
    while at < len(png):
        size, kind = struct.unpack('>I4s', png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        if kind == b'IHDR':
            width, _, depth, colour = struct.unpack('>IIBB', body[:10])
            assert depth == 8
            channels = {2: 3, 6: 4}[colour]
        if kind == b'IDAT':
            packed += body
        at += size + 12
    raw, row = zlib.decompress(packed), width * channels
    before = bytearray(row)
    for line in range(y + 1):
        start = line * (row + 1)
        current = bytearray(raw[start + 1:start + 1 + row])
        for i in range(row):
            left = current[i - channels] if i >= channels else 0
            corner = before[i - channels] if i >= channels else 0
            current[i] = (current[i] + predict(raw[start], left, before[i], corner)) & 255
        before = current
    return tuple(before[x * channels:x * channels + 3])


def predict(kind, left, above, corner):
    if kind == 4:
        return min((left, above, corner), key=lambda value: abs(left + above - corner - value))
    return (0, left, above, (left + above) // 2)[kind]


class Looks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = os.environ.get('LOOKS') or tempfile.mkdtemp(prefix='diag-flame-looks-')
        cls.browser = Browser(*SIZES[1])
        cls.browser.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        if not os.environ.get('LOOKS'):
            shutil.rmtree(cls.folder)

    def draw(self, name, *options, data=b''):
        path = os.path.join(self.folder, name + '.svg')
        subprocess.run([FLAME, '-q', '--force', '-o', path, *options], input=data, check=True, timeout=120)
        return path

    def recorded(self, name):
        """The file with that recording, if there is one."""
        folder = os.environ.get('RECORDINGS', '')
        paths = [os.path.join(folder, f'{name}.{end}') for end in ('dz', 'perf', 'folded')] if folder else []
        return next((path for path in paths if os.path.exists(path)), None)

    def look(self, name, *options, data=b''):
        recorded = self.recorded(name)
        both = [self.recorded(f'{name}-{side}') for side in ('old', 'new')]
        if all(both):
            options, data = ('--diff', *both), b''
        elif recorded:
            options, data = (*[option for option in options if not os.path.exists(option)], recorded), b''
        path = self.draw(name, *options, data=data)
        for width, height in SIZES:
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.browser.open('about:blank')
                    self.browser.resize(width, height)
                    self.browser.dark(dark)
                    self.browser.open('file://' + path)
                    self.check_page(width, height)
                    self.check_labels()
                    self.check_screenshot(f'{name}-{width}-{"dark" if dark else "light"}.png', dark)

        if os.environ.get('LOOKS') and os.environ.get('FLAMEGRAPH'):
            self.look_at_other(name, data or subprocess.run([FOLD, path], stdout=subprocess.PIPE, check=True).stdout)

    def look_at_other(self, name, data):
        """The same stacks, as flamegraph.pl draws them, unless that takes minutes; nothing about it is checked."""
        data = data[:data.rindex(b'\n', 0, OTHER_BYTES_MAX) + 1] if len(data) > OTHER_BYTES_MAX else data
        path = os.path.join(self.folder, name + '-other.svg')
        for width, height in SIZES:
            with open(path, 'wb') as file:
                subprocess.run(['perl', os.environ['FLAMEGRAPH'], '--width', str(width - 20)], input=data, stdout=file, check=True,
                               stderr=subprocess.DEVNULL, timeout=300)
            self.browser.resize(width, height)
            self.browser.dark(False)
            self.browser.open('file://' + path)
            self.shoot(f'{name}-{width}-other.png')

    def shoot(self, name):
        png = base64.b64decode(self.browser.devtools('Page.captureScreenshot', format='png')['data'])
        if os.environ.get('LOOKS'):
            with open(os.path.join(self.folder, name), 'wb') as file:
                file.write(png)
        return png

    def check_page(self, width, height):
        self.assertLessEqual(self.browser.run('return document.documentElement.scrollWidth'), width)
        lines = self.browser.run('return [...document.querySelectorAll("h1, .lines p")].map((e) => e.offsetHeight)')
        self.assertLessEqual(len(lines), 3)
        self.assertLess(sum(lines), 80, 'no line is broken')
        bottom = self.browser.run('return document.querySelector("#catcher").getBoundingClientRect().bottom')
        root = self.browser.run('''return [...document.querySelectorAll("#view text")]
            .filter((e) => e.textContent === "all").map((e) => e.getBoundingClientRect().bottom)''')
        self.assertLessEqual(root[0], height, 'the root is seen')
        self.assertLess(bottom, 2 * height)
        self.assertEqual([entry['message'] for entry in self.browser.log() if entry['level'] == 'SEVERE'], [])

    def check_labels(self):
        """No label leaves the graph, or reaches into another one of its row."""
        crossing = self.browser.run('''
            const catcher = document.querySelector("#catcher").getBoundingClientRect();
            const boxes = [...document.querySelectorAll("#view g:not(#axis) > text")].map((e) => e.getBoundingClientRect());
            const rows = new Map();
            for (const box of boxes) rows.set(box.top, [...(rows.get(box.top) || []), box]);
            let wrong = boxes.filter((box) => box.right > catcher.right).length;
            for (const row of rows.values()) {
                row.sort((a, b) => a.left - b.left);
                for (let i = 1; i < row.length; i++) wrong += row[i].left < row[i - 1].right;
            }
            return [wrong, boxes.length];''')
        self.assertEqual(crossing[0], 0)
        self.assertGreater(crossing[1], 2)

    def check_screenshot(self, name, dark):
        self.assertEqual(pixel(self.shoot(name), 3, 3), PAGE[dark])

    def test_exits(self):
        self.look('exits', DEATHS)

    def test_a_probe(self):
        self.look('probe', '-e', 'kprobe', '--roots', 'cgroup,process', f'{TRACES}/probes.dz')

    def test_a_section_chart(self):
        self.look('chart', '--section', '1', '--chart', f'{TRACES}/sections.dz')

    def test_a_difference(self):
        lines = language(['app', 'main'], RUST, 12).decode().splitlines()
        both = ''.join(f'{line} {(i * 31) % 89}\n' for i, line in enumerate(lines))
        self.look('difference', '--two-columns', data=both.encode())

    def test_java(self):
        self.look('java', data=language(['java', 'start_thread', 'thread_native_entry'], JAVA, 60))

    def test_rust(self):
        self.look('rust', data=language(['app', 'main'], RUST, 14))

    def test_node(self):
        self.look('node', data=language(['node'], NODE, 25))

    def test_python(self):
        self.look('python', data=language(['python3'], PYTHON, 9))

    def test_kernel_only(self):
        self.look('kernel', data=language([], [name + '_[k]' for name in KERNEL], 16))

    def test_many_stacks(self):
        stacks = '1000000' if os.environ.get('LOOKS') else '30000'
        data = subprocess.run([GENERATOR, stacks], stdout=subprocess.PIPE, check=True).stdout
        self.look('many', data=data)


if __name__ == '__main__':
    FLAME, GENERATOR, TRACES = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
    FOLD = os.path.join(os.path.dirname(FLAME), 'diag-fold')
    DEATHS = os.path.abspath(sys.argv.pop(1)) + '/deaths.dz'
    skip_without_browser()
    unittest.main()
