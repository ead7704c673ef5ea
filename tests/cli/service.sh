#!/bin/sh
# service.sh - the installed units are valid, restrict the service, and call a recorder that accepts their options
#
#   usage: service.sh BUILD-DIRECTORY
set -eu
exposure_max=4.0
command -v systemd-analyze >/dev/null || { echo "SKIP: there is no systemd-analyze"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESTDIR=$work cmake --install "$1" --component diag-record >"$work/log"
units=$(dirname "$(find "$work" -name diag-record.service)")
conf=$(find "$work" -name diag-record.conf)
recorder=$(find "$work" -path '*bin/diag-record')
failed=0

check() { # check SENTENCE STATUS
	if [ "$2" -eq 0 ]; then echo "ok - $1"; else echo "not ok - $1"; failed=1; fi
}

# The paths of the unit are those of the installed system.
sed -i -e "s|^ExecStart=[^ ]*|ExecStart=$recorder|" -e "s|^EnvironmentFile=.*|EnvironmentFile=$conf|" "$units/diag-record.service"
cd "$units"
said=$(SYSTEMD_UNIT_PATH=$units: systemd-analyze verify --man=no --recursive-errors=no ./diag-record.service ./diag.slice 2>&1) && status=0 || status=$?
[ -z "$said" ] || status=1
check "systemd-analyze verify has nothing to say: $said" "$status"

exposure=$(SYSTEMD_UNIT_PATH=$units: systemd-analyze security --offline=yes --no-pager ./diag-record.service |
	awk '/Overall exposure level/ { for (i = 1; i < NF; i++) if ($i ~ /:$/) print $(i + 1) }')
echo "exposure level: $exposure"
status=0
awk -v exposure="$exposure" -v max="$exposure_max" 'BEGIN { exit !(exposure != "" && exposure + 0 <= max) }' || status=1
check "the exposure level is at most $exposure_max" "$status"

# Each line of options, commented or not. A recorder that accepts them ends with status 1, as the directory is a file.
grep '^#*DIAG_OPTIONS=' "$conf" >"$work/options"
while read -r line; do
	status=0
	# shellcheck disable=SC2086 # as systemd splits them
	"$recorder" -o "$work/log/" ${line#*=} >"$work/said" 2>&1 || status=$?
	if [ "$status" -eq 1 ]; then status=0; else cat "$work/said"; status=1; fi
	check "accepted: ${line#*=}" "$status"
done <"$work/options"
exit $failed
