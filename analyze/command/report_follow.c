/* analyze/command/report_follow.c - diag-report --follow */
#include "analyze/command/report_follow.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/follow/follow.h"
#include "analyze/follow/journal_records.h"
#include "analyze/follow/journal_sender.h"
#include "analyze/follow/next_files.h"
#include "analyze/program/sandbox.h"

/* A file that is being recorded starts with what has just happened. */
#define NEWEST_NS 10000000000u

/* Reads two hexadecimal digits. Returns false if the text starts with anything else. */
static bool read_byte(const char *text, uint8_t *ret_byte)
{
	char digits[3] = "";

	if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
		return false;
	memcpy(digits, text, 2);
	*ret_byte = (uint8_t)strtoul(digits, NULL, 16);
	return true;
}

/* All 0 if it cannot be read. */
static void read_boot_id(uint8_t out[16])
{
	char text[64] = "";
	const char *at = text;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	(void)close(fd);
	for (size_t i = 0; i < 16; i++) {
		at += *at == '-';
		if (!read_byte(at, &out[i])) {
			memset(out, 0, 16);
			return;
		}
		at += 2;
	}
}

static enum program_status status_of(const char *program, const struct follow_options *options,
				     enum follow_status followed, const char *problem)
{
	const char *name = options->path ? options->path : "--live";

	if (followed == FOLLOW_OK)
		return PROGRAM_OK;
	if (followed == FOLLOW_INCOMPLETE) {
		fprintf(stderr, "%s: %s: not closed, or not read in time: events may be missing\n",
			program, name);
		return PROGRAM_INCOMPLETE;
	}
	if (problem)
		fprintf(stderr, "%s: %s: %s\n", program, name, problem);
	return PROGRAM_FAILURE;
}

static bool send_record(void *context, const char *record, size_t bytes)
{
	return journal_sender_send(context, record, bytes);
}

/* What was not read is reported with what is not in the journal. */
static enum program_status follow_to_journal(const char *program,
					     const struct report_follow *follow,
					     struct follow_options *options)
{
	struct journal_sender sender;
	const struct journal_records_options journal = {
		.failed = follow->journal_failed,
		.send = send_record,
		.context = &sender,
	};
	enum follow_status followed;
	const char *problem;

	if (!journal_sender_start(options->socket, &sender)) {
		fprintf(stderr, "%s: cannot send to the journal: %s\n", program,
			errno == ENOSYS ? "built without libsystemd" : strerror(errno));
		return PROGRAM_FAILURE;
	}
	options->journal = journal_records_new(&journal);
	if (!options->journal) {
		fprintf(stderr, "%s: out of memory\n", program);
		return PROGRAM_FAILURE;
	}
	(void)sandbox_enter_following();
	followed = follow_run(options, -1, &problem);
	journal_sender_end(&sender);
	journal_records_write_rest(options->journal, program, stderr);
	journal_records_free(options->journal);
	return followed == FOLLOW_INCOMPLETE ? PROGRAM_INCOMPLETE
					     : status_of(program, options, followed, problem);
}

enum program_status report_follow_run(const char *program, const struct report_follow *follow,
				      const struct report_options *report)
{
	struct follow_options options = {
		.path = follow->path ? follow->path : "-",
		.selection = &report->selection,
		.socket = follow->socket,
		.is_woken = follow->has_socket,
		.last_ns = follow->has_socket || report->selection.since_text ? 0 : NEWEST_NS,
		.json = report->mode == REPORT_JSON,
		.all = follow->all,
		.stacks = !report->no_stacks,
		.out = stdout,
	};
	const char *problem;
	enum follow_status followed;
	int fd = -1;

	read_boot_id(options.boot_id);
	if (!follow->has_socket) {
		fd = program_open_input(program, follow->path);
		if (fd < 0)
			return PROGRAM_FAILURE;
		options.socket = next_files_start(follow->path, fd);
	}
	if (options.socket < 0) {
		fprintf(stderr, "%s: cannot start a process: %s\n", program, strerror(errno));
		return PROGRAM_FAILURE;
	}
	if (follow->journal)
		return follow_to_journal(program, follow, &options);
	(void)sandbox_enter_following();
	followed = follow_run(&options, fd, &problem);
	return status_of(program, &options, followed, problem);
}
