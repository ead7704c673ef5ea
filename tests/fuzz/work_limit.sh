#!/bin/sh
# work_limit.sh - an input of a fuzz target that takes too long ends it, a short one does not: PROGRAM
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 0 >"$folder/short"
printf 8 >"$folder/long"
"$1" "$folder/short"
if "$1" "$folder/long" 2>"$folder/errors"; then
	echo "8 s of work were no finding"
	exit 1
fi
grep -q 'more processor time than its size allows' "$folder/errors"
