#!/bin/sh
# copies.sh - --repair, --scrub and --add-lines write a complete file or none
#
#   usage: copies.sh BUILD-DIRECTORY SOURCE-DIRECTORY
set -eu
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
report=$build/bin/diag-report
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

check() { # check WHAT CONDITION...
	what=$1
	shift
	if "$@"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		failed=1
	fi
}

status() { # status EXPECTED PROGRAM [ARGUMENT...]: checks the exit status; stdout and stderr keep the output
	expected=$1
	shift
	got=0
	"$@" >stdout 2>stderr </dev/null || got=$?
	[ "$got" = "$expected" ] || { echo "$* ended with $got:"; cat stdout stderr; return 1; }
}

# Without the name of the file, the first member file of a line.
events() { "$report" --json "$1" 2>/dev/null | grep -v '"type":"summary"' | sed 's/"file":"[^"]*",//' || true; }

# repairs FILE: a file without damage and with the same events, or no file and a reason
repairs() {
	rm -f out.dz
	damaged=0
	"$report" --verify "$1" >verified 2>/dev/null || damaged=$?
	if [ ! -s verified ]; then
		status 1 "$report" --repair -o out.dz "$1" && [ ! -e out.dz ] && [ -s stderr ]
		return
	fi
	status "$damaged" "$report" --repair -o out.dz "$1" &&
		status 0 "$report" --verify out.dz &&
		[ "$(events "$1" | md5sum)" = "$(events out.dz | md5sum)" ] &&
		[ "$(stat -c %a out.dz)" = 600 ]
}

# adds_lines FILE: without a debug file, a copy with the same events and the same stacks
mkdir nothing
adds_lines() {
	rm -f out.dz
	status=0
	"$report" --add-lines --debug-dir nothing -o out.dz "$1" >stdout 2>stderr || status=$?
	if [ "$status" = 1 ]; then
		# The schema of the trace has no lines, or the trace cannot be read.
		[ ! -e out.dz ] && [ -s stderr ]
		return
	fi
	status 0 "$report" --verify out.dz && [ "$(events "$1" | md5sum)" = "$(events out.dz | md5sum)" ]
}

for trace in "$source"/samples/traces/*.dz "$source"/tests/cli/traces/*.dz; do
	check "$(basename "$trace") is repaired" repairs "$trace"
	check "$(basename "$trace") keeps its events when lines are added" adds_lines "$trace"
done
deaths=$source/tests/cli/traces/deaths.dz
total=$(stat -c %s "$deaths")
for size in 128 500 1500 3000 4500 6000; do
	head -c "$size" "$deaths" >truncated.dz
	check "a trace truncated after $size bytes is repaired" repairs truncated.dz
	{ head -c "$size" "$deaths"; printf 'X'; tail -c +$((size + 2)) "$deaths"; } >flipped.dz
	check "a trace with byte $size changed is repaired" repairs flipped.dz
	{ head -c "$size" "$deaths"; cat "$source/samples/traces/good-exits.dz"; tail -c +$((size + 1)) "$deaths"; } >spliced.dz
	check "a trace with another one in it at $size is repaired" repairs spliced.dz
done
[ "$total" -gt 6001 ] || { echo "not ok - deaths.dz is too small"; failed=1; }

# An existing output is replaced only with --force. An output is complete or does not exist.
echo precious >there.dz
ln -s elsewhere.dz link.dz
mkfifo pipe.dz
check 'an existing file is not overwritten' status 1 "$report" --repair -o there.dz "$deaths"
check 'and stays as it is' [ "$(cat there.dz)" = precious ]
check 'a symbolic link is not followed' status 1 "$report" --repair --force -o link.dz "$deaths"
check 'and its target is not created' [ ! -e elsewhere.dz ]
check 'a fifo is not written to' status 1 "$report" --repair --force -o pipe.dz "$deaths"
check 'an existing file is replaced with --force' status 0 "$report" --repair --force -o there.dz "$deaths"
check 'by a complete file' status 0 "$report" --verify there.dz
check 'the input itself can be replaced' status 0 "$report" --repair --force -o there.dz there.dz
rm -f out.dz
(
	# The limit of a kilobyte stands for a full disk. The signal is ignored, so that write() fails.
	trap '' XFSZ
	ulimit -f 2
	"$report" --repair -o out.dz "$deaths" >stdout 2>stderr
) && status=0 || status=$?
check 'a failed write is a failure' [ "$status" = 1 ]
check 'that is reported' grep -q 'out.dz: File too large' stderr
check 'and leaves no file' [ ! -e out.dz ]
check 'nor a temporary file' [ -z "$(find . -name '.*.dz*')" ]
check 'standard output that cannot be written is a failure' sh -c "! $report --repair -o out.dz $deaths >/dev/full 2>/dev/null"
check 'that leaves no file' [ ! -e out.dz ]

for arguments in "--repair $deaths" "--repair -o out.dz" "--repair -o out.dz $deaths $deaths" "--repair --scrub -o out.dz $deaths" \
	"--repair --json -o out.dz $deaths" "--scrub=nonsense -o out.dz $deaths" "--scrub= -o out.dz $deaths" "-o out.dz $deaths" \
	"--force $deaths" "--repair -e exit -o out.dz $deaths"; do
	# shellcheck disable=SC2086 # arguments are words
	check "$(basename "$report") ${arguments%% /*} is wrong usage" status 2 "$report" $arguments
	check 'and writes no file' [ ! -e out.dz ]
done

# contents FILE: all bytes of a copy, decompressed
contents() { zstd -dcq <"$1"; }

# keeps FILE WORD: whether a word is in the bytes of a file or in its reports
keeps() { { cat "$1"; contents "$1"; "$report" --json "$1"; "$report" --info --verbose "$1"; } 2>/dev/null | grep -aFq -e "$2"; }

# The names in a trace, as its report prints them.
demo=$source/samples/demo/demo.dz
"$report" --json "$demo" | jq -r '.. | objects | (.comm?, .cgroup?, .sender_comm?, .receiver_comm?, .module?) // empty' |
	grep -Ev '^(\[.*\]|/|)$' | sort -u >names
"$report" --info --verbose "$demo" | sed -n 's/^  \(host.name\|recorder.command\) *//p' >>names
for word in $(sed 's/ .*//' names | tr '/' '\n' | grep -E '^demo-|^dash$' | sort -u); do echo "$word" >>names; done
check 'a trace is scrubbed' status 0 "$report" --scrub -o scrubbed.dz "$demo"
check 'and the output names no name' sh -c '! grep -q demo-aborts stdout'
check 'but their number' grep -Eq '^ +1[0-9]  names of processes and threads$' stdout
check 'the copy is not damaged' status 0 "$report" --verify scrubbed.dz
check 'and zstd can read it' status 0 zstd -tq scrubbed.dz
check 'the test has names to look for' [ "$(wc -l <names)" -gt 20 ]
while IFS= read -r name; do
	keeps "$demo" "$name" || { echo "not ok - the original does not hold $name: the test proves nothing"; failed=1; }
	# These names are also in names of functions or in the schema.
	case $name in demo | sh | init | sleep | grep) continue ;; esac
	if keeps scrubbed.dz "$name"; then
		echo "not ok - $name is left in the scrubbed trace"
		failed=1
	fi
done <names
shape() { "$report" --json "$1" | jq -c '[.type, .time_ns, .pid, .tid, .exit_code, .signal, .cause.kind, (.user_stack // [] | map([.symbol, .offset, .line]))]'; }
check 'the events are the same' [ "$(shape "$demo" | md5sum)" = "$(shape scrubbed.dz | md5sum)" ]
"$report" --json "$demo" | jq -r 'select(.comm) | .comm' >was
"$report" --json scrubbed.dz | jq -r 'select(.comm) | .comm' >is
check 'no process has its own name' sh -c '! grep -v ^comm- is'
check 'a name has one pseudonym, and a pseudonym one name' [ "$(paste was is | sort -u | wc -l)" = "$(sort -u was | wc -l)" ]
check 'another run' status 0 "$report" --scrub -v -o again.dz "$demo"
check 'prints the names with -v' grep -q ' comm-[0-9a-f]*  demo-aborts$' stdout
check 'and has other pseudonyms' [ "$("$report" --json again.dz | jq -r 'select(.comm) | .comm' | md5sum)" != "$(md5sum <is)" ]
check 'only some names' status 0 "$report" --scrub=hosts,cmdlines -o some.dz "$demo"
check 'are replaced' sh -c "! $report --info --verbose some.dz | grep -q 'demo.dz\$'"
check 'and others stay' keeps some.dz demo-aborts
exit $failed
