#!/usr/bin/env python3
"""json-lines.py - every line of diag-report --json is as share/report.schema.json says, for all traces of the tree

  usage: json-lines.py BUILD-DIRECTORY SOURCE-DIRECTORY

Also: the files of share/ are those that the tables of the sources make; the schema is valid, and python3-jsonschema agrees, if
it is installed."""
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from json_schema import Checker  # noqa: E402

KEYS = "host,boot,file,cgroup,container,comm,class,cause,sender,uid,hour"
# Debian's module is not in the path of other interpreters.
VALIDATE = """
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(77)
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for line in sys.stdin:
    validator.validate(json.loads(line))
sys.exit("a wrong line is valid" if validator.is_valid({"type": "exit", "time": 5}) else 0)
"""


def lines_of(report, trace, *options):
    result = subprocess.run([report, "--json", *options, trace], capture_output=True, timeout=60)
    if result.returncode not in (0, 1, 3, 4):
        sys.exit(f"not ok - {trace} {options}: status {result.returncode}: {result.stderr.decode()}")
    return result.stdout.decode("ascii").splitlines()


def check_traces(build, source, checker):
    report = os.path.join(build, "bin", "diag-report")
    traces = sorted(glob.glob(os.path.join(source, "tests", "cli", "traces", "*.dz")) +
                    glob.glob(os.path.join(source, "samples", "traces", "*.dz")))
    known, types = [], set()
    for trace in traces:
        for options in ((), ("--no-stacks",), ("--by", KEYS), ("--diff", trace), ("--diff", traces[0])):
            for line in lines_of(report, trace, *options):
                try:
                    types.add(checker.line(line, "newer" in trace)["type"])
                except ValueError as error:
                    print(f"not ok - {trace} {options}: {error}\n{line}")
                    return False, known
                known.append(line)
    wanted = {"exit", "signal", "delivery", "oom", "probe", "section", "lost", "summary", "count", "change"}
    print("ok" if wanted <= types else "not ok", "-", len(known), "lines of", len(traces), "traces, types:", *sorted(types))
    return wanted <= types, known


def main(build, source):
    schema = os.path.join(source, "share", "report.schema.json")
    fine, known = check_traces(build, source, Checker(schema))
    result = subprocess.run(["/usr/bin/python3", "-c", VALIDATE, schema], input="\n".join(known[:400]), text=True)
    print({0: "ok", 77: "ok # SKIP no python3-jsonschema"}.get(result.returncode, "not ok"), "- jsonschema agrees")
    fine &= result.returncode in (0, 77)
    stale = subprocess.run([os.path.join(source, "scripts", "update-share"), build, "--check"]).returncode
    print("not ok" if stale else "ok", "- share/ is what scripts/update-share writes")
    return 0 if fine and not stale else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
