#!/usr/bin/env python3
# tests/flame/output.py DIAG-FLAME - which files -o replaces, and that a file is whole or not there
import os
import stat
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ''
FOLDED = b'main;work 3\nmain;wait 4\n'


def start(*options, umask=0o022):
    return subprocess.Popen([PROGRAM, '-q', *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, preexec_fn=lambda: os.umask(umask))


def run(*options, umask=0o022):
    process = start(*options, umask=umask)
    output, errors = process.communicate(FOLDED, timeout=60)
    return process.returncode, output, errors.decode()


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, content):
    with open(path, 'wb') as file:
        file.write(content)


class Output(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='diag-flame-output-')
        self.path = os.path.join(self.folder.name, 'why.svg')

    def tearDown(self):
        self.folder.cleanup()

    def names(self):
        return sorted(os.listdir(self.folder.name))

    def assert_drawn(self, *options):
        status, output, errors = run('-o', self.path, *options)
        self.assertEqual((status, output, errors), (0, b'', ''))
        self.assertTrue(read(self.path).endswith(b'</svg>\n'))
        self.assertEqual(self.names(), ['why.svg'])

    def assert_refused(self, reason, *options):
        before = self.names()
        status, output, errors = run('-o', self.path, *options)
        self.assertEqual((status, output), (1, b''))
        self.assertEqual(errors, f'diag-flame: {self.path}: {reason}\n')
        self.assertEqual(self.names(), before)

    def test_a_new_file_has_the_mode_of_the_user(self):
        for umask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
            self.assertEqual(run('-o', self.path, umask=umask)[0], 0)
            self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), mode)

    def test_a_flame_graph_of_this_program_is_replaced(self):
        self.assert_drawn('--title', 'Title of the first')
        self.assert_drawn('--title', 'Title of the second')
        drawn = read(self.path)
        self.assertTrue(b'Title of the second' in drawn and b'Title of the first' not in drawn)

    def test_the_file_without_stacks_is_replaced_too(self):
        write(self.path, subprocess.run([PROGRAM, '-q', '-'], input=b'', stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL).stdout)
        self.assert_drawn()

    def test_other_files_are_replaced_with_force_only(self):
        own = run('-')[1]
        for content in (b'', b'a text\n', b'<svg xmlns="http://www.w3.org/2000/svg"></svg>\n', b'\n' + own, own[:40]):
            write(self.path, content)
            self.assert_refused('already exists: choose another name, or use --force')
            self.assertEqual(read(self.path), content)
            self.assert_drawn('--force')
            os.unlink(self.path)

    def test_links_and_directories_are_refused_even_with_force(self):
        target = os.path.join(self.folder.name, 'target')
        write(target, run('-')[1])
        before = read(target)
        for options in ([], ['--force']):
            os.symlink('target', self.path)
            self.assert_refused('is a symbolic link: name the file itself', *options)
            os.unlink(self.path)
            os.symlink('nowhere', self.path)
            self.assert_refused('is a symbolic link: name the file itself', *options)
            os.unlink(self.path)
            os.mkdir(self.path)
            self.assert_refused('is a directory: name a file', *options)
            os.rmdir(self.path)
        self.assertEqual(read(target), before)

    def test_a_failure_leaves_the_existing_flame_graph(self):
        self.assert_drawn()
        before = read(self.path)
        status, _, errors = run('-o', self.path, '--focus', 'absent')
        self.assertEqual(status, 1, errors)
        self.assertEqual(read(self.path), before)
        self.assertEqual(self.names(), ['why.svg'])

    def test_pipes_and_devices_are_written_as_they_are(self):
        drawn = run('-')[1]
        self.assertEqual(run('-o', '/dev/stdout'), (0, drawn, ''))
        self.assertEqual(run('-o', '/dev/null'), (0, b'', ''))
        os.mkfifo(self.path)
        with subprocess.Popen(['cat', self.path], stdout=subprocess.PIPE) as reader:
            self.assertEqual(run('-o', self.path)[0], 0)
            self.assertEqual(reader.communicate()[0], drawn)

    def test_standard_output_can_be_any_file(self):
        write(self.path, b'a text\n')
        with open(self.path, 'wb') as file:
            subprocess.run([PROGRAM, '-q'], input=FOLDED, stdout=file, check=True)
        self.assertTrue(read(self.path).endswith(b'</svg>\n'))

    def kill_while_reading(self):
        """Kills both processes, when the temporary file is there and half of the input read."""
        before = self.names()
        process = start('-o', self.path, '-')
        process.stdin.write(FOLDED)
        process.stdin.flush()
        for _ in range(500):
            if self.names() != before:
                break
            time.sleep(0.01)
        self.assertNotEqual(self.names(), before, 'the temporary file is there')
        process.kill()
        process.stdin.close()
        process.wait()
        process.stdout.read()
        process.stdout.close()
        process.stderr.close()

    def test_a_killed_program_leaves_no_part_under_the_name(self):
        self.kill_while_reading()
        self.assertNotIn('why.svg', self.names())
        self.assertFalse([name for name in self.names() if not name.startswith('.why.svg.')])

    def test_a_killed_program_leaves_the_existing_flame_graph(self):
        self.assert_drawn()
        before = read(self.path)
        self.kill_while_reading()
        self.assertEqual(read(self.path), before)


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
