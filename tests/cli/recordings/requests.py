#!/usr/bin/env python3
"""requests.py - six requests that wait and compute, each one a section that a marker starts and stops"""
import os.path
import time

for number in range(6):
    os.path.exists("/diag/section/start/5/request")
    time.sleep(0.02 + 0.01 * number)
    sum(range(20000 * (number + 1)))
    os.path.exists("/diag/section/stop")
