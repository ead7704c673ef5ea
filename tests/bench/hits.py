#!/usr/bin/env python3
"""hits.py - what the user stack of a hit costs, beside bpftrace on the same load built with frame pointers, as ratios in one run

usage: hits.py BUILD-DIRECTORY [COUNT [ROUNDS]]

The load makes COUNT (1000000) system calls at most 100,000 a second, below 4 to 11 functions: eight distinct stacks. In each of
ROUNDS (5) rounds diag-record records it without frame pointers, and bpftrace counts its stacks with them. Status 1 if a hit is
lost, if a stack is wrong or incomplete, or if a bar is missed."""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

import bpf_stats

BUILD = os.path.abspath(sys.argv[1])
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
RATE = 100000
LOAD = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long __attribute__((noinline)) descend(int depth)
{
	volatile char room[200];

	room[depth] = (char)depth;
	return depth == 0 ? syscall(SYS_getppid) : descend(depth - 1) + room[depth];
}

int main(int argc, char **argv)
{
	long count = atol(argv[1]), rate = atol(argv[2]) / 1000, sum = argc;
	struct timespec next;

	sleep(1);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long i = 0; i < 8; i++)
		sum += descend(3 + (int)i);
	sleep(1);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long i = 0; i < count; i++) {
		sum += descend(3 + (int)(i % 8));
		if (i % rate == 0) {
			next.tv_nsec += 1000000;
			if (next.tv_nsec >= 1000000000) {
				next.tv_nsec -= 1000000000;
				next.tv_sec++;
			}
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		}
	}
	return sum == 0;
}
"""
POINT = "tracepoint:syscalls:sys_enter_getppid"


def programs():
    shown = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True, check=True).stdout)
    return {program["id"]: (program.get("run_time_ns", 0), program.get("run_cnt", 0)) for program in shown}


def begin(*command):
    before = set(programs())
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while "recording to" not in process.stdout.readline():
        assert process.poll() is None, f"{command[0]} has ended"
    return process, set(programs()) - before


def measured(own, load):
    """Nanoseconds a hit, of all programs of a tool."""
    subprocess.run([load, str(COUNT), str(RATE)], check=True)
    shown = programs()
    return sum(shown[i][0] for i in own if i in shown) / COUNT


def end(process):
    process.send_signal(2)
    return process.communicate()[0]


def with_diag():
    process, own = begin(f"{BUILD}/bin/diag-record", "-e", POINT, "-g", "-c", "hits", "--force", "-o", "hits.dz")
    cost = measured(own, "./hits")
    end(process)
    info = subprocess.run([f"{BUILD}/bin/diag-report", "--info", "--verbose", "hits.dz"], capture_output=True, text=True, check=True).stdout
    known = dict(re.findall(r"^  (\S+) +(\S+)", info, re.MULTILINE))
    return cost, int(known["lost.total"]), known


def with_bpftrace():
    process, own = begin("bpftrace", "-e", 'BEGIN { printf("recording to\\n"); } ' + POINT +
                         ' /comm == "hits-pointers"/ { @[ustack] = count(); }')
    cost = measured(own, "./hits-pointers")
    end(process)
    return cost


def stacks():
    """How many hits have each user stack, by the names of its functions."""
    folded = subprocess.run([f"{BUILD}/bin/diag-fold", "-e", "probe", "hits.dz"], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in folded.splitlines():
        text, count = line.rsplit(" ", 1)
        names = [name for name in text.split(";") if name]
        whole = "_start" in names and names.count("main") == 1
        key = names.count("descend") if whole else text
        found[key] = found.get(key, 0) + int(count)
    return found


def main():
    os.chdir(tempfile.mkdtemp())
    with bpf_stats.counted():
        status = measure()
    sys.exit(status)


def measure():
    with open("hits.c", "w", encoding="ascii") as file:
        file.write(LOAD)
    options = ["-O2", "-fno-optimize-sibling-calls"]
    subprocess.run(["gcc", *options, "-fomit-frame-pointer", "-o", "hits", "hits.c"], check=True)
    subprocess.run(["gcc", *options, "-fno-omit-frame-pointer", "-o", "hits-pointers", "hits.c"], check=True)
    ratios, costs, others, lost = [], [], [], 0
    for _ in range(ROUNDS):
        other = with_bpftrace()
        cost, gone, known = with_diag()
        ratios.append(cost / other)
        costs.append(cost)
        others.append(other)
        lost += gone
    found = stacks()
    size = os.path.getsize("hits.dz") / COUNT
    whole = {depth: count for depth, count in found.items() if isinstance(depth, int)}
    print(f"a hit: diag-record {statistics.median(costs):.0f} ns, bpftrace {statistics.median(others):.0f} ns: "
          f"{statistics.median(ratios):.2f} times, the bar is 1.5")
    print(f"{lost} lost of {ROUNDS * (COUNT + 8)}; {size:.2f} bytes a hit, the bar is 1.2; stacks by depth: {whole}; "
          f"others: {sum(found.values()) - sum(whole.values())}; walked {known['stacks.walked']}, differing "
          f"{known['stacks.differing']} of {known['stacks.checked']} checked")
    return (lost > 0 or statistics.median(ratios) > 1.5 or size > 1.2 or len(whole) != 8 or len(found) != 8)


main()
