#!/bin/sh
# shell.sh - fails when shellcheck warns about a shell script of the tree
set -eu
cd "$(dirname "$0")/../.."
# SC2187: the guest's init is run by busybox, whose shell is checked as dash. SC2317: functions that are run by name.
find .ci scripts tests samples -type f -exec awk 'FNR == 1 && /^#!.*sh$/ { print FILENAME }' {} + | sort |
	xargs shellcheck --exclude=SC2187,SC2317
