#!/bin/sh
# samples/sections/marker_paths.sh - marks a section by checking for files that do not exist; needs no library
count=${1:-3} sleep_ms=${2:-150}
while [ "$count" -gt 0 ]; do
	[ -e /diag/section/start/100/shell ]
	sleep "$(printf '%d.%03d' $((sleep_ms / 1000)) $((sleep_ms % 1000)))"
	[ -e /diag/section/stop ]
	count=$((count - 1))
done
