#!/bin/sh
# layering.sh - fails when a folder includes a header of a folder that it must not know (docs/architecture.md)
set -eu
cd "$(dirname "$0")/.."
status=0

may_include() { # may_include FOLDER PATTERN-OF-ALLOWED-FOLDERS
	folder=$1 allowed=$2
	found=$(grep -rnE '#include "[a-z]+/' "$folder" --include='*.[ch]' |
		grep -vE "#include \"($folder|$allowed)/" || true)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		echo "layering: $folder/ may include only $folder/ and $allowed/" >&2
		status=1
	fi
}

may_include abi 'none'
may_include text 'none'
may_include format 'none'
may_include symbols 'none'
may_include bpf 'none'
may_include record 'bpf|format|symbols|text|abi'
may_include analyze 'format|symbols|text|abi'
may_include flame 'analyze|text'

if grep -rnE '#include "format/(block_load|copy|damage|embed|merge|reader|repair|rewrite|source|store|walk|window|[a-z]+_decode)' record --include='*.[ch]'; then
	echo "layering: record/ writes files and never reads them" >&2
	status=1
fi
exit $status
