#!/bin/bash
# locks.sh - holds a lock for 100 ms while another process waits for it
exec 8>orders.lock 9>orders.lock
flock 9
flock 8 &
sleep 0.1
flock --unlock 9
wait
