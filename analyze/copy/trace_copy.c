/* analyze/copy/trace_copy.c - copies a .dz file: repaired, scrubbed, or with source lines added */
#define _GNU_SOURCE
#include "analyze/copy/trace_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "analyze/copy/scrub.h"
#include "analyze/lines/source_lines.h"
#include "analyze/program/sandboxed_child.h"
#include "analyze/report/report_file.h"
#include "analyze/trace/trace.h"
#include "base/new_file.h"
#include "text/escape.h"
#include <dz/repair.h>

/* A copy that is being written. */
struct job {
	const struct trace_copy *copy;
	struct trace *trace; /* the input, to find its damage */
	int input_fd;
	struct dz_fd_stream output;
	struct line_broker broker; /* TRACE_COPY_ADD_LINES */
	bool damaged;
};

static void write_name(FILE *out, const char *path)
{
	escape_write(out, ESCAPE_TERMINAL, path, strlen(path));
}

static enum program_status fail(const struct job *job, enum dz_status status)
{
	bool writing = job->output.error_number != 0;

	if (status != DZ_CORRUPT) {
		int number = writing ? job->output.error_number : errno;

		fprintf(stderr, "%s: ", job->copy->program);
		write_name(stderr, writing ? job->copy->output : job->copy->input);
		fprintf(stderr, ": %s\n",
			status == DZ_IO ? strerror(number) : dz_status_phrase(status));
	}
	fprintf(stderr, "%s: ", job->copy->program);
	write_name(stderr, job->copy->output);
	fputs(": not written\n", stderr);
	return PROGRAM_FAILURE;
}

static const struct input_problem *next_problem(const void *context, size_t number)
{
	return trace_problem(context, number);
}

/* Reads the whole input and prints its damage. */
static enum dz_status inspect(struct job *job)
{
	const struct trace_file *file = trace_file(job->trace, 0);
	bool list = job->copy->kind == TRACE_COPY_REPAIR;
	enum dz_status status = DZ_OK;

	if (!trace_load(job->trace))
		return DZ_NO_MEMORY;
	if (file->reader && list && !report_file_verify(file, stdout))
		status = DZ_IO;
	else if (file->reader && !list)
		status = dz_reader_verify(file->reader);
	if (status != DZ_OK)
		return status;
	if (!trace_collect_problems(job->trace))
		return DZ_NO_MEMORY;
	job->damaged = trace_problem(job->trace, 0) != NULL;
	if (!file->reader || !list)
		program_print_problems(job->copy->program, job->trace, next_problem);
	return file->reader ? DZ_OK : DZ_CORRUPT;
}

static enum dz_status repair(struct job *job, const struct dz_source *source,
			     const struct dz_sink *sink)
{
	struct dz_repair_result result;
	enum dz_status status = dz_repair(source, sink, &result);

	if (status != DZ_OK)
		return status;
	write_name(stdout, job->copy->output);
	printf(": %" PRIu64 " blocks with %" PRIu64 " events; not copied: %" PRIu64
	       " bytes, damaged places: %" PRIu64 "\n",
	       result.blocks, result.events, result.damaged_bytes, result.damages);
	return DZ_OK;
}

static enum dz_status scrub(struct job *job, const struct dz_source *source,
			    const struct dz_sink *sink)
{
	struct scrub *names = scrub_new(job->copy->names);
	enum dz_status status = names ? DZ_OK : DZ_NO_MEMORY;

	if (status == DZ_OK)
		status = scrub_copy(names, source, sink);
	if (status == DZ_OK) {
		write_name(stdout, job->copy->output);
		fputs(": replaced\n", stdout);
		scrub_describe(names, job->copy->verbose, stdout);
	}
	scrub_free(names);
	return status;
}

static enum dz_status add_lines(struct job *job, const struct dz_source *source,
				const struct dz_sink *sink)
{
	struct source_lines *lines = source_lines_new(job->copy->program, &job->broker);
	struct dz_add_lines_result result;
	enum dz_status status =
		lines ? source_lines_add(lines, source, sink, &result) : DZ_NO_MEMORY;

	if (status == DZ_OK) {
		write_name(stdout, job->copy->output);
		printf(": source lines for %" PRIu64 " frames, %" PRIu64 " inlined functions\n",
		       result.frames, result.inlined);
	}
	source_lines_free(lines);
	return status;
}

static enum program_status work(void *context)
{
	static enum dz_status (*const copiers[])(struct job * job, const struct dz_source *source,
						 const struct dz_sink *sink) = {
		[TRACE_COPY_REPAIR] = repair,
		[TRACE_COPY_SCRUB] = scrub,
		[TRACE_COPY_ADD_LINES] = add_lines,
	};
	struct job *job = context;
	struct dz_sink sink = dz_fd_sink(&job->output);
	struct dz_source source;
	enum dz_status status = inspect(job);

	/* Reading it took as much memory as copying needs. */
	trace_free(job->trace);
	job->trace = NULL;
	if (status == DZ_OK)
		status = dz_source_file(job->input_fd, &source);
	if (status == DZ_OK)
		status = copiers[job->copy->kind](job, &source, &sink);
	if (status != DZ_OK)
		return fail(job, status);
	return job->damaged ? PROGRAM_INCOMPLETE : PROGRAM_OK;
}

/* Opens the input for the job. On failure prints the reason and returns false. */
static bool open_input(struct job *job)
{
	const struct trace_copy *copy = job->copy;
	int second_fd;

	job->input_fd = program_open_input(copy->program, copy->input);
	if (job->input_fd < 0)
		return false;
	second_fd = fcntl(job->input_fd, F_DUPFD_CLOEXEC, 0);
	if (second_fd >= 0 && trace_new(&job->trace)) {
		if (trace_add(job->trace, copy->input, second_fd))
			return true;
		trace_free(job->trace);
	} else if (second_fd >= 0) {
		close(second_fd);
	}
	fprintf(stderr, "%s: %s\n", copy->program,
		second_fd >= 0 ? "out of memory" : strerror(errno));
	close(job->input_fd);
	return false;
}

static void print_problem(const char *program, const struct problem *problem)
{
	fprintf(stderr, "%s: ", program);
	write_name(stderr, problem->text);
	fputc('\n', stderr);
}

static bool publish(struct new_file *file, struct problem *ret_problem)
{
	if (!new_file_publish(file, ret_problem)) {
		new_file_discard(file);
		return false;
	}
	/* Only now: a file that is closed cannot be discarded. It is synced, so nothing can fail.
	 */
	(void)new_file_close(file);
	return true;
}

/* Runs the job in a sandboxed child, then publishes the file or discards it. */
static struct sandboxed_child_end make(struct job *job)
{
	const struct trace_copy *copy = job->copy;
	const struct new_file_options options = {.replace = copy->force};
	struct sandboxed_child_end end = {.status = PROGRAM_FAILURE};
	struct new_file file;
	struct problem problem;

	if (!new_file_open(copy->output, &options, &file, &problem)) {
		print_problem(copy->program, &problem);
		return end;
	}
	job->output.fd = file.fd;
	end = sandboxed_child_run(copy->program, work, job);
	if (end.signal != 0 || end.status == PROGRAM_FAILURE) {
		new_file_discard(&file);
	} else if (!publish(&file, &problem)) {
		print_problem(copy->program, &problem);
		end.status = PROGRAM_FAILURE;
	}
	return end;
}

enum program_status trace_copy_make(const struct trace_copy *copy)
{
	const bool adds_lines = copy->kind == TRACE_COPY_ADD_LINES;
	struct sandboxed_child_end end = {.status = PROGRAM_FAILURE};
	struct job job = {.copy = copy};

	if (!open_input(&job))
		return PROGRAM_FAILURE;
	if (!adds_lines || line_broker_start(copy->program, &copy->places, &job.broker)) {
		end = make(&job);
		if (adds_lines)
			line_broker_stop(&job.broker, true);
	}
	trace_free(job.trace);
	close(job.input_fd);
	return sandboxed_child_finish(copy->program, &end);
}
