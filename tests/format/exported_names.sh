#!/bin/sh
# exported_names.sh - fails when libdz gives other programs a global name that does not start with dz_
#
#   usage: exported_names.sh SHARED-LIBRARY STATIC-LIBRARY
set -eu
names=$(mktemp)
trap 'rm -f "$names"' EXIT
nm -D --defined-only "$1" >"$names"
nm -g --defined-only "$2" >>"$names"
# LIBDZ_0 is the version of the shared library's symbols; names that start with __ belong to the compiler's runtime.
awk '
	NF != 3 { next }
	$3 ~ /^dz_/ { count++; next }
	$2 == "A" && $3 ~ /^LIBDZ_/ || $3 ~ /^__/ { next }
	{ print "libdz exports " $3; failed = 1 }
	END {
		if (count < 100) { print "only " count + 0 " names with dz_ found"; failed = 1 }
		exit failed
	}' "$names"
