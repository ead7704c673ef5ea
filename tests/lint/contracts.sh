#!/bin/sh
# contracts.sh - fails when a header declares a function without a word before it, or before the group that it stands in
set -eu
cd "$(dirname "$0")/../.."
# A group ends at an empty line. An inline function has its body there to be read.
tests/lint/sources -name '*.h' ! -path 'bpf/*' ! -path 'samples/*' ! -path 'tests/*' | xargs awk '
	FNR == 1 || /^$/ { is_told = 0 }
	/^\/\*/ { is_told = 1 }
	/^[A-Za-z_].*\(/ && !/\{/ && !/^(static|_Static_assert)/ && !is_told {
		print FILENAME ":" FNR ": say before it what the function takes and returns, who owns it, and how it fails"
		failed = 1
	}
	END { exit failed }'
