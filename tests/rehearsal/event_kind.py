#!/usr/bin/env python3
"""event_kind.py - adds an event kind as CONTRIBUTING.md describes it, and then leaves out one place after the other

  usage: event_kind.py SOURCE-TREE WORK-DIRECTORY [PLACE...]

Copies the tree to WORK-DIRECTORY/tree, adds the kind `test_only` (a process has executed a program) at the places below, builds
what is concerned, runs its tests, and, as root on a kernel with BPF, records an event of it. Then it leaves out each place, or
the named ones: the build or a test must fail, with the name of the kind in what it says.
"""
import json
import os
import shutil
import subprocess
import sys

KIND = "test_only"
TARGETS = ["diag-record", "diag-report", "diag-fold", "test_analyze_kinds", "test_format_schema", "test_record_attach_losses",
           "test_record_convert_translator"]
TESTS = "analyze/kinds|format/schema|record/attach/losses|record/convert/translator|lint/programs"
PLACES_MAX = 10
NO_BPF = 77

PROGRAM = '''/* bpf/test_only.bpf.c - programs that processes execute */
#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/task.bpf.h"

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_test_only, struct task_struct *task, int old_pid)
{
	struct scratch_slot *slot;
	struct event_test_only *out;

	if (!filter_task_passes(task))
		return 0;
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_TEST_ONLY, LOSS_NO_SCRATCH);
		return 0;
	}
	out = &slot->test_only;
	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = bpf_ktime_get_boot_ns();
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_TEST_ONLY;
	task_fill(&out->task, task);
	cgroup_fill(&out->task, task, &signal_ring, EVENT_SIGNAL);
	out->old_pid = (__u64)old_pid;
	ring_output(&signal_ring, &slot->header, sizeof(*out));
	scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
'''

# Name of the place, file, text before which to insert (None: a new file), text.
PLACES = [
    # The last line of a table ends without a backslash: the new one brings it.
    ("line in EVENT_KINDS", "bpf/event_kinds.h", "\n/* clang-format on */",
     ' \\\n	KIND(TEST_ONLY,    test_only,    ROW,        TEST_ONLY, "test_only",   NONE,           YES)'),
    ("struct and assertion", "bpf/event.h", "/* Comes before the first record of the same ring with this control group. */",
     "struct event_test_only {\n	struct event_header header;\n	struct event_task task;\n	__u64 old_pid;\n};\n\n"
     '_Static_assert(sizeof(struct event_test_only) % 8 == 0, "no padding");\n\n'),
    ("BPF program", "bpf/test_only.bpf.c", None, PROGRAM),
    ("source in bpf/CMakeLists.txt", "bpf/CMakeLists.txt", "  probe.bpf.c", "  test_only.bpf.c\n"),
    ("line in DZ_KINDS", "format/include/dz/schema.h", "\n\n/* FIELD(name, type, unit, meaning) */",
     ' \\\n	KIND(45, TEST_ONLY, test_only, task, test_only, "a program that a process executed")'),
    ("fields", "format/include/dz/schema.h", "#define DZ_FIELDS_probe(FIELD)",
     '#define DZ_FIELDS_test_only(FIELD) \\\n	FIELD(time, TIME, "ns", "when it was executed") \\\n	FIELD(cpu, UINT, "", "where") \\\n'
     '	FIELD(task, TASK, "", "who executed it") \\\n	FIELD(old_pid, UINT, "", "thread id before")\n\n'),
    ("translation", "record/convert/translator.c", "/* A record that breaks the protocol is counted and skipped. */",
     "static enum dz_status translate_test_only(struct translator *translator, const void *record,\n"
     "					  const struct record_tail *tail)\n{\n"
     "	const struct event_test_only *event = record;\n	struct dz_test_only row = {\n		.time = event->header.time_ns,\n"
     "		.cpu = event->header.cpu,\n		.task = translate_task(translator, &event->task, tail),\n"
     "		.old_pid = event->old_pid,\n	};\n\n"
     "	return dz_writer_add(translator->writer, DZ_KIND_TEST_ONLY, &row);\n}\n\n"),
    ("line in the table of programs", "record/attach/programs.c", '	{"on_process_fork",',
     '	{"on_test_only", OPTIONS_EXIT | OPTIONS_SIGNAL, EVENT_TEST_ONLY, NULL, "test_only"},\n'),
    ("table of the report", "analyze/report/tables.c", '	{DZ_KIND_SECTION, "sections",',
     '	{DZ_KIND_TEST_ONLY, "executed programs", COLUMNS(test_only_columns), 0, 0},\n'),
    ("tables of dz(5)", "docs/dz.5.md", None, None),
]
# The columns belong to the table: one place, two edits.
ALSO = {"table of the report": ("analyze/report/tables.c", "static const struct column section_columns[]",
                                "static const struct column test_only_columns[] = {TASK_COLUMNS};\n\n")}


def run(command, **options):
    """The status and the output of a command."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                          errors="replace", timeout=900, check=False, **options)
    return done.returncode, done.stdout


class Rehearsal:
    def __init__(self, source, work):
        self.source, self.tree, self.build = source, os.path.join(work, "tree"), os.path.join(work, "build")
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        skip = {os.path.join(source, "build"), os.path.join(source, ".git")}
        shutil.copytree(source, self.tree, symlinks=True,
                        ignore=lambda folder, names: [name for name in names if os.path.join(folder, name) in skip])
        self.originals = {}
        for _, path, *_ in PLACES:
            name = os.path.join(self.tree, path)
            self.originals[path] = open(name, encoding="utf-8").read() if os.path.exists(name) else None

    def write(self, path, text):
        """Writes a file only if it differs, so that little is built anew."""
        name = os.path.join(self.tree, path)
        if text is None:
            if os.path.exists(name):
                os.remove(name)
        elif not os.path.exists(name) or open(name, encoding="utf-8").read() != text:
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)

    def apply(self, left_out=None):
        """The tree with the kind at every place but one."""
        texts = dict(self.originals)
        for place, path, before, text in PLACES:
            if place == left_out or text is None:
                continue
            for at, anchor, added in [(path, before, text)] + ([ALSO[place]] if place in ALSO else []):
                if anchor is None:
                    texts[at] = added
                    continue
                if texts[at].count(anchor) != 1:
                    sys.exit(f"{at}: {anchor!r} is there {texts[at].count(anchor)} times: adapt {__file__}")
                texts[at] = texts[at].replace(anchor, added + anchor)
        for path, text in texts.items():
            self.write(path, text)

    def make(self):
        """Configures and builds; the first failure ends it."""
        status, said = run(["cmake", "-G", "Ninja", "-S", self.tree, "-B", self.build, "-DCMAKE_BUILD_TYPE=RelWithDebInfo"])
        if status:
            return status, said
        return run(["cmake", "--build", self.build, "--target", *TARGETS])

    def update_tables(self):
        return run([os.path.join(self.tree, "scripts/update-dz-tables"), self.build], cwd=self.tree)

    def test(self):
        return run(["ctest", "--test-dir", self.build, "--output-on-failure", "-R", f"^({TESTS})$"])

    def record(self):
        """None if an event of the kind is in a recording, 77 if none can be made here, else what is wrong."""
        programs = os.path.join(self.build, "bin")
        trace = os.path.join(os.path.dirname(self.build), "trace.dz")
        if os.geteuid() != 0 or not os.path.exists("/sys/kernel/btf/vmlinux"):
            return NO_BPF
        status, said = run([f"{programs}/diag-record", "--force", "-o", trace, "--", "/bin/sh", "-c", "/bin/true; :"])
        if status:
            return f"{KIND}: diag-record: status {status}: {said}"
        _, lines = run([f"{programs}/diag-report", "--json", "-e", KIND, trace])
        events = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
        found = [event for event in events if event.get("type") == KIND and "old_pid" in event and event["comm"] == "true"]
        return None if found else f"{KIND}: no event of it: {lines[-500:]}"


def check_all(rehearsal):
    """The kind at every place: built, tested, recorded."""
    rehearsal.apply()
    for what, step in (("build", rehearsal.make), ("update-dz-tables", rehearsal.update_tables), ("tests", rehearsal.test)):
        status, said = step()
        if status:
            print(said[-4000:])
            sys.exit(f"not ok - every place: {what}")
    with open(os.path.join(rehearsal.tree, "docs/dz.5.md"), encoding="utf-8") as file:
        page = file.read()
    wrong = rehearsal.record()
    if wrong not in (None, NO_BPF):
        sys.exit(f"not ok - every place: {wrong}")
    print(f"ok - {len(PLACES)} places: built and tested" + (", not recorded: no root or no BTF" if wrong else ", an event recorded"))
    rehearsal.originals["docs/dz.5.md"] = page


def check_left_out(rehearsal, place, old_page):
    """Without this place the build or a test fails and names the kind."""
    page = rehearsal.originals["docs/dz.5.md"]
    if place == "tables of dz(5)":
        rehearsal.originals["docs/dz.5.md"] = old_page
    rehearsal.apply(left_out=place)
    rehearsal.originals["docs/dz.5.md"] = page
    where, (status, said) = "build", rehearsal.make()
    if status == 0:
        where, (status, said) = "test", rehearsal.test()
    named = KIND in said.lower()
    print(f"{'ok' if status and named else 'not ok'} - left out: {place}: {where} "
          f"{'fails' if status else 'passes'}{'' if named or not status else f' without naming {KIND}'}")
    return bool(status and named)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rehearsal = Rehearsal(os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2]))
    if len(PLACES) > PLACES_MAX:
        sys.exit(f"not ok - an event kind takes {len(PLACES)} places, more than {PLACES_MAX}")
    old_page = rehearsal.originals["docs/dz.5.md"]
    check_all(rehearsal)
    wanted = sys.argv[3:] or [place for place, *_ in PLACES]
    wrong = [place for place in wanted if not check_left_out(rehearsal, place, old_page)]
    shutil.rmtree(os.path.dirname(rehearsal.tree))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
