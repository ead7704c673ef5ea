#!/bin/sh
# cppcheck.sh - fails when cppcheck finds a fault; an exception is explained at its line
#
#   usage: cppcheck.sh BUILD-DIRECTORY     of which it keeps its cache
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
mkdir -p "$build/cppcheck"
# BPF programs are made of macros that cppcheck cannot follow; samples do wrong on purpose.
tests/lint/sources -name '*.c' ! -path 'bpf/*' ! -path 'samples/*' >"$build/cppcheck/files"
# gcc and clang find uninitialized variables better: they see an assignment through a pointer.
cppcheck --enable=warning,portability,performance --error-exitcode=1 --inline-suppr --quiet --std=c11 --library=posix \
	--library=tests/lint/cppcheck.cfg \
	--suppress=missingIncludeSystem --suppress=uninitvar -I . -I format/include -j "$(nproc)" \
	--cppcheck-build-dir="$build/cppcheck" --file-list="$build/cppcheck/files"
