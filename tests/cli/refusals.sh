#!/bin/sh
# refusals.sh - what the programs cannot do, they say in clear lines of their own, with the right status and no harm done
#
#   usage: refusals.sh DIRECTORY-OF-PROGRAMS SOURCE-DIRECTORY
set -eu
programs=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
failed=0

# refuses STATUS TEXT PROGRAM [ARGUMENT...]: TEXT is part of its message; each line of the message is its own, and harmless
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

echo "a stranger's text" >text
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
	refuses 1 "nowhere.dz: No such file" "$program" nowhere.dz
	refuses 1 "folder: is a directory" "$program" folder
	refuses 1 "text: not a .dz file" "$program" text
	refuses 3 "empty: " "$program" empty
	refuses 1 "pipe.dz: not a regular file" "$program" pipe.dz
	refuses 1 'a\x1b[31mb\x0ac: No such file' "$program" "$hostile"
done
echo '<svg xmlns="http://www.w3.org/2000/svg"></svg>' >foreign.svg
echo 'a;b 3' | "$programs/diag-flame" - >picture.svg
sed 's/id="boxes">../&9/' picture.svg >damaged.svg
refuses 1 "foreign.svg: not a picture of diag-flame" diag-fold foreign.svg
refuses 1 "damaged.svg: a damaged picture" diag-fold damaged.svg
refuses 1 "picture.svg: a picture: fold it by itself" diag-fold picture.svg picture.svg
refuses 1 "picture.svg: a picture: options do nothing" diag-fold -e exit picture.svg
refuses 1 "nowhere.folded: No such file" diag-flame nowhere.folded
refuses 1 'a\x1b[31mb\x0ac: No such file' diag-flame "$hostile"

# 45 KB that want to be 1 GiB: sanitizers need more than 64 MiB for themselves.
bomb=$source/samples/traces/hostile-bomb.dz
for program in diag-report diag-fold diag-flame; do
	refuses 1 "needs more memory than is allowed" "$program" "$bomb"
	! grep -q __asan_init "$programs/$program" || continue
	if prlimit --as=67108864 --cpu=2 "$programs/$program" "$bomb" 2>&1 >output | grep -Fq "than is allowed"; then
		echo "ok - $program says so of a bomb within 64 MiB and 2 s"
	else
		echo "not ok - $program needs more than 64 MiB or 2 s for a bomb"
		failed=1
	fi
done

for list in --tgid=1x --tid=5-1 --uid=-1 --cpu=99999999 --signals=NOPE --event=nope --duration=soon; do
	refuses 2 "${list%%=*}" diag-record "$list"
done
refuses 1 "text: already exists" diag-record -o text
refuses 1 "folder: is a directory" diag-record -o folder
refuses 1 "link.dz: " diag-record -o link.dz
refuses 1 "full-link.dz: " diag-record -o full-link.dz
refuses 1 "full-link.dz: " diag-record --force -o full-link.dz
refuses 1 "pipe.dz: " diag-record -o pipe.dz
refuses 1 "nowhere/t.dz: " diag-record -o nowhere/t.dz
if [ "$(cat text)" != "a stranger's text" ] || [ -e elsewhere.dz ] || [ -n "$(find . -name '*.dz' -type f)" ]; then
	echo "not ok - a refused recording leaves everything as it was"
	failed=1
fi
exit $failed
