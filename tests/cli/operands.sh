#!/bin/sh
# operands.sh - a directory, a list and the same files by name are one input to each reader
#
#   usage: operands.sh BUILD-DIRECTORY SOURCE-DIRECTORY
#
# There are more files than the readers open at once.
set -eu
build=$(cd "$1" && pwd)
traces=$(cd "$2" && pwd)/tests/cli/traces
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
mkdir some
for number in $(seq 1 70); do
	cp "$traces/deaths.dz" "some/$number.dz"
done
cp "$traces/probes.dz" some/probes.dz
echo 'not a trace' >some/notes.txt
printf '%s\n' some/*.dz >list

check() { # check NAME: compares the files expected and actual
	if diff -u expected actual; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		failed=1
	fi
}

for program in "diag-report --utc" diag-fold "diag-flame --text"; do
	# Options hold no spaces.
	# shellcheck disable=SC2086
	set -- "$build/bin/"$program
	"$@" some/*.dz >expected
	"$@" some >actual
	check "$program: a directory"
	"$@" --files-from list >actual
	check "$program: a list"
	"$@" --files-from - <list >actual
	check "$program: a list from standard input"
done

"$build/bin/diag-flame" --text --diff "$traces/deaths.dz" some/probes.dz | grep -v 'trace:' >expected
mkdir old new
cp "$traces/deaths.dz" old
cp some/probes.dz new
"$build/bin/diag-flame" --text --diff old new | grep -v 'trace:' >actual
check 'diag-flame --diff: directories'
exit $failed
