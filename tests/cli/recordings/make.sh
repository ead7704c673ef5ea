#!/bin/bash
# make.sh - makes the recordings of this directory
#
#   usage: make.sh BUILD-DIRECTORY RESULTS-DIRECTORY [NAME...]
#
# Run as root, in the guest of tests/vm/boot, so that the recordings name no process of this machine. The programs are
# compiled in /opt/demo before. Records from a process of init: the command lines of ancestors have no path of this machine.
set -eu
if [ -z "${DEMO-}" ]; then
	cp "$1"/bin/diag-* /usr/local/bin
	cp "$(dirname "$0")"/* /opt/demo
	results=$2
	shift 2
	cd /opt/demo
	(DEMO=1 setsid ./make.sh "$@" &)
	while [ ! -e finished ]; do sleep 1; done
	cp ./*.dz "$results"
	exit
fi
wanted=${*:-crash names handled nothing hits script pipeline make sections full memory waits calls files}
rm -f ./*.dz
hostname web1
ulimit -c 0
work=

is_wanted() { case " $wanted " in *" $1 "*) ;; *) return 1 ;; esac }

whole() { # whole NAME OPTION...: records the machine while $work runs
	name=$1
	shift
	is_wanted "$name" || return 0
	diag-record -o "$name.dz" "$@" 2>log &
	recorder=$!
	while ! grep -q 'recording to' log; do sleep 0.2; done
	$work >/dev/null 2>&1 || true
	sleep 0.5
	kill -INT $recorder
	wait $recorder || true
}

run() { # run NAME [OPTION...] -- COMMAND...: records a command with its command lines
	name=$1
	shift
	is_wanted "$name" || return 0
	diag-record -o "$name.dz" --cmdline "$@" >/dev/null 2>&1 || true
}

work=./server whole crash -c server
work=./workers whole names
work=./signals.sh whole handled
work=./server whole nothing -c nosuchthing
work='python3 -c import time' whole hits -e tracepoint:syscalls:sys_enter_read -c python3
run script -- ./nightly.sh
# The first process ends before the last ones start; if not, do it again.
run pipeline -- bash -c 'set -o pipefail; (exit 4) | cat | cat | cat | cat | cat'
run make -- make -j2
run waits -e runq:5 -e cpu -e offcpu:4 -- ./shop
run calls -g -e 'uprobe:./shop:check_order(arg0,str1)' -e uretprobe:./shop:check_order -e usdt:./shop:shop:order -- ./shop
run sections -e section -- ./requests.py
run files -e section --set-syscall '* flock 50' -- ./locks.sh
run full -e signal --ring-size 4K -- bash -c 'trap : USR1; for i in {1..1000}; do kill -USR1 $$; done'
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
if echo +memory >/sys/fs/cgroup/cgroup.subtree_control; then
	mkdir /sys/fs/cgroup/limited
	echo 60M >/sys/fs/cgroup/limited/memory.max
	work=./hog whole memory
fi
touch finished
