/* record/selftest/verdict.c - whether a recording shows what the processes of a test did */
#include "record/selftest/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/privilege/privileges.h"

/* Starts of tasks are rounded in the file: dz(5). */
#define ROUNDED_NS 2048u
#define NS_PER_US  1000

void verdict_wrong(struct verdict *verdict, const char *format, ...)
{
	char text[sizeof(verdict->problem.text)];
	va_list arguments;

	if (verdict->problem.text[0])
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	problem_set(&verdict->problem, "%s", text);
}

void verdict_check_time(struct verdict *verdict, const char *what, uint64_t time_ns,
			uint64_t earliest_ns, uint64_t latest_ns)
{
	if (time_ns + ROUNDED_NS < earliest_ns)
		verdict_wrong(verdict, "%s is at least %" PRIu64 " us too early", what,
			      (earliest_ns - time_ns) / NS_PER_US);
	if (time_ns > latest_ns)
		verdict_wrong(verdict, "%s is at least %" PRIu64 " us too late", what,
			      (time_ns - latest_ns) / NS_PER_US);
}

int verdict_worker(struct verdict *verdict, uint64_t task)
{
	const struct dz_task *found = dz_reader_task(verdict->reader, task);
	struct dz_bytes comm;

	if (!found)
		return -1;
	comm = dz_reader_string(verdict->reader, found->comm);
	for (size_t i = 0; i < verdict->deeds->count; i++) {
		if (found->ns_pid != (uint64_t)verdict->deeds->workers[i].pid)
			continue;
		if (comm.size != strlen(deeds_name(i)) ||
		    memcmp(comm.data, deeds_name(i), comm.size) != 0)
			verdict_wrong(verdict, "the name is %.*s, not %s", (int)comm.size,
				      comm.size ? (const char *)comm.data : "", deeds_name(i));
		return (int)i;
	}
	return -1;
}

static void read_events(struct verdict *verdict, struct dz_reader *reader,
			const struct verdict_judge *judge)
{
	struct dz_event event;
	enum dz_status status;

	verdict->reader = reader;
	while ((status = dz_reader_next(reader, &event)) == DZ_OK) {
		if (event.kind == DZ_KIND_LOST && event.row)
			verdict->lost += ((const struct dz_lost *)event.row)->count;
		else if (event.row)
			judge->see(verdict, &event);
	}
	if (status != DZ_END)
		verdict_wrong(verdict, "the recording cannot be read: %s",
			      dz_status_phrase(status));
	if (!dz_reader_closed(reader))
		verdict_wrong(verdict, "the recording is not complete");
	judge->conclude(verdict);
	if (verdict->problem.text[0] && verdict->lost) {
		size_t used = strlen(verdict->problem.text);

		(void)snprintf(verdict->problem.text + used, sizeof(verdict->problem.text) - used,
			       " (%" PRIu64 " events were lost)", verdict->lost);
	}
}

/* Of the process without privileges. */
struct answer {
	struct problem problem; /* empty if all is right */
	uint64_t lost;
};

static _Noreturn void send_answer(int pipe, const struct answer *answer)
{
	_exit(write(pipe, answer, sizeof(*answer)) == (ssize_t)sizeof(*answer) ? EXIT_SUCCESS
									       : EXIT_FAILURE);
}

/* In the process without privileges. */
static void judge_file(int file, int answer, const struct deeds *deeds,
		       const struct verdict_judge *judge)
{
	struct verdict verdict = {.deeds = deeds};
	struct dz_reader *reader = NULL;
	struct dz_source source;
	enum dz_status status;

	if (!privileges_drop_all_of_thread() || !privileges_keep_reading())
		verdict_wrong(&verdict, "cannot drop privileges to read the recording");
	else if ((status = dz_source_file(file, &source)) != DZ_OK ||
		 (status = dz_reader_open(&source, NULL, &reader)) != DZ_OK)
		verdict_wrong(&verdict, "the recording cannot be read: %s",
			      dz_status_phrase(status));
	else
		read_events(&verdict, reader, judge);
	dz_reader_close(reader);
	send_answer(answer, &(struct answer){verdict.problem, verdict.lost});
}

static bool ask_process(int file, const struct deeds *deeds, const struct verdict_judge *judge,
			uint64_t *ret_lost, struct problem *ret_problem)
{
	struct answer answer;
	int ends[2];
	ssize_t size;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return problem_set(ret_problem, "cannot create a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		judge_file(file, ends[1], deeds, judge);
	(void)close(ends[1]);
	size = pid > 0 ? read(ends[0], &answer, sizeof(answer)) : -1;
	(void)close(ends[0]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	if (size != (ssize_t)sizeof(answer))
		return problem_set(ret_problem, "the process that reads the recording has ended");
	*ret_lost = answer.lost;
	*ret_problem = answer.problem;
	return ret_problem->text[0] == '\0';
}

bool verdict_of(const char *path, const struct deeds *deeds, const struct verdict_judge *judge,
		uint64_t *ret_lost, struct problem *ret_problem)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is_right;

	*ret_lost = 0;
	if (file < 0)
		return problem_set(ret_problem, "%s: %s", path, strerror(errno));
	is_right = ask_process(file, deeds, judge, ret_lost, ret_problem);
	(void)close(file);
	return is_right;
}
