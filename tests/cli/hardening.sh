#!/bin/sh
# hardening.sh - fails when an installed program or library lacks a protection that the compiler and linker can give
#
#   usage: hardening.sh BUILD-DIRECTORY
set -eu
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$1" --prefix "$prefix" >"$prefix/install.log"
failed=0

expect() { # expect WHAT PATTERN READELF-OPTION...: a line of readelf's output matches
	what=$1 pattern=$2
	shift 2
	readelf --wide "$@" "$file" 2>&1 | grep -Eq "$pattern" || fail "$what"
}

refuse() { # refuse WHAT PATTERN READELF-OPTION...: no line matches
	what=$1 pattern=$2
	shift 2
	! readelf --wide "$@" "$file" 2>&1 | grep -Eq "$pattern" || fail "$what"
}

fail() {
	echo "not ok - ${file#"$prefix"/}: $1"
	failed=1
}

check() { # check FILE
	file=$1
	expect 'is position independent' 'Type: +DYN' --file-header
	expect 'makes its relocations read-only' 'GNU_RELRO' --program-headers
	expect 'binds all symbols when it starts' '(BIND_NOW|FLAGS.* NOW)' --dynamic
	expect 'has a stack that cannot be executed' 'GNU_STACK.* RW +0x' --program-headers
	refuse 'has no segment that is writable and executable' ' RWE ' --program-headers
	refuse 'has no search path for libraries' '(RPATH|RUNPATH)' --dynamic
	expect 'checks its stack for overflow' '__stack_chk_fail' --dyn-syms
}

programs=$(find "$prefix/bin" "$prefix/sbin" -type f)
[ -n "$programs" ] || { echo "not ok - nothing is installed"; exit 1; }
for program in $programs; do
	check "$program"
	expect 'checks the sizes of buffers (fortify)' '_chk@GLIBC' --dyn-syms
	expect 'may be loaded anywhere' 'FLAGS_1.* PIE' --dynamic
	# The note of the linker is missing, since the start files of libc in Debian do not have it.
	objdump --disassemble=main "$program" | grep -q endbr64 || fail 'has landing pads for indirect calls (CET)'
done
libraries=$(find "$prefix" -name 'lib*.so.*' -type f)
for library in $libraries; do
	check "$library"
done
# shellcheck disable=SC2086 # one a line
[ $failed -ne 0 ] || printf 'ok - %s\n' $programs $libraries | sed "s|$prefix/||"
exit $failed
