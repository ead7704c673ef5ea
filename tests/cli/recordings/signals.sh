#!/bin/bash
# signals.sh - signals that are handled and ignored, and ends after a handled signal
bash -c 'trap : HUP; trap "" USR1; for i in 1 2 3 4 5 6 7 8; do sleep 0.2; done' &
service=$!
sleep 0.3
kill -HUP $service; sleep 0.1; kill -USR1 $service
bash -c 'trap "exit 143" TERM; while :; do sleep 0.2; done' &
stopped=$!
sleep 0.4
kill -TERM $stopped
wait $stopped
sort >/dev/null < <(sleep 1) &
sorting=$!
sleep 0.4
kill -TERM $sorting
wait $sorting
bash -c 'sleep 5 & kill -KILL $!; wait $!'
bash -c 'no-such-command'
python3 -X faulthandler -c 'import ctypes; ctypes.string_at(16)' 2>/dev/null
wait $service
