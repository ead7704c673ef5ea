#!/bin/sh
# golden.sh - compares the output for known traces with the output that was reviewed last
#
#   usage: golden.sh BUILD-DIRECTORY            compare
#          golden.sh BUILD-DIRECTORY --accept   accept the present output
#
# golden/cases has a line for each: its name, the exit status, the trace, the program and its options.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
accept=${2-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset COLUMNS NO_COLOR TZ || true
failed=0

# Written once by make_scenario of tests/analyze: later versions must read these traces alike.
cp "$here"/traces/*.dz "$here"/recordings/*.dz .
cat probes.dz >joined.dz
head -c 4000 deaths.dz >cut.dz
head -c 40 deaths.dz >stump.dz
head -c 9000 handled.dz >handled-cut.dz
{ head -c 9000 handled.dz; printf '\377\377\377\377'; tail -c +9005 handled.dz; } >handled-flipped.dz
{ head -c 4500 deaths.dz; printf '\377\377\377\377'; tail -c +4505 deaths.dz; } >flipped.dz
echo 'not a trace' >text.dz
: >empty.dz

run() { # run PROGRAM OPTION...: prints the output and sets status
	status=0
	PATH=$build/bin:$here:$PATH "$@" >stdout 2>stderr </dev/null || status=$?
	cat stdout
	if [ -s stderr ]; then
		echo '--- standard error'
		cat stderr
	fi
}

while read -r name expected trace command; do
	case $name in '' | '#'*) continue ;; esac
	# Options hold no spaces.
	# shellcheck disable=SC2086
	run $command "$trace.dz" >actual
	if [ "$status" != "$expected" ]; then
		echo "not ok - $name: exit status $status instead of $expected"
		failed=1
	fi
	if [ "$accept" = --accept ]; then
		cp actual "$here/golden/$name.txt"
	elif diff -u "$here/golden/$name.txt" actual; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		failed=1
	fi
done <"$here/golden/cases"
exit $failed
