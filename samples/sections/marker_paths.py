#!/usr/bin/env python3
# samples/sections/marker_paths.py - marks a section by checking for files that do not exist; needs no library
import os.path
import sys
import time


def handle(sleep_ms):
    time.sleep(sleep_ms / 1000)


def main(count=3, sleep_ms=150):
    for _ in range(int(count)):
        os.path.exists("/diag/section/start/100/python")
        handle(int(sleep_ms))
        os.path.exists("/diag/section/stop")


main(*sys.argv[1:])
