#!/bin/sh
# clang-tidy.sh - fails when a check of .clang-tidy finds something; an exception is explained at its line
#
#   usage: clang-tidy.sh BUILD-DIRECTORY     whose compile_commands.json says what is compiled, and how
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
log=$build/clang-tidy.log
# Not what is generated, nor the samples, which do wrong on purpose.
jq -r '.[].file' "$build/compile_commands.json" | grep -Ev "^($build|$PWD/samples)/" | sort -u >"$build/clang-tidy.files"
# That clang does not know some of gcc's options is nothing to find fault with.
xargs --arg-file="$build/clang-tidy.files" --max-procs="$(nproc)" --max-args=2 clang-tidy -p "$build" --quiet \
	--extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-error 2>"$log" || {
	grep -v 'warnings\? .*generated' "$log"
	exit 1
}
