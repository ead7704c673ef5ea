#!/bin/sh
# lines.sh - source lines and inlined functions from debug files, as in addr2line; hostile debug files
#
#   usage: lines.sh BUILD-DIRECTORY [DAMAGED-FILES]      (20)
set -eu
build=$(cd "$1" && pwd)
damaged=${2:-20}
here=$(cd "$(dirname "$0")" && pwd)
report=$build/bin/diag-report
programs=$build/tests/lines
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset DIAG_DEBUGINFOD DEBUGINFOD_URLS || true
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

status() { # status EXPECTED PROGRAM [ARGUMENT...]: checks the exit status within 60 s; stdout and stderr keep the output
	expected=$1
	shift
	got=0
	timeout 60 "$@" >stdout 2>stderr </dev/null || got=$?
	[ "$got" = "$expected" ] || { echo "$* ended with $got:"; cat stdout stderr; return 1; }
}

build_id() { readelf -n "$1" | sed -n 's/.*Build ID: //p'; }
# Where the first call of a function in another one returns to.
after_call() { objdump -d --no-show-raw-insn "$1" | awk -v from="<$2>:" -v to="$3" '
	$2 == from { inside = 1 } inside && found { sub(":", "", $1); print $1; exit } inside && $2 == "call" && index($0, to) { found = 1 }'; }
# An address inside an inlined function: the first instruction that addr2line attributes to it.
inside() {
	for address in $(objdump -d --no-show-raw-insn "$1" | awk -v from="<$2>:" '$2 == from { on = 1; next } on && NF == 0 { exit } on { sub(":", "", $1); print $1 }'); do
		[ "$(addr2line -ife "$1" "0x$address" | wc -l)" -lt 6 ] || { echo "$address"; return; }
	done
}

third=$programs/liblines_third.so main=$programs/lines_main
leaf=$(inside "$third" third_run)
caller=$(after_call "$main" middle third_run)
start=$(after_call "$main" main middle)
check 'the programs have the places to look for' [ "${leaf:+1}${caller:+1}${start:+1}" = 111 ]
"$build/tests/make_lines" trace.dz "$third:$(build_id "$third"):$leaf" "$main:$(build_id "$main"):$caller" "$main:$(build_id "$main"):$start"

# The reference: function, base name of the file and line, innermost first; of callers the byte before.
reference() { addr2line -ife "$1" "0x$2" | sed 'N; s/\n.*\// /; s/ (discriminator.*//'; }
before() { printf '%x' $((0x$1 - 1)); }
{ reference "$third" "$leaf"; reference "$main" "$(before "$caller")"; reference "$main" "$(before "$start")"; } >expected
# Every line of JSON is as the schema says, too.
lines() {
	"$@" >lines.json 2>/dev/null || true
	PYTHONDONTWRITEBYTECODE=1 python3 "$here/json_schema.py" "$here/../../share/report.schema.json" lines.json || return 1
	jq -r 'select(.type == "exit") | .user_stack[] | [.symbol, ((.file // "?") | sub(".*/"; "")) + ":" + (.line | tostring)] | join(" ")' \
		lines.json >actual
	diff expected actual
}
inlined() { [ "$("$@" | jq -r 'select(.type == "exit") | .user_stack[] | select(.inlined) | .symbol' | tr '\n' ' ')" = 'third_check_value third_check ' ]; }

check 'functions and lines are those of addr2line' lines "$report" --json --debug-dir "$programs" trace.dz
check 'with the inlined functions marked' inlined "$report" --json --debug-dir "$programs" trace.dz
check 'in text, too' sh -c "$report --stacks --debug-dir $programs trace.dz | grep -q 'third_check_value .*third.c:[0-9]* \[inlined\]'"
mkdir -p empty store/.build-id plain
check 'several directories are searched' lines "$report" --json --debug-dir empty --debug-dir "$programs" trace.dz
for file in "$third" "$main"; do
	id=$(build_id "$file")
	mkdir -p "store/.build-id/$(echo "$id" | cut -c 1-2)" "plain/$(echo "$id" | cut -c 1-2)"
	objcopy --only-keep-debug "$file" "store/.build-id/$(echo "$id" | cut -c 1-2)/$(echo "$id" | cut -c 3-).debug"
	objcopy --only-keep-debug "$file" "plain/$(echo "$id" | cut -c 1-2)/$(echo "$id" | cut -c 3-).debug"
done
check 'debug files are found in the layout of distributions' lines "$report" --json --debug-dir store trace.dz
check 'and without .build-id' lines "$report" --json --debug-dir plain trace.dz
check 'lines are added to a trace' status 0 "$report" --add-lines --debug-dir store -o added.dz trace.dz
check 'which is not damaged' status 0 "$report" --verify added.dz
check 'has its lines anywhere' lines "$report" --json added.dz
check 'and its inlined functions' inlined "$report" --json added.dz
check 'diag-fold shows them' sh -c "$build/bin/diag-fold --annotate added.dz | grep -q 'third_run;third_check_\[i\];third_check_value_\[i\] 1\$'"
check 'diag-flame shows them' sh -c "$build/bin/diag-flame -o flame.svg added.dz && grep -q third_check_value flame.svg"
check 'lines can be added again' status 0 "$report" --add-lines --debug-dir store --force -o added.dz added.dz
check 'and stay as they are' lines "$report" --json added.dz

# Damage of the trace itself is reported, and the rest has its lines.
head -c $(($(stat -c %s trace.dz) - 40)) trace.dz >truncated.dz
check 'a truncated trace has lines, and is reported as truncated' status 3 "$report" --json --debug-dir store truncated.dz
check 'by the name of the file' grep -q 'truncated.dz: ' stderr
check 'with its lines' lines "$report" --json --debug-dir store truncated.dz

# Hostile debug files.
unknown() { status "$@" && grep -q '"type":"exit"' stdout && ! grep -q '"line"' stdout; }
place=hostile/.build-id/$(build_id "$third" | cut -c 1-2)
name=$place/$(build_id "$third" | cut -c 3-).debug
mkdir -p "$place"
hostile() { # hostile WHAT: the report without lines, in time
	"$build/tests/make_lines" one.dz "$third:$(build_id "$third"):$leaf"
	check "$1" unknown 0 "$report" --json --debug-dir hostile one.dz
	rm -f "$name"
}
mkfifo "$name"
hostile 'a fifo is not waited for'
ln -s "$third" "$name"
hostile 'a link out of the directory is not followed'
ln -s /dev/zero "$name"
hostile 'a link to a device is not read'
mkdir "$name"
check 'a directory is no debug file' unknown 0 "$report" --json --debug-dir hostile one.dz
rmdir "$name"
head -c 3000 "$third" >"$name"
hostile 'a truncated file is no debug file'
cp "$main" "$name"
hostile 'a file of another build is no debug file'
check 'which is reported' grep -q 'not a regular file with this build ID' stderr
mkfifo hostile/pipe
ln -s "$third" hostile/link.so
hostile 'a fifo in the directory is not waited for, and links out of it are not followed'
cyclic=$(find "$build/tests" -name libcyclic_debug_info.so | head -n 1)
"$build/tests/make_lines" cyclic.dz "$cyclic:$(build_id "$cyclic"):$(nm "$cyclic" | awk '$3 == "cyclic" { print $1 }')"
check 'an entry that originates from itself ends' status 0 "$report" --json --debug-dir "$(dirname "$cyclic")" cyclic.dz
# A damaged file costs at most its own lines and ten seconds: the intact file has its lines.
cp "$main" hostile/main
# On a busy machine it also waits for a CPU.
survives() { status 0 prlimit --cpu=12 timeout 55 "$report" --json --debug-dir hostile trace.dz && [ "$(grep -c '"type":"exit"' stdout)" = 1 ] &&
	[ "$(jq -r 'select(.type == "exit") | .user_stack[] | select(.line and (.file // "" | endswith("main.c"))) | .symbol' stdout | wc -l)" = 2 ]; }
random=0
while [ $random -lt "$damaged" ]; do
	cp "$third" "$name"
	python3 - "$name" $random <<'END'
import random, subprocess, sys
path, seed = sys.argv[1], int(sys.argv[2])
data = bytearray(open(path, "rb").read())
random.seed(seed)
sections = [line.split() for line in subprocess.run(["objdump", "-hw", path], capture_output=True, text=True).stdout.splitlines()]
for section in sections:
    if len(section) > 5 and section[1].startswith(".debug_"):
        start, size = int(section[5], 16), int(section[2], 16)
        for _ in range(20):
            data[start + random.randrange(size)] = random.randrange(256)
open(path, "wb").write(data)
END
	survives || { echo "not ok - damage $random reaches the report"; failed=1; }
	random=$((random + 1))
done

# The network is used on request only.
check 'without servers the report is written' status 0 "$report" --debuginfod trace.dz
check 'and one line has the reason' [ "$(grep -c -- --debuginfod: stderr)" = 1 ]
unreachable() { DEBUGINFOD_URLS=http://127.0.0.1:1/ DEBUGINFOD_CACHE_PATH=$work/cache "$@"; }
check 'without an answer of the servers the report is written' unreachable status 0 "$report" --debuginfod trace.dz
check 'and one line has the server and the reason' [ "$(cat stderr)" = \
	"diag-report: --debuginfod: cannot ask http://127.0.0.1:1/: Connection refused; lines may be missing" ]
for arguments in "--add-lines -o out.dz trace.dz" "--debug-dir nowhere trace.dz" "--add-lines --debug-dir store trace.dz"; do
	# shellcheck disable=SC2086 # arguments are words
	check "diag-report $arguments is refused" sh -c "! $report $arguments 2>/dev/null"
	check 'and nothing is written' [ ! -e out.dz ]
done
exit $failed
