#!/bin/sh
# completion.sh - the completions that the build makes are valid, and know each option of --help; so is the type of .dz files
#
#   usage: completion.sh BUILD-DIRECTORY SOURCE-DIRECTORY
set -eu
build=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() { # check SENTENCE COMMAND...
	sentence=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		echo "ok - $sentence"
	else
		echo "not ok - $sentence"
		cat "$work/log"
		failed=1
	fi
}

complete_bash() { # complete_bash PROGRAM WORD: what it offers for the beginning of a word, sorted
	bash -c 'compopt() { :; }
		source "$1"
		COMP_WORDS=("$2" "$3") COMP_CWORD=1
		"_${2//-/_}"
		printf "%s\n" "${COMPREPLY[@]%=}"' - "$build/completion/$1.bash" "$1" "$2" | sort
}

for program in diag-record diag-ctl diag-report diag-fold diag-flame; do
	[ -x "$build/bin/$program" ] || continue
	"$build/bin/$program" --help | grep -oE '^ .{4} ?--[a-z][a-z0-9-]*' | grep -oE -e '--.*' | sort -u >"$work/wanted"
	complete_bash "$program" -- >"$work/offered"
	check "bash completes each option of $program: $(wc -l <"$work/wanted")" diff "$work/wanted" "$work/offered"
	if command -v zsh >/dev/null; then
		check "zsh reads the completion of $program" zsh -n "$build/completion/$program.zsh"
		grep -oE "^  '\*--[a-z0-9-]+" "$build/completion/$program.zsh" | sed "s/.*'\*//" | sort >"$work/offered"
		check "zsh completes each option of $program" diff "$work/wanted" "$work/offered"
	fi
done

if [ -x "$build/bin/diag-ctl" ]; then
	"$build/bin/diag-ctl" --help | sed -n '/^Commands:/,$s/^  \([a-z][a-z-]*\).*/\1/p' | sort -u >"$work/wanted"
	complete_bash diag-ctl "" >"$work/offered"
	check "bash completes each command of diag-ctl: $(wc -l <"$work/wanted")" diff "$work/wanted" "$work/offered"
	check "zsh has them" grep -q ":command:(status .*stop)" "$build/completion/diag-ctl.zsh"
fi

trace=$source/samples/demo/demo.dz
check "file(1) knows a trace" sh -c "file --brief --mime-type -m '$source/packaging/diag.magic' '$trace' | grep -qx application/vnd.diag.trace"
if command -v update-mime-database >/dev/null; then
	mkdir -p "$work/mime/packages"
	cp "$source/packaging/diag-trace.xml" "$work/mime/packages"
	check "shared-mime-info accepts the type" update-mime-database "$work/mime"
	check "shared-mime-info has the type" test -f "$work/mime/application/vnd.diag.trace.xml"
fi
exit $failed
