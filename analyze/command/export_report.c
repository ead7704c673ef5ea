/* analyze/command/export_report.c - reports of diag-report that are written to a new file */
#define _GNU_SOURCE
#include "analyze/command/export_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/command/export_groups.h"
#include "analyze/program/limited_stream.h"
#include "analyze/program/sandboxed_child.h"
#include "analyze/program/zstd_stream.h"
#include "base/array.h"
#include "base/new_file.h"
#include "text/escape.h"

#define COPY_BYTES 65536u

_Static_assert(EXTRA_JOBS_MAX <= SANDBOXED_CHILDREN_MAX, "each job is a child");

struct job {
	const struct export_report *request;
	struct export_inputs inputs;
};

/* A child. */
struct worker {
	const struct job *job;
	size_t number;
	struct operands own;       /* its opener; without one, unused */
	struct operands *operands; /* that it opens files with */
	int fd;                    /* where it writes; -1: not open */
};

static void print_problem(const char *program, const char *text)
{
	fprintf(stderr, "%s: ", program);
	escape_write(stderr, ESCAPE_TERMINAL, text, strlen(text));
	fputc('\n', stderr);
}

static enum program_status fail_without_memory(const struct job *job)
{
	print_problem(job->request->program, "out of memory");
	return PROGRAM_FAILURE;
}

static const struct input_problem *next_problem(const void *context, size_t number)
{
	return trace_problem(context, number);
}

/* Writes the report about one trace, whose length has a limit. Returns false on allocation failure.
 */
static bool write_limited(const struct job *job, struct trace *trace, FILE *out, bool *ret_over)
{
	struct extra_report report = {
		.options = job->request->extra,
		.selection = job->request->selection,
		.trace = trace,
	};
	struct limited_stream limited;
	bool is_worse, ok;

	if (!limited_stream_open(&limited, out, limited_stream_limit(trace_size_bytes(trace))))
		return false;
	report.out = limited.out;
	ok = extra_write(&report, &is_worse);
	limited_stream_close(&limited);
	*ret_over = limited.is_over_limit;
	return ok;
}

/* Returns why the files cannot be reported on, NULL if they can. */
static const char *find_refusal(const struct job *job, struct trace *trace)
{
	const struct extra_report report = {
		.options = job->request->extra,
		.selection = job->request->selection,
		.trace = trace,
	};

	return extra_refuses(&report);
}

/* Writes the report about one trace. */
static enum program_status write_trace(const struct job *job, struct trace *trace, FILE *out)
{
	const char *refusal;
	bool is_over = false;

	if (!trace_load(trace))
		return fail_without_memory(job);
	refusal = find_refusal(job, trace);
	if (refusal) {
		print_problem(job->request->program, refusal);
		return PROGRAM_FAILURE;
	}
	if (!write_limited(job, trace, out, &is_over))
		return fail_without_memory(job);
	if (is_over) {
		print_problem(job->request->program, LIMITED_STREAM_PROBLEM);
		return PROGRAM_FAILURE;
	}
	return program_print_problems(job->request->program, trace, next_problem);
}

static enum program_status worse_of(enum program_status left, enum program_status right)
{
	if (left == PROGRAM_FAILURE || right == PROGRAM_FAILURE)
		return PROGRAM_FAILURE;
	return left != PROGRAM_OK ? left : right;
}

/* Writes what this child is for: all files, or its groups of files. */
static enum program_status write_share(const struct worker *worker, FILE *out)
{
	const struct job *job = worker->job;
	enum program_status status = PROGRAM_OK;
	struct export_groups groups;

	if (!export_groups_find(&job->inputs, worker->operands, job->request->jobs, &groups))
		return fail_without_memory(job);
	for (size_t i = 0; i < groups.count && status != PROGRAM_FAILURE; i++) {
		struct trace *trace;

		if (groups.groups[i].worker != worker->number)
			continue;
		trace = export_groups_trace(&groups, i);
		status = worse_of(status,
				  trace ? write_trace(job, trace, out) : fail_without_memory(job));
		trace_free(trace);
		/* A stream that reports an error is not written to any more. */
		if (ferror(out))
			break;
	}
	export_groups_release(&groups);
	return status;
}

static bool is_compressed(const struct export_report *request)
{
	size_t size = strlen(request->output);

	return request->extra->mode == EXTRA_ROWS && size > 4 &&
	       strcmp(request->output + size - 4, ".zst") == 0;
}

static enum program_status fail_to_write(const struct job *job)
{
	int number = errno;

	fprintf(stderr, "%s: ", job->request->program);
	escape_write(stderr, ESCAPE_TERMINAL, job->request->output, strlen(job->request->output));
	fprintf(stderr, ": cannot write: %s\n", strerror(number));
	return PROGRAM_FAILURE;
}

/* In the sandbox. */
static enum program_status work(void *context)
{
	const struct worker *worker = context;
	const bool compress = is_compressed(worker->job->request);
	FILE *file = fdopen(worker->fd, "w");
	FILE *out = file && compress ? zstd_stream_open(file) : file;
	enum program_status status;
	bool failed;

	if (!out)
		return fail_without_memory(worker->job);
	status = write_share(worker, out);
	if (status == PROGRAM_FAILURE)
		return status;
	failed = ferror(out) != 0;
	failed |= compress && fclose(out) != 0;
	failed |= fflush(file) != 0;
	return failed ? fail_to_write(worker->job) : status;
}

static bool add_input(void *context, const char *path, int fd)
{
	struct export_inputs *inputs = context;
	size_t capacity = inputs->capacity;
	const char **paths = array_grow(inputs->paths, &capacity, inputs->count + 1, sizeof(*paths),
					ARRAY_NO_LIMIT);
	int *fds = array_grow(inputs->fds, &inputs->capacity, inputs->count + 1, sizeof(*fds),
			      ARRAY_NO_LIMIT);

	inputs->paths = paths ? paths : inputs->paths;
	inputs->fds = fds ? fds : inputs->fds;
	if (!paths || !fds) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	paths[inputs->count] = path;
	fds[inputs->count++] = fd;
	return true;
}

static bool open_operands(const struct export_report *request, struct operands *operands,
			  struct export_inputs *inputs)
{
	for (size_t i = 0; i < request->path_count; i++)
		if (!operands_add(operands, request->program, request->paths[i]))
			return false;
	if (request->files_from &&
	    !operands_add_list(operands, request->program, request->files_from))
		return false;
	return operands_open_all(operands, request->program, add_input, inputs);
}

static void release_inputs(struct export_inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->fds[i] >= 0)
			close(inputs->fds[i]);
	free(inputs->paths);
	free(inputs->fds);
}

/* The first child writes to the file itself. The others write to files without a name, which are
 * appended. */
static bool open_worker(struct job *job, struct worker *worker, const struct new_file *file)
{
	const struct export_report *request = job->request;
	struct export_inputs none = {0};
	bool ok = true;

	worker->fd = worker->number == 0 ? file->fd
					 : openat(file->directory_fd, ".",
						  O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (worker->fd < 0) {
		fail_to_write(job);
		return false;
	}
	if (worker->number > 0 && worker->operands->has_opener) {
		worker->operands = &worker->own;
		ok = open_operands(request, &worker->own, &none);
		release_inputs(&none);
	}
	return ok;
}

/* Appends what a child wrote. Returns false and sets errno on failure. */
static bool append(int from, int to)
{
	static char bytes[COPY_BYTES];
	ssize_t size;
	off_t at = 0;

	while ((size = pread(from, bytes, sizeof(bytes), at)) > 0) {
		for (ssize_t done = 0, written; done < size; done += written) {
			written = write(to, bytes + done, (size_t)(size - done));
			if (written < 0)
				return false;
		}
		at += size;
	}
	return size == 0;
}

static bool append_all(const struct job *job, const struct worker *workers, size_t count)
{
	if (count > 1 && lseek(workers[0].fd, 0, SEEK_END) < 0)
		return fail_to_write(job) == PROGRAM_OK;
	for (size_t i = 1; i < count; i++)
		if (!append(workers[i].fd, workers[0].fd))
			return fail_to_write(job) == PROGRAM_OK;
	return true;
}

/* Gives the file its name, or removes it. */
static enum program_status finish(const struct job *job, struct new_file *file,
				  const struct sandboxed_child_end *end)
{
	struct problem problem;

	if (end->signal != 0 || end->status == PROGRAM_FAILURE) {
		new_file_discard(file);
		return sandboxed_child_finish(job->request->program, end);
	}
	if (!new_file_publish(file, &problem)) {
		new_file_discard(file);
		print_problem(job->request->program, problem.text);
		return PROGRAM_FAILURE;
	}
	(void)new_file_close(file);
	return end->status;
}

static struct sandboxed_child_end run_workers(struct job *job, struct operands *operands,
					      const struct new_file *file)
{
	size_t count = job->request->jobs > 0 ? job->request->jobs : 1;
	struct sandboxed_child_end end = {.status = PROGRAM_FAILURE};
	struct worker workers[EXTRA_JOBS_MAX];
	void *contexts[EXTRA_JOBS_MAX];
	size_t opened = 0;
	bool ok = true;

	for (; ok && opened < count; opened++) {
		workers[opened] = (struct worker){
			.job = job, .number = opened, .operands = operands, .fd = -1};
		contexts[opened] = &workers[opened];
		ok = open_worker(job, &workers[opened], file);
	}
	if (ok)
		end = sandboxed_children_run(job->request->program, work, contexts, count);
	if (end.status != PROGRAM_FAILURE && end.signal == 0 && !append_all(job, workers, count))
		end.status = PROGRAM_FAILURE;
	for (size_t i = 0; i < opened; i++) {
		operands_release(&workers[i].own);
		if (i > 0 && workers[i].fd >= 0)
			close(workers[i].fd);
	}
	return end;
}

static enum program_status make(struct job *job, struct operands *operands)
{
	const struct new_file_options options = {.replace = job->request->force};
	struct sandboxed_child_end end;
	struct new_file file;
	struct problem problem;

	if (!new_file_open(job->request->output, &options, &file, &problem)) {
		print_problem(job->request->program, problem.text);
		return PROGRAM_FAILURE;
	}
	end = run_workers(job, operands, &file);
	return finish(job, &file, &end);
}

enum program_status export_report_run(const struct export_report *request)
{
	struct job job = {.request = request};
	struct operands operands = {.paths = NULL};
	enum program_status status = PROGRAM_FAILURE;

	if (open_operands(request, &operands, &job.inputs))
		status = make(&job, &operands);
	release_inputs(&job.inputs);
	operands_release(&operands);
	return status;
}
