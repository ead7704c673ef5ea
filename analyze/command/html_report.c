/* analyze/command/html_report.c - --html of diag-report: writes a page in the sandbox */
#include "analyze/command/html_report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyze/html/html_page.h"
#include "analyze/program/operands.h"
#include "analyze/program/sandboxed_child.h"
#include "base/new_file.h"
#include "text/escape.h"

/* A page that is being written. */
struct job {
	const char *program;
	const struct html_report *request;
	struct operands operands;
	struct trace *trace;
	struct html_flames flames;
	int fd; /* of the page */
};

static void print_problem(const struct job *job, const char *text)
{
	fprintf(stderr, "%s: ", job->program);
	escape_write(stderr, ESCAPE_TERMINAL, text, strlen(text));
	fputc('\n', stderr);
}

static bool is_page(int fd)
{
	char start[HTML_PAGE_START_BYTES];

	return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	       html_page_recognizes(start, sizeof(start));
}

/* The page is for other people: it has the name of a file, without its directory. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static bool add_input(void *context, const char *path, int fd)
{
	struct job *job = context;

	/* The trace takes the descriptor, so the others are copied first. */
	if (!html_flames_add(&job->flames, name_of(path), fd)) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	return trace_add(job->trace, name_of(path), fd);
}

static bool open_inputs(struct job *job)
{
	const struct html_report *request = job->request;

	if (!trace_new(&job->trace) ||
	    !html_flames_open(&job->flames, &request->options->selection)) {
		print_problem(job, "out of memory");
		return false;
	}
	for (size_t i = 0; i < request->path_count; i++)
		if (!operands_add(&job->operands, job->program, request->paths[i]))
			return false;
	if (request->files_from &&
	    !operands_add_list(&job->operands, job->program, request->files_from))
		return false;
	trace_set_opener(job->trace, operands_open, &job->operands);
	html_flames_set_opener(&job->flames, operands_open, &job->operands);
	return operands_open_all(&job->operands, job->program, add_input, job);
}

static const struct input_problem *next_problem(const void *context, size_t number)
{
	return trace_problem(context, number);
}

static bool write_page(struct job *job, FILE *out)
{
	const struct report report = {.options = job->request->options, .trace = job->trace};
	const struct html_page page = {
		.report = &report,
		.flames = &job->flames,
		.with_command = job->request->with_command,
	};

	return html_page_write(&page, out);
}

/* In the sandbox. */
static enum program_status work(void *context)
{
	struct job *job = context;
	FILE *out = fdopen(job->fd, "w");
	enum program_status status = PROGRAM_FAILURE;
	bool ok = out && trace_load(job->trace) && trace_collect_problems(job->trace);

	if (ok && !trace_is_readable(job->trace)) {
		program_print_problems(job->program, job->trace, next_problem);
		fclose(out);
		return PROGRAM_FAILURE;
	}
	ok = ok && write_page(job, out) && trace_collect_problems(job->trace);
	if (!ok)
		print_problem(job, "out of memory");
	else
		status = program_print_problems(job->program, job->trace, next_problem);
	if (out && (ferror(out) | fclose(out)) != 0) {
		fprintf(stderr, "%s: %s: cannot write: %s\n", job->program, job->request->output,
			strerror(errno));
		status = PROGRAM_FAILURE;
	}
	return status;
}

/* Publishes the page, or removes it. */
static enum program_status finish(const struct job *job, struct new_file *file,
				  const struct sandboxed_child_end *end)
{
	struct problem problem;

	if (end->signal != 0 || end->status == PROGRAM_FAILURE) {
		new_file_discard(file);
		return sandboxed_child_finish(job->program, end);
	}
	if (!new_file_publish(file, &problem)) {
		new_file_discard(file);
		print_problem(job, problem.text);
		return PROGRAM_FAILURE;
	}
	(void)new_file_close(file);
	return end->status;
}

static enum program_status make(struct job *job)
{
	const struct new_file_options options = {
		.replace = job->request->force,
		.user_mode = true,
		.is_own = is_page,
	};
	struct sandboxed_child_end end;
	struct new_file file;
	struct problem problem;

	if (!new_file_open(job->request->output, &options, &file, &problem)) {
		print_problem(job, problem.text);
		return PROGRAM_FAILURE;
	}
	job->fd = file.fd;
	end = sandboxed_child_run(job->program, work, job);
	return finish(job, &file, &end);
}

enum program_status html_report_run(const char *program, const struct html_report *request)
{
	struct job job = {.program = program, .request = request};
	enum program_status status = open_inputs(&job) ? make(&job) : PROGRAM_FAILURE;

	html_flames_close(&job.flames);
	trace_free(job.trace);
	operands_release(&job.operands);
	return status;
}
