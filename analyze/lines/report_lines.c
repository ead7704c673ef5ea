/* analyze/lines/report_lines.c - source lines from debug files for the stacks of a report */
#define _GNU_SOURCE
#include "analyze/lines/report_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyze/lines/source_lines.h"
#include "text/escape.h"
#include <dz/sink.h>

bool report_lines_open(const char *program, const struct line_broker_places *places, size_t files,
		       struct report_lines *ret_lines)
{
	struct report_lines lines = {.program = program};
	int *copies = calloc(files + 1, sizeof(*copies));

	if (!copies || !line_broker_start(program, places, &lines.broker)) {
		if (!copies)
			fprintf(stderr, "%s: out of memory\n", program);
		free(copies);
		return false;
	}
	lines.copies = copies;
	while (lines.count < files) {
		int fd = memfd_create("lines", MFD_CLOEXEC);

		if (fd < 0) {
			fprintf(stderr, "%s: cannot create a memory file: %s\n", program,
				strerror(errno));
			report_lines_close(&lines);
			return false;
		}
		copies[lines.count++] = fd;
	}
	*ret_lines = lines;
	return true;
}

static enum dz_status add_to_file(struct report_lines *lines, struct source_lines *known,
				  struct trace *trace, size_t number)
{
	struct dz_fd_stream stream = {.fd = lines->copies[number]};
	struct dz_sink sink = dz_fd_sink(&stream);
	struct dz_add_lines_result result;
	enum dz_status status =
		source_lines_add(known, trace_source(trace, number), &sink, &result);

	if (status != DZ_OK)
		return status;
	lines->copies[number] = -1;
	return trace_substitute(trace, number, stream.fd);
}

bool report_lines_add(struct report_lines *lines, struct trace *trace)
{
	struct source_lines *known = source_lines_new(lines->program, &lines->broker);
	const struct trace_file *file;
	bool ok = known != NULL;

	for (size_t i = 0; ok && (file = trace_file(trace, i)); i++) {
		enum dz_status status = file->reader ? add_to_file(lines, known, trace, i) : DZ_OK;

		ok = status != DZ_NO_MEMORY;
		if (status == DZ_OK || !ok)
			continue;
		fprintf(stderr, "%s: ", lines->program);
		escape_write(stderr, ESCAPE_TERMINAL, file->path, strlen(file->path));
		fprintf(stderr, ": without source lines: %s\n", dz_status_phrase(status));
	}
	source_lines_free(known);
	return ok;
}

void report_lines_close(struct report_lines *lines)
{
	if (!lines->copies)
		return;
	for (size_t i = 0; i < lines->count; i++)
		if (lines->copies[i] >= 0)
			close(lines->copies[i]);
	free(lines->copies);
	line_broker_stop(&lines->broker, false);
	*lines = (struct report_lines){.count = 0};
}
