#!/usr/bin/env python3
# tests/flame/perf_recordings.py DIAG-FLAME DIAG-FOLD [NAME...] - recordings of perf made here, printed with many choices of fields
#
# For every recording and choice of fields and records of perf script: the number of samples and the sum of their periods
# are those of perf report --stdio -n, for the event that is counted and for each event that is chosen. Needs root and perf.
import os
import re
import shutil
import subprocess
import sys
import tempfile

import folding

PROGRAM = FOLD = ''

SOURCE = r'''
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static inline __attribute__((always_inline)) unsigned mix(unsigned x)
{
	return x * 2654435761u ^ x >> 7;
}

__attribute__((noinline)) unsigned inner(unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += mix(i);
	return sum;
}

__attribute__((noinline)) unsigned work(unsigned n)
{
	char bytes[64];
	int fd = open("/dev/zero", O_RDONLY);
	volatile char *page = malloc(300000);
	unsigned sum = inner(n) + (read(fd, bytes, sizeof(bytes)) > 0);

	page[4096] = 1;
	free((void *)page);
	close(fd);
	return sum + 1;
}

int main(void)
{
	unsigned sum = 0;

	for (int i = 0; i < 600; i++) {
		sum += work(200000);
		if (i % 50 == 0)
			usleep(1000);
	}
	return sum == 1;
}
'''

JAVA = '''
public class Spin {
    static int inner(int n) { int s = 0; for (int i = 0; i < n; i++) s += i * 31 ^ s >> 3; return s; }
    static int work(int n) { int s = 0; for (int i = 0; i < n; i++) s += inner(1000); return s; }
    public static void main(String[] a) { int s = 0; for (int i = 0; i < 400; i++) s += work(1000); System.exit(s == 1 ? 1 : 0); }
}
'''

NODE = '''
function inner(n) { let s = 0; for (let i = 0; i < n; i++) s = (s + i * 31) ^ (s >> 3); return s; }
function work(n) { let s = 0; for (let i = 0; i < n; i++) s += inner(2000); return s; }
let s = 0; for (let i = 0; i < 200; i++) s += work(500);
'''

GO = '''
package main

//go:noinline
func inner(n int) int { s := 0; for i := 0; i < n; i++ { s += i*31 ^ s>>3 }; return s }

//go:noinline
func work(n int) int { s := 0; for i := 0; i < n; i++ { s += inner(2000) }; return s }

func main() {
	done := make(chan int)
	for g := 0; g < 2; g++ { go func() { s := 0; for i := 0; i < 100; i++ { s += work(500) }; done <- s }() }
	<-done; <-done
}
'''

# Those that perf script refuses for a recording, such as fields that it does not have, are counted.
CHOICES = [
    '', '-F +period', '-F -period', '-F -event', '-F -pid,-tid', '-F -tid', '-F +tid,+pid', '-F -comm', '-F -time', '-F -cpu',
    '-F +cpu', '-F -dso', '-F -sym', '-F +symoff', '-F -ip', '-F +addr', '-F +srcline', '-F +srcline --no-inline',
    '-F +srcline,+symoff --full-source-path', '-F +srccode', '-F +insn,+insnlen', '-F +flags', '-F +misc', '-F +tod', '-F +metric',
    '-F +weight', '-F +data_src', '-F +phys_addr', '-F +data_page_size,+code_page_size', '-F +iregs', '-F +uregs', '-F +brstack',
    '-F +brstacksym', '-F +synth', '-F +callindent', '-F +bpf-output', '-F +cgroup', '-F +machine_pid,+vcpu', '-F comm,ip,sym',
    '-F comm,pid,tid,ip,sym,dso', '-F comm,pid,event,ip,sym', '-F comm,tid,cpu,time,event,ip,sym,dso',
    '-F comm,tid,cpu,time,period,event,ip,sym,dso', '-F time,period,event,ip,sym', '-F comm,period,ip,sym,dso', '-F pid,time,ip,sym',
    '-F comm,pid,tid,cpu,time,event', '-F comm,event,trace,ip,sym', '-F -trace', '--ns', '--deltatime', '--reltime', '--inline',
    '--no-inline', '--show-task-events', '--show-mmap-events', '--show-switch-events', '--show-namespace-events',
    '--show-lost-events', '--show-cgroup-events', '--show-round-events', '--show-bpf-events', '--show-text-poke-events',
    '--show-task-events --show-mmap-events --show-lost-events', '--show-kernel-path', '--header', '--show-info', '--max-stack 3',
    '--demangle-kernel', '--hide-call-graph', '-F +comm --show-on-off-events',
]

# For these recordings, also the choices for which perf starts addr2line.
SLOW_TOO = ('clock', 'dwarf', 'uprobes')


def output(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=120, **options)


class Recording:
    """A perf.data file, with the samples and the sum of the periods of each event as perf report prints them."""

    def __init__(self, name, *command, events=('-e', 'cpu-clock'), mode=('-g',)):
        self.name, self.path = name, f'{name}.data'
        rate = ('-F', '999') if events[1].startswith('c') else ('-c', '1')  # of a clock, or each event
        made = output('perf', 'record', '-q', *rate, *mode, *events, '-o', self.path, *command)
        self.problem = None if os.path.exists(self.path) and os.path.getsize(self.path) > 4096 else last_line(made.stderr)
        self.events = [] if self.problem else self.report()
        if not self.problem and not self.events:
            self.problem = 'no samples'
        self.prints_periods = re.search(rb'\d+\.\d+: +\d+ +\S+: ', output('perf', 'script', '-i', self.path).stdout) is not None

    def report(self):
        text = output('perf', 'report', '--stdio', '-n', '-g', 'none', '--no-children', '--percent-limit', '0', '-i',
                      self.path).stdout.decode(errors='replace')
        events = []
        for line in text.splitlines():
            head = re.match(r"# Samples: \S+ +of event '(.*)'", line)
            count = re.match(r'# Event count \(approx\.\): (\d+)', line)
            row = re.match(r' *\d+\.\d+% +(\d+) ', line)
            if head:
                events.append([head[1], 0, 0])
            elif count:
                events[-1][2] = int(count[1])
            elif row:
                events[-1][1] += int(row[1])
        return [event for event in events if event[1] > 0]


def last_line(text):
    lines = [line.strip() for line in text.decode(errors='replace').splitlines() if line.strip()]
    return lines[-1] if lines else 'no message'


def drawn(text, *options):
    """The total of a flame graph, the samples of each event, and what the program prints."""
    result = subprocess.run([PROGRAM, '--minwidth', '0', *options, '-'], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=120)
    if result.returncode != 0:
        return None, result.returncode, result.stderr.decode(errors='replace')
    return sum(folding.stacks(FOLD, result.stdout).values()), 0, result.stderr.decode(errors='replace')


def has_periods(recording, choice):
    """Whether perf script prints the period: if it is chosen, and by default for samples of clocks and counters."""
    fields = re.search(r'-F (\S+)', choice)
    words = fields[1].split(',') if fields else []
    if words and words[0][0] not in '+-':
        return 'period' in words
    return '+period' in words or recording.prints_periods and '-period' not in words


def check_choice(recording, choice):
    """Returns 'same', 'refused' if perf script cannot print the choice, or 'failed', with a text."""
    printed = output('perf', 'script', '-i', recording.path, *choice.split())
    text = printed.stdout
    if printed.returncode != 0 or not text.strip():
        return 'refused', last_line(printed.stderr)
    first = recording.events[0][0].encode()
    named = re.search(rb'^.{0,120}?\b' + re.escape(first) + rb':', text, re.M) is not None
    events = recording.events if named else [[None, *(sum(column) for column in zip(*(event[1:] for event in recording.events)))]]
    for name, samples, periods in events:
        options = ['--perf-event', name] if name and len(events) > 1 else []
        total, status, errors = drawn(text, *options, *([] if named else ['--input-format', 'perf']))
        expected = periods if has_periods(recording, choice) else samples
        if total != expected:
            return 'failed', f'{name}: {total} instead of {expected} ({samples} samples, {periods}), status {status}: {errors.strip()}'
    return 'same', ''


def make_programs():
    with open('app.c', 'w') as file:
        file.write(SOURCE)
    subprocess.run(['gcc', '-g', '-O1', '-fno-omit-frame-pointer', '-o', 'app', 'app.c'], check=True)
    for name, text in (('Spin.java', JAVA), ('spin.js', NODE), ('spin.go', GO)):
        with open(name, 'w') as file:
            file.write(text)


def runtimes():
    """(name, command) of each language that is installed."""
    found = []
    if shutil.which('javac') and output('javac', 'Spin.java').returncode == 0:
        found.append(('java', ['java', '-XX:+PreserveFramePointer', '-XX:+UnlockDiagnosticVMOptions', '-XX:+DumpPerfMapAtExit',
                               'Spin']))
    if shutil.which('node'):
        found.append(('node', ['node', '--perf-basic-prof', '--interpreted-frames-native-stack', 'spin.js']))
    if shutil.which('go') and output('go', 'build', '-o', 'spin-go', 'spin.go', env={**os.environ, 'HOME': os.getcwd(),
                                                                                   'GOFLAGS': '-mod=mod'}).returncode == 0:
        found.append(('go', ['./spin-go']))
    found.append(('python', [sys.executable, '-c', 'print(sum(i * i for i in range(6000000)))']))
    return found


def uprobes():
    """Adds probes on the test program. Returns whether this worked."""
    return all(output('perf', 'probe', '-q', '-x', './app', probe).returncode == 0
               for probe in ('work n=%di', 'inner%return $retval'))


def wanted():
    """(name, command, options) of each recording."""
    app = ['./app']
    made = [
        ('clock', app, {}),
        ('dwarf', app, {'mode': ('--call-graph', 'dwarf,4096')}),
        ('flat', app, {'mode': ()}),
        ('registers', app, {'mode': ('-g', '--intr-regs=ax,bx', '--user-regs=ax,sp', '-d', '--phys-data', '-W')}),
        ('two', app, {'events': ('-e', 'cpu-clock,page-faults,context-switches')}),
        ('system', ['sleep', '0.3'], {'mode': ('-a', '-g')}),
        ('groups', app, {'mode': ('-g', '--all-cgroups', '--namespaces', '--switch-events')}),
        ('syscalls', app, {'events': ('-e', 'syscalls:sys_enter_openat,syscalls:sys_enter_read')}),
        ('sched', app, {'mode': ('-a', '-g'), 'events': ('-e', 'sched:sched_switch,sched:sched_waking')}),
        ('branches', app, {'mode': ('-b',)}),
        ('cycles', app, {'events': ('-e', 'cycles')}),
        ('uprobes', app, {'events': ('-e', 'probe_app:*')}),
    ]
    return made + [(name, command, {}) for name, command in runtimes()]


def recordings(names):
    for name, command, options in wanted():
        if names and name not in names:
            continue
        if name == 'uprobes' and not uprobes():
            print('not recorded: uprobes: perf probe cannot add one')
            continue
        try:
            yield Recording(name, *command, **options)
        finally:
            if name == 'uprobes':
                output('perf', 'probe', '-q', '-d', 'probe_app:*')


def main():
    global PROGRAM, FOLD
    PROGRAM, FOLD = (os.path.abspath(path) for path in sys.argv[1:3])
    if os.geteuid() != 0 or not shutil.which('perf') or not shutil.which('gcc'):
        print('SKIP: needs root, perf and gcc')
        sys.exit(77)
    failures = compared = 0
    choices, refusals = set(), set()
    with tempfile.TemporaryDirectory(prefix='diag-perf-') as folder:
        os.chdir(folder)
        make_programs()
        for recording in recordings(sys.argv[3:]):
            if recording.problem:
                print(f'not recorded: {recording.name}: {recording.problem}')
                continue
            refused = []
            same = 0
            for choice in CHOICES:
                if recording.name not in SLOW_TOO and re.search('srcline|srccode', choice):
                    continue
                result, text = check_choice(recording, choice)
                same += result == 'same'
                if result == 'same':
                    choices.add(choice)
                elif result == 'refused':
                    refused.append(choice)
                else:
                    failures += 1
                    print(f'FAILED {recording.name}: perf script {choice}: {text}')
            compared += same
            refusals.update(refused)
            print(f'{recording.name}: {", ".join(f"{event[0]} {event[1]} samples" for event in recording.events)}: {same} choices '
                  f'agree; perf script refuses {len(refused)}', flush=True)
        os.chdir('/')
    print(f'{compared} outputs agree with perf report, with {len(choices)} choices of fields and records; {failures} do not')
    print(f'refused by this perf for all recordings: {", ".join(sorted(refusals - choices)) or "none"}')
    assert failures == 0 and (len(choices) >= 40 or sys.argv[3:])


if __name__ == '__main__':
    main()
