#!/bin/sh
# make.sh - makes the recordings of this directory
#
#   usage: make.sh BUILD-DIRECTORY RESULTS-DIRECTORY
#
# Run as root, in the guest of tests/vm/boot, so that the recordings name no process of this machine. The programs are
# compiled in /opt/demo before.
set -eu
record=$1/bin/diag-record
results=$2
cd /opt/demo
hostname web1
ulimit -c 0

whole() { # whole NAME SECONDS-AT-MOST OPTION... : records the machine while `$work` runs
	name=$1
	shift
	"$record" -o "$results/$name.dz" "$@" 2>"$results/log" &
	recorder=$!
	while ! grep -q 'recording to' "$results/log"; do sleep 0.2; done
	$work >/dev/null 2>&1 || true
	sleep 0.5
	kill -INT $recorder
	wait $recorder || true
}

work=./server whole crash -c server
work=./workers whole names -c 'w*' -e exit,signal
work=./signals.sh whole handled
work=./server whole nothing -c nosuchthing
work='python3 -c import time' whole probes -e tracepoint:syscalls:sys_enter_read -c python3
"$record" -q -o "$results/script.dz" --cmdline -- ./nightly.sh >/dev/null 2>&1 || true
"$record" -q -o "$results/make.dz" --cmdline -- make -j2 >/dev/null 2>&1 || true
if mkdir -p /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null && echo +memory >/sys/fs/cgroup/cgroup.subtree_control; then
	mkdir /sys/fs/cgroup/limited
	echo 60M >/sys/fs/cgroup/limited/memory.max
	work=./hog whole memory
fi
ls -l "$results"
