/* tests/analyze/copy/test_scrub.c - analyze/copy/scrub.c */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "analyze/copy/scrub.h"
#include "analyze/trace/trace.h"
#include "tests/analyze/replayed.h"
#include <dz/sink.h>
#include <dz/trailer.h>

/* The names of a trace after scrubbing, as the reader returns them. */
struct scrubbed {
	struct trace *trace;
	const struct trace_file *file;
};

static void add_private(struct scenario *scenario)
{
	const struct scenario_task shell = {.pid = 10, .comm = "secretd", .cgroup = "/lxc/venus-7"};
	struct dz_module module = {.path = scenario_text(scenario, "/home/alice/libx.so")};
	struct dz_module kernel = {.path = scenario_text(scenario, "[kernel]")};
	struct dz_module libc = {.path = scenario_text(scenario, "/usr/lib/libc.so.6")};
	struct dz_frame marker = {
		.type = 3, .symbol = scenario_text(scenario, "[no unwind information: libx.so]")};
	struct dz_stack stack = {0};

	scenario_info(scenario, "host.name", "venus.example.org");
	scenario_info(scenario, "recorder.command", "diag-record -o /tmp/hidden.dz");
	scenario_info(scenario, "attach.failed.x", "cannot open /opt/hidden/probe on venus");
	scenario_info(scenario, "probe.types.uprobe:/home/alice/lib.so:run", "int run(int n)");
	scenario_info(scenario, "probe.hits.uprobe:/home/alice/lib.so:run", "7");
	scenario_info(scenario, "attach.failed.uretprobe:/opt/hidden/lib.so:run", "no");
	marker.module = dz_writer_module(scenario->writer, &module);
	stack.frame = dz_writer_frame(scenario->writer, &marker);
	stack.caller = dz_writer_stack(scenario->writer, &stack);
	stack.frame = dz_writer_frame(
		scenario->writer,
		&(struct dz_frame){.module = dz_writer_module(scenario->writer, &kernel)});
	stack.caller = dz_writer_stack(scenario->writer, &stack);
	stack.frame = dz_writer_frame(
		scenario->writer,
		&(struct dz_frame){.module = dz_writer_module(scenario->writer, &libc)});
	scenario_exit(scenario,
		      (struct dz_exit){.task = scenario_task(scenario, &shell),
				       .user_stack = dz_writer_stack(scenario->writer, &stack)});
}

static struct scrubbed scrub_private(unsigned int names)
{
	int from = scenario_unnamed_file();
	struct dz_fd_stream stream = {.fd = scenario_unnamed_file()};
	struct scenario scenario = scenario_begin(from, 1);
	struct dz_sink sink = dz_fd_sink(&stream);
	struct scrub *scrub = scrub_new(names);
	struct dz_source source;
	struct scrubbed scrubbed;

	add_private(&scenario);
	scenario_close(&scenario);
	assert_non_null(scrub);
	assert_int_equal(dz_source_file(from, &source), DZ_OK);
	assert_int_equal(scrub_copy(scrub, &source, &sink), DZ_OK);
	scrub_free(scrub);
	close(from);
	scrubbed.trace = replayed_file(stream.fd);
	scrubbed.file = trace_file(scrubbed.trace, 0);
	assert_int_equal(dz_reader_verify(scrubbed.file->reader), DZ_OK);
	return scrubbed;
}

/* Returns the number of strings of the trace that hold a text. */
static size_t count_with(const struct scrubbed *scrubbed, const char *text)
{
	size_t count = 0;

	for (uint64_t id = 1; id < 2000; id++) {
		struct trace_text string = trace_text(scrubbed->file, id);

		if (string.size > 0 && memmem(string.bytes, string.size, text, strlen(text)))
			count++;
	}
	return count;
}

static void all_names_are_replaced_and_nothing_else(void **state)
{
	static const char *const secrets[] = {"secretd", "venus", "example", "alice", "libx",
					      "hidden",  "opt",   "lxc",     "tmp"};
	struct scrubbed scrubbed = scrub_private(SCRUB_EVERYTHING);

	(void)state;
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_int_equal(count_with(&scrubbed, secrets[i]), 0);
	assert_true(count_with(&scrubbed, "[kernel]") > 0);
	assert_int_equal(count_with(&scrubbed, "/libc.so.6"), 1);
	assert_int_equal(count_with(&scrubbed, "[no unwind information: path-"), 1);
	assert_int_equal(count_with(&scrubbed, "cannot open /path-"), 1);
	assert_int_equal(count_with(&scrubbed, " on host-"), 1);
	assert_int_equal(count_with(&scrubbed, "host.name"), 1);
	/* Keys stay what they are, for those who look for them. */
	assert_int_equal(count_with(&scrubbed, "probe.types.uprobe:/path-"), 1);
	assert_int_equal(count_with(&scrubbed, "probe.hits.uprobe:/path-"), 1);
	assert_int_equal(count_with(&scrubbed, "attach.failed.uretprobe:/path-"), 1);
	assert_int_equal(count_with(&scrubbed, "attach.failed.x"), 1);
	assert_int_equal(count_with(&scrubbed, ":run"), 3);
	assert_int_equal(dz_reader_info(scrubbed.file->reader, "recorder.command").size,
			 strlen("command-01234567"));
	assert_true(dz_reader_flags(scrubbed.file->reader) & DZ_TRAILER_SCRUBBED);
	trace_free(scrubbed.trace);
}

static void only_what_was_asked_for_is_replaced(void **state)
{
	struct scrubbed hosts = scrub_private(SCRUB_HOSTS);
	struct scrubbed users = scrub_private(SCRUB_USERS);

	(void)state;
	assert_int_equal(count_with(&hosts, "venus"), 0);
	assert_int_equal(count_with(&hosts, "/lxc/host-"), 1);
	assert_int_equal(count_with(&hosts, "/home/alice/libx.so"), 1);
	assert_int_equal(count_with(&hosts, "probe.hits.uprobe:/home/alice/lib.so:run"), 1);
	assert_int_equal(dz_reader_header(hosts.file->reader)->boot_id[3], 0);
	assert_int_equal(count_with(&users, "alice"), 0);
	assert_int_equal(count_with(&users, "/home/user-"), 3);
	assert_int_equal(count_with(&users, "probe.types.uprobe:/home/user-"), 1);
	assert_int_equal(count_with(&users, "venus"), 3);
	assert_int_equal(count_with(&users, "secretd"), 1);
	trace_free(hosts.trace);
	trace_free(users.trace);
}

static void a_list_of_names_is_understood_as_a_whole_or_not_at_all(void **state)
{
	unsigned int names = 77;

	(void)state;
	assert_true(scrub_parse("hosts,comms", &names));
	assert_int_equal(names, SCRUB_HOSTS | SCRUB_COMMS);
	assert_true(scrub_parse("users,paths,cmdlines,hosts,comms", &names));
	assert_int_equal(names, SCRUB_EVERYTHING);
	names = 77;
	assert_false(scrub_parse("", &names));
	assert_false(scrub_parse("hosts,", &names));
	assert_false(scrub_parse("hosts,all", &names));
	assert_false(scrub_parse("host", &names));
	assert_int_equal(names, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_names_are_replaced_and_nothing_else),
		cmocka_unit_test(only_what_was_asked_for_is_replaced),
		cmocka_unit_test(a_list_of_names_is_understood_as_a_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
