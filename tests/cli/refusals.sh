#!/bin/sh
# refusals.sh - refused requests: a clear message, the right exit status, and no file changed
#
#   usage: refusals.sh DIRECTORY-OF-PROGRAMS SOURCE-DIRECTORY
set -eu
programs=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
failed=0

# refuses STATUS TEXT PROGRAM [ARGUMENT...]: TEXT is part of its message; each line of the message is from it, and escaped
refuses() {
	status=$1 text=$2 program=$3
	shift 3
	got=0
	timeout 20 "$programs/$program" "$@" </dev/null >output 2>message || got=$?
	if [ "$got" -eq "$status" ] && grep -Fq -e "$text" message && ! grep -Pq '[\x00-\x08\x0b-\x1f\x7f]' message &&
		! grep -Evq "^(.*/)?$program: |^Try \`$program" message && [ ! -s output ]; then
		printf 'ok - %s is refused\n' "$program $*" | cat -v
	else
		printf 'not ok - %s ends with %d, not %d, or not with "%s":\n' "$program $*" "$got" "$status" "$text" | cat -v
		cat -v message
		head -n 5 output | cat -v
		failed=1
	fi
}

echo "an existing text" >text
: >empty
mkdir folder
ln -s elsewhere.dz link.dz
ln -s text full-link.dz
mkfifo pipe.dz
hostile=$(printf 'a\033[31mb\nc')

for program in diag-report diag-fold diag-flame diag-record; do
	refuses 2 "unrecognized option '--nonsense'" "$program" --nonsense
done
for program in diag-report diag-fold; do
	refuses 2 "no file given" "$program"
	refuses 2 "--since" "$program" --since never empty
	refuses 1 "nowhere.dz: cannot open: No such file" "$program" nowhere.dz
	refuses 1 "folder: no .dz file in this directory" "$program" folder
	refuses 1 "text: not a .dz file" "$program" text
	refuses 3 "empty: " "$program" empty
	refuses 1 "pipe.dz: not a regular file" "$program" pipe.dz
	refuses 1 'a\x1b[31mb\x0ac: cannot open: No such file' "$program" "$hostile"
done
echo '<svg xmlns="http://www.w3.org/2000/svg"></svg>' >foreign.svg
echo 'a;b 3' | "$programs/diag-flame" - >picture.svg
sed 's/id="boxes">../&9/' picture.svg >damaged.svg
refuses 1 "foreign.svg: not a flame graph of diag-flame" diag-fold foreign.svg
refuses 1 "damaged.svg: damaged flame graph" diag-fold damaged.svg
refuses 1 "picture.svg: flame graph: cannot be folded with other files: fold it alone" diag-fold picture.svg picture.svg
refuses 1 "picture.svg: flame graph: options have no effect" diag-fold -e exit picture.svg
refuses 1 "folder: no .dz file in this directory" diag-flame folder
refuses 2 "--files-from has no effect with --diff" diag-flame --diff --files-from list empty text
refuses 1 "nowhere.folded: No such file" diag-flame nowhere.folded
refuses 1 'a\x1b[31mb\x0ac: No such file' diag-flame "$hostile"

# 45 KB that decompress to 1 GiB. Sanitizers alone need more than 64 MiB.
bomb=$source/samples/traces/hostile-bomb.dz
for program in diag-report diag-fold diag-flame; do
	refuses 1 "needs more memory than is allowed" "$program" "$bomb"
	! grep -q __asan_init "$programs/$program" || continue
	if prlimit --as=67108864 --cpu=2 "$programs/$program" "$bomb" 2>&1 >output | grep -Fq "than is allowed"; then
		echo "ok - $program refuses a bomb within 64 MiB and 2 s"
	else
		echo "not ok - $program needs more than 64 MiB or 2 s for a bomb"
		failed=1
	fi
done

for list in --tgid=1x --tid=5-1 --uid=-1 --cpu=99999999 --signals=NOPE --event=nope --duration=soon; do
	refuses 2 "${list%%=*}" diag-record "$list"
done
refuses 1 "text: already exists" diag-record -o text
refuses 2 "keep" diag-record --keep 1M -o new.dz
refuses 1 "link.dz: " diag-record -o link.dz
refuses 1 "full-link.dz: " diag-record -o full-link.dz
refuses 1 "full-link.dz: " diag-record --force -o full-link.dz
refuses 1 "pipe.dz: " diag-record -o pipe.dz
refuses 1 "nowhere/t.dz: " diag-record -o nowhere/t.dz
if [ "$(cat text)" != "an existing text" ] || [ -e elsewhere.dz ] || [ -n "$(find . -name '*.dz' -type f)" ]; then
	echo "not ok - a refused recording leaves everything as it was"
	failed=1
fi
exit $failed
