#!/usr/bin/env python3
"""perfetto.py - traces for Perfetto are well-formed, and have the deaths, sections and losses of the rows

  usage: perfetto.py BUILD-DIRECTORY SOURCE-DIRECTORY [PERFETTO-DIRECTORY]

The decoder here reads perfetto.proto; protoc is a second one. With PERFETTO-DIRECTORY, the source of Perfetto, protoc decodes
each trace by its public schema and encodes it again: the bytes must be the same."""
import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import protobuf  # noqa: E402

BEGIN, END, INSTANT, COUNTER = 1, 2, 3, 4
INTERNED = {"event_categories": "category_iids", "event_names": "name_iid", "callstacks": "callstack_iid"}
failures = 0


def check(condition, *what):
    global failures
    if not condition:
        print("not ok -", *what)
        failures += 1


def read_proto(path):
    """The messages: for each, number -> name, type, and whether it is repeated or required."""
    with open(path, encoding="ascii") as file:
        text = re.sub(r"//.*", "", file.read())
    messages, open_messages = {}, []
    for line in text.split("\n"):
        begins = re.match(r" *message (\w+) {", line)
        field = re.match(r" *(optional|required|repeated) (\w+) (\w+) = (\d+);", line)
        if begins:
            open_messages.append(begins[1])
            messages[begins[1]] = {}
        elif field:
            messages[open_messages[-1]][int(field[4])] = (field[3], field[2], field[1])
        elif re.match(r" *}", line):
            open_messages.pop()
    return messages


def decode(proto, name, data):
    """A message as a dictionary of lists. A field that the .proto does not have, or of another wire type, is an error."""
    message = collections.defaultdict(list)
    for number, wire, value in protobuf.fields(data):
        field, kind, _ = proto[name][number]
        is_bytes = kind in proto or kind == "string"
        wanted = protobuf.BYTES if is_bytes else protobuf.FIXED64 if kind == "fixed64" else protobuf.VARINT
        assert wire == wanted, (name, field, "has another wire type: packed?")
        if is_bytes:
            value = value.decode() if kind == "string" else decode(proto, kind, value)
        message[field].append(value)
    for field, _, label in proto[name].values():
        assert label == "repeated" or len(message[field]) == 1 or (label == "optional" and not message[field]), (name, field)
    return message


def only(message, field, default=None):
    return message[field][0] if message[field] else default


class Trace:
    """The packets of a trace, checked while they are read in their order."""

    def __init__(self, proto, data, name):
        self.name = name
        self.interned = collections.defaultdict(dict)
        self.tracks, self.events, self.clocks = {}, [], []
        for number, packet in enumerate(decode(dict(proto, Trace={1: ("packet", "TracePacket", "repeated")}), "Trace", data)["packet"]):
            check(only(packet, "sequence_flags") == (1 if number == 0 else 2), name, "sequence flags", number)
            self.add(packet)
        sequences = {only(packet, "trusted_packet_sequence_id") for packet in [packet]}
        check(0 not in sequences, name, "no sequence")

    def add(self, packet):
        for table, entries in only(packet, "interned_data", {}).items():
            for entry in entries:
                iid = only(entry, "iid")
                check(iid == len(self.interned[table]) + 1, self.name, table, iid, "is not the next number")
                self.interned[table][iid] = entry
                self.check_entry(table, entry)
        for track in packet["track_descriptor"]:
            uuid, parent = only(track, "uuid"), only(track, "parent_uuid")
            check(uuid not in self.tracks and (parent is None or parent in self.tracks), self.name, "track", uuid)
            self.tracks[uuid] = track
        for snapshot in packet["clock_snapshot"]:
            check(only(snapshot, "primary_trace_clock") == 6, self.name, "primary clock")
            self.clocks.append([only(clock, "clock_id") for clock in snapshot["clocks"]])
        for event in packet["track_event"]:
            self.check_event(event)
            self.events.append((only(packet, "timestamp"), event))

    def check_entry(self, table, entry):
        references = {"callstacks": [("frame_ids", "frames")],
                      "frames": [("function_name_id", "function_names"), ("mapping_id", "mappings"), ("source_path_iid", "source_paths")],
                      "mappings": [("build_id", "build_ids"), ("path_string_ids", "mapping_paths")]}
        for field, other in references.get(table, []):
            for iid in entry[field]:
                check(iid in self.interned[other], self.name, table, field, iid, "is unknown")
        if table == "frames":
            check(bool(entry["mapping_id"]) == bool(entry["rel_pc"]), self.name, "mapping without an address")

    def check_event(self, event):
        check(only(event, "track_uuid") in self.tracks, self.name, "event of an unknown track")
        for table, field in INTERNED.items():
            for iid in event[field]:
                check(iid in self.interned[table], self.name, field, iid, "is unknown")
        for annotation in event["debug_annotations"]:
            check(only(annotation, "name_iid") in self.interned["debug_annotation_names"], self.name, "annotation")
            check(sum(bool(annotation[each]) for each in ("uint_value", "int_value", "string_value")) == 1, self.name, "annotation")

    def in_time_order(self):
        """As an importer sorts them: by time, and events of one time as they are in the file."""
        return sorted(self.events, key=lambda event: event[0])

    def name_of(self, table, event):
        iid = only(event, INTERNED[table])
        return only(self.interned[table][iid], "name") if iid else None

    def annotations(self, event):
        return {only(self.interned["debug_annotation_names"][only(each, "name_iid")], "name"):
                only(each, "string_value", only(each, "uint_value", only(each, "int_value"))) for each in event["debug_annotations"]}

    def slices(self):
        """(category, name, begin, end, annotations, depth, track) of all slices. They must nest."""
        stacks, found = collections.defaultdict(list), []
        for time, event in self.in_time_order():
            stack = stacks[only(event, "track_uuid")]
            if only(event, "type") == BEGIN:
                stack.append((time, event))
            elif only(event, "type") == END:
                check(stack, self.name, "end without a begin")
                if stack:
                    begin, first = stack.pop()
                    found.append((self.name_of("event_categories", first), self.name_of("event_names", first), begin, time,
                                  self.annotations(first), len(stack), only(event, "track_uuid")))
        check(not any(stacks.values()), self.name, "begin without an end")
        return found


def check_flows(trace):
    begun, ended = set(), set()
    for time, event in trace.in_time_order():
        for flow in event["flow_ids"]:
            check(flow not in ended or trace.is_forged, trace.name, "flow goes on after its end", flow)
            begun.add(flow)
        for flow in event["terminating_flow_ids"]:
            check(flow in begun, trace.name, "flow ends without a begin", flow)
            check(flow not in ended, trace.name, "flow ends twice", flow)
            ended.add(flow)
    return len(begun), len(ended)


def rows(report, table, path):
    result = subprocess.run([report, "--rows", table, path], capture_output=True, timeout=60)
    return [json.loads(line) for line in result.stdout.decode().splitlines()]


def check_deaths(trace, report, path):
    found = collections.Counter()
    for _, event in trace.events:
        if trace.name_of("event_categories", event) == "death":
            values = trace.annotations(event)
            # JSON has no integers beyond 2^63 - 1.
            numbers = (min(values[key], 2**63 - 1) for key in ("signal", "exit_code"))
            found[(values["class"], values["cause"], values["text"], *numbers)] += 1
    wanted = collections.Counter((row["class"], row["cause"], row["text"], row["signal"], row["exit_code"])
                                 for row in rows(report, "exits", path))
    check(found == wanted, trace.name, "deaths", found - wanted, wanted - found)
    return found.total()


def check_sections(trace, report, path):
    slices = trace.slices()
    found = collections.Counter((values["id"], end - begin) for category, _, begin, end, values, *_ in slices if category == "section")
    wanted = collections.Counter((row["id"], row["duration_ns"]) for row in rows(report, "sections", path) if "duration_ns" in row)
    check(found == wanted, trace.name, "sections", found - wanted, wanted - found)
    phases, outermost = collections.Counter(), collections.Counter()
    for category, _, begin, end, _, depth, track in slices:
        if category == "phase":
            phases[track] += end - begin
        if category == "section" and depth == 0:
            outermost[track] += end - begin
    check(phases == +outermost, trace.name, "the phases of a section do not add up to it", phases, outermost)
    return found.total()


def check_waits(trace, report, path):
    """Each single wait or blocked time is a slice on its thread's track, or an instant if it overlaps another one there."""
    found = collections.Counter()
    for category, name, begin, end, values, depth, _ in trace.slices():
        if category == "wait":
            check(end - begin == values["duration_ns"] and depth == 0, trace.name, "slice of a wait", begin, end, values)
    for _, event in trace.events:
        category, name, values = trace.name_of("event_categories", event), trace.name_of("event_names", event), trace.annotations(event)
        if category == "wait":
            found[name, values["duration_ns"], values.get("count", 1), values.get("state", "")] += 1
        if category == "sample":
            found[name, values["count"]] += 1
    wanted = collections.Counter(("waiting for a CPU", row["waited_ns"], 1, "") for row in rows(report, "runq", path))
    wanted.update(("blocked", row["blocked_ns"], max(1, row["count"]), row["state"]) for row in rows(report, "offcpu", path))
    wanted.update(("on a CPU", max(1, row["count"])) for row in rows(report, "cpu", path))
    check(found == wanted, trace.name, "waits", found - wanted, wanted - found)
    return found.total()


def check_losses(trace, report, path):
    found, last = {}, {}
    for time, event in trace.in_time_order():
        if only(event, "type") == COUNTER:
            track, value = only(event, "track_uuid"), only(event, "counter_value")
            check(value >= found.get(track, 0), trace.name, "counter decreases")
            found[track], last[track] = value, time
    wanted = collections.Counter()
    for row in rows(report, "lost", path):
        name = f"lost: {row.get('kind', '')}, {row.get('reason', '')}"
        wanted[name.replace("\ufffd\ufffd", "\\xff\\xfe")] += row["count"]
    names = collections.Counter({only(trace.tracks[track], "name"): value for track, value in found.items()})
    check(+names == +wanted, trace.name, "losses", names, wanted)


def check_protoc(source, data, name):
    """protoc prints a field that it does not know by its number."""
    if not shutil.which("protoc"):
        return
    text = subprocess.run(["protoc", f"-I{source}/analyze/perfetto", "--decode=perfetto.protos.Trace", "perfetto.proto"],
                          input=data, capture_output=True, check=True, timeout=60).stdout.decode()
    check(not re.search(r"^ *\d+[:{ ]", text, re.M), name, "protoc knows not all fields")


def check_public(perfetto, data, name):
    """A field with another number or type in the public schema would change or stay unknown."""
    def protoc(mode, given):
        command = ["protoc", f"-I{perfetto}", f"--{mode}=perfetto.protos.Trace", "protos/perfetto/trace/trace.proto"]
        return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60).stdout
    text = protoc("decode", data)
    check(not re.search(rb"^ *\d+[:{ ]", text, re.M), name, "the public schema knows not all fields")
    check(protoc("encode", text) == data, name, "the public schema makes other bytes of it")


def check_refusals(report, paths):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        for arguments, reason in [(["--perfetto", out, *paths], "several boots"), (["--perfetto", out, "--by", "comm", paths[0]], "mutually exclusive"),
                                  (["--perfetto", out, "--tree", paths[0]], "--tree has no effect with --perfetto")]:
            result = subprocess.run([report, *arguments], capture_output=True, timeout=60)
            check(result.returncode in (1, 2) and reason in result.stderr.decode(), arguments, result)
            check(not os.path.exists(out), arguments, "left a file")
        with open(out, "w", encoding="ascii") as file:
            file.write("kept")
        result = subprocess.run([report, "--perfetto", out, paths[0]], capture_output=True, timeout=60)
        with open(out, encoding="ascii") as file:
            check(result.returncode == 1 and file.read() == "kept", "an existing file was replaced")
        result = subprocess.run([report, "--force", "--perfetto", out, paths[0]], capture_output=True, timeout=60)
        check(result.returncode == 0 and os.path.getsize(out) > 100, "--force", result)


def main(build, source, perfetto=None):
    report = os.path.join(build, "bin", "diag-report")
    proto = read_proto(os.path.join(source, "analyze", "perfetto", "perfetto.proto"))
    patterns = ("samples/*/*.dz", "tests/cli/traces/*.dz", "tests/cli/recordings/*.dz", "tests/flame/traces/*.dz")
    paths = sorted(path for pattern in patterns for path in glob.glob(os.path.join(source, pattern)))
    totals = collections.Counter()
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "out.pftrace")
            result = subprocess.run([report, "--perfetto", out, path], capture_output=True, timeout=60)
            check(result.returncode in (0, 1, 3), path, result)
            if not os.path.exists(out):
                check(result.returncode == 1, path, result)
                continue
            with open(out, "rb") as file:
                data = file.read()
        trace = Trace(proto, data, os.path.basename(path))
        trace.is_forged = "/samples/traces/" in path
        check(trace.clocks and all(sorted(each) == [1, 3, 6] for each in trace.clocks), trace.name, "clocks")
        begun, ended = check_flows(trace)
        totals.update(traces=1, events=len(trace.events), flows=ended, stacks=len(trace.interned["callstacks"]),
                      deaths=check_deaths(trace, report, path), sections=check_sections(trace, report, path), waits=check_waits(trace, report, path))
        check_losses(trace, report, path)
        check_protoc(source, data, trace.name)
        if perfetto:
            check_public(perfetto, data, trace.name)
    check_refusals(report, [os.path.join(source, "tests", "cli", "traces", "deaths.dz"), os.path.join(source, "samples", "demo", "demo.dz")])
    print("not ok" if failures else "ok", "-", ", ".join(f"{count} {what}" for what, count in totals.items()))
    return 1 if failures or totals["traces"] < 40 or totals["sections"] < 10 or totals["flows"] < 10 or totals["waits"] < 10 else 0


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
