#!/usr/bin/env python3
"""fold-formats.py - every format of diag-fold has the stacks and the sums of its folded lines

  usage: fold-formats.py BUILD-DIRECTORY SOURCE-DIRECTORY"""
import collections
import glob
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import protobuf  # noqa: E402

OPTIONS = [[], ["--weight", "time"], ["--roots", "none"], ["-e", "signal"], ["--roots", "cgroup,cause", "--no-kernel"]]
failures = 0


def check(condition, *what):
    global failures
    if not condition:
        print("not ok -", *what)
        failures += 1


def run(fold, *arguments):
    result = subprocess.run([fold, *arguments], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    return result.returncode, result.stdout, result.stderr.decode()


def sums_of_folded(text):
    sums = collections.Counter()
    for line in text.decode().split("\n")[:-1]:
        stack, weight = line.rsplit(" ", 1)
        sums[stack] += int(weight)
    return +sums


def check_speedscope(fold, options, path, folded):
    _, text, _ = run(fold, "--format", "speedscope", *options, path)
    document = json.loads(text)
    frames = document["shared"]["frames"]
    profiles = {profile["name"]: profile for profile in document["profiles"]}
    check(list(profiles) == (["count", "time"] if "time" in options else ["count"]), path, options, "profiles")
    for name, profile in profiles.items():
        sums = collections.Counter()
        for sample, weight in zip(profile["samples"], profile["weights"], strict=True):
            sums[";".join(frames[number]["name"] for number in sample)] += weight
        check(profile["type"] == "sampled" and profile["endValue"] == sum(profile["weights"]), path, options, name, "total")
        if name == ("time" if "time" in options else "count"):
            check(+sums == folded, path, options, "speedscope differs from folded", +sums, folded)


def without_offset(name):
    return re.sub(r"\+0x[0-9a-f]+$", "", name)


def stacks_of_perf(text):
    """What a reader of perf script makes of it: the thread, then the frames from the root."""
    sums = collections.Counter()
    for sample in text.decode().split("\n\n")[:-1]:
        header, *lines = sample.split("\n")
        comm, weight = re.fullmatch(r"(\S.*?)\s+\d+/\d+ \d+\.\d{9}: (\d+) (?:count|nanoseconds):", header).groups()
        frames = []
        for line in lines:
            name, module = re.fullmatch(r"\t *[0-9a-f]{4,16} (.+) \((.*)\)", line).groups()
            is_place = name == "[unknown]" and module != "[unknown]"
            frames.insert(0, without_offset((module.rsplit("/", 1)[-1] or module) if is_place else name))
        sums[";".join([comm, *frames])] += int(weight)
    return sums


def check_perf_script(fold, options, path, _):
    if "--roots" in options:
        return
    status, text, _ = run(fold, "--format", "perf-script", *options, path)
    _, lines, _ = run(fold, "--roots", "comm", *options, path)
    expected = collections.Counter()
    for stack, weight in sums_of_folded(lines).items():
        expected[";".join(without_offset(name) for name in stack.split(";"))] += weight
    sums = stacks_of_perf(text)
    check(status in (0, 3) and sums.total() == expected.total(), path, options, "total of perf-script")
    # In folded lines, a thread without a name has no frame.
    if not any(stack.startswith("[unknown]") for stack in sums):
        check(sums == expected, path, options, "perf-script differs from folded", sums - expected, expected - sums)
    if expected:
        check(total_of_flame(fold, text) == expected.total(), path, options, "diag-flame reads another total")


def total_of_flame(fold, text):
    """What diag-flame draws of it, folded again."""
    with tempfile.TemporaryDirectory() as folder:
        svg = os.path.join(folder, "out.svg")
        subprocess.run([os.path.join(os.path.dirname(fold), "diag-flame"), "--input-format", "perf", "--minwidth", "0", "-o", svg, "-"],
                       input=text, check=True, capture_output=True, timeout=60)
        return sums_of_folded(run(fold, svg)[1]).total()


def read_proto(source):
    """The messages of profile.proto: for each, number -> name, type, and whether it is repeated."""
    with open(os.path.join(source, "analyze", "fold", "profile.proto"), encoding="ascii") as file:
        text = file.read()
    return {name: {int(number): (field, kind, bool(repeated))
                   for repeated, kind, field, number in re.findall(r"^  (repeated )?(\w+) (\w+) = (\d+);", body, re.M)}
            for name, body in re.findall(r"^message (\w+) {\n(.*?)^}", text, re.M | re.S)}


def decode(proto, name, data):
    """A message as a dictionary. A field that the .proto does not have is an error."""
    message = {field: [] if repeated else 0 for field, _, repeated in proto[name].values()}
    for number, wire, value in protobuf.fields(data):
        field, kind, repeated = proto[name][number]
        if wire == protobuf.VARINT:
            values = [value]
        elif kind == "string":
            values = [value.decode()]
        elif kind in proto:
            values = [decode(proto, kind, value)]
        else:
            values = list(protobuf.varints(value))
        message[field] = message[field] + values if repeated else values[0]
    return message


def check_pprof(fold, options, path, folded):
    _, text, _ = run(fold, "--format", "pprof", *options, path)
    profile = decode(PROTO, "Profile", gzip.decompress(text))
    strings = profile["string_table"]
    types = [(strings[each["type"]], strings[each["unit"]]) for each in profile["sample_type"]]
    check(types == [("count", "count"), ("time", "nanoseconds")][:2 if "time" in options else 1], path, options, "types", types)
    functions = {each["id"]: strings[each["name"]] for each in profile["function"]}
    names = {each["id"]: functions[each["line"][0]["function_id"]] for each in profile["location"]}
    mappings = {each["id"] for each in profile["mapping"]} | {0}
    check(strings[0] == "" and all(each["mapping_id"] in mappings for each in profile["location"]), path, options, "mappings")
    sums = collections.Counter()
    for sample in profile["sample"]:
        sums[";".join(names[number] for number in reversed(sample["location_id"]))] += sample["value"][-1]
        labels = {strings[label["key"]] for label in sample["label"]}
        check(labels <= {"cause", "comm", "cgroup", "host"}, path, options, "labels", labels)
    check(+sums == folded, path, options, "pprof differs from folded", sums - folded, folded - sums)
    if folded and os.path.basename(path) in GO_READS:
        check_go(text, options, folded)


def check_go(text, options, folded):
    """The reader that pprof's own authors wrote."""
    with tempfile.NamedTemporaryFile(suffix=".pb.gz") as file:
        file.write(text)
        file.flush()
        command = ["go", "tool", "pprof", "-symbolize=none", "-unit=ns" if "time" in options else "-unit=count"]
        raw, top = (subprocess.run([*command, form, file.name], capture_output=True, check=True, timeout=120).stdout.decode()
                    for form in ("-raw", "-top"))
    samples, locations = raw.split("Samples:\n")[1].split("Mappings\n")[0].split("Locations\n")
    names = {number: name for number, name in re.findall(r"^ +(\d+): 0x[0-9a-f]+ (?:M=\d+ )?(.*) \S*:\d+ s=\d+$", locations, re.M)}
    sums = collections.Counter()
    for values, stack in re.findall(r"^([ 0-9]+): ((?:\d+ )+)$", samples, re.M):
        sums[";".join(names[number] for number in reversed(stack.split()))] += int(values.split()[-1])
    check(sums == folded, options, "go tool pprof -raw differs from folded", sums - folded, folded - sums)
    check(re.search(rf"of {folded.total()}(ns)? total", top), options, "go tool pprof -top has another total", top[:300])
    global read_by_go
    read_by_go += 1


GO_READS = ["commands.dz", "deaths.dz", "hostile.dz", "probes.dz", "demo.dz", "good-all-kinds.dz"] if shutil.which("go") else []
FORMATS = [check_speedscope, check_perf_script, check_pprof]
PROTO = {}
read_by_go = 0


def check_refusals(fold, path):
    for options, reason in [(["--format", "speedscope", "--annotate"], "--annotate has no effect with --format speedscope"),
                            (["--annotate", "--format", "speedscope"], "--annotate has no effect with --format speedscope"),
                            (["--format", "perf-script", "--annotate"], "--annotate has no effect with --format perf-script"),
                            (["--format", "perf-script", "--roots", "none"], "--roots has no effect with --format perf-script"),
                            (["--roots", "pid", "--format", "perf-script"], "--roots has no effect with --format perf-script"),
                            (["--format", "pprof", "--annotate"], "--annotate has no effect with --format pprof"),
                            (["--format", "svg"], "--format svg: not one of folded, ")]:
        status, text, messages = run(fold, *options, path)
        check(status == 2 and text == b"" and reason in messages, options, status, messages)
    check(run(fold, "--format", "folded", "--annotate", path) == run(fold, "--annotate", path), "folded is not the default")


def main(build, source):
    fold = os.path.join(build, "bin", "diag-fold")
    PROTO.update(read_proto(source))
    paths = sorted(glob.glob(os.path.join(source, "tests", "cli", "traces", "*.dz")) +
                   glob.glob(os.path.join(source, "samples", "*", "*.dz")))
    compared = 0
    for path in paths:
        for options in OPTIONS:
            status, text, _ = run(fold, *options, path)
            if status in (0, 3):
                compared += len(FORMATS)
                for checker in FORMATS:
                    checker(fold, options, path, sums_of_folded(text))
    check_refusals(fold, paths[0])
    print("not ok" if failures else "ok", "-", compared, "outputs of", len(paths), "traces,", read_by_go, "also read by go tool pprof")
    return 1 if failures or compared < 20 else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
