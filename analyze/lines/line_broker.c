/* analyze/lines/line_broker.c - a process that reads debug files for a sandboxed process */
#define _GNU_SOURCE
#include "analyze/lines/line_broker.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyze/program/sandbox.h"
#include "symbols/debug_directory.h"
#include "symbols/elf_image.h"
#include "text/escape.h"

#define BROKER_FD      3
#define CLIENT_LIBRARY "libdebuginfod.so.1"
#define SERVER_SECONDS "30" /* for one file */

struct question {
	uint32_t build_id_bytes;
	uint32_t address_count;
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
};

struct reply {
	uint32_t status;
	uint32_t reserved;
	uint64_t bytes; /* size of the answer that follows */
};

/* The part of elfutils/debuginfod.h that is used. The library is loaded only on demand. */
struct servers {
	const char *urls; /* from the environment */
	void *client;     /* NULL: no server is asked */
	int (*find)(void *client, const unsigned char *build_id, int build_id_bytes, char **path);
};

struct broker {
	const char *program;
	struct debug_directory *directories;
	size_t directory_count;
	struct servers servers;
	bool has_reported_servers; /* that they cannot be asked */
	int64_t deadline_ms;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool read_all(int fd, void *bytes, size_t size)
{
	char *at = bytes;

	while (size > 0) {
		ssize_t got = read(fd, at, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		size -= (size_t)got;
	}
	return true;
}

static bool write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		at += written;
		size -= (size_t)written;
	}
	return true;
}

/* Only once: the same problem keeps all files from being found. */
static void report_servers(struct broker *broker, int error)
{
	const char *urls = broker->servers.urls;

	if (broker->has_reported_servers)
		return;
	broker->has_reported_servers = true;
	fprintf(stderr, "%s: --debuginfod: cannot ask ", broker->program);
	escape_write(stderr, ESCAPE_TERMINAL, urls, strlen(urls));
	fprintf(stderr, ": %s; lines may be missing\n", strerror(error));
}

static enum symbols_status open_debug_file(void *context, const uint8_t *build_id,
					   size_t build_id_bytes, int *ret_fd)
{
	struct broker *broker = context;
	enum symbols_status status = SYMBOLS_NOT_FOUND;
	int fd;

	for (size_t i = 0; i < broker->directory_count && status != SYMBOLS_OK; i++)
		status = debug_directory_find(&broker->directories[i], build_id, build_id_bytes,
					      ret_fd);
	if (status == SYMBOLS_OK || !broker->servers.client)
		return status;
	fd = broker->servers.find(broker->servers.client, build_id, (int)build_id_bytes, NULL);
	if (fd < 0) {
		if (fd != -ENOENT) /* a server that does not have the file */
			report_servers(broker, -fd);
		return status;
	}
	*ret_fd = fd;
	return SYMBOLS_OK;
}

static enum symbols_status look_up(struct broker *broker, const struct question *question,
				   const uint64_t *addresses, struct debug_lines *lines)
{
	int64_t left_ms = broker->deadline_ms - now_ms();
	const struct debug_lines_query query = {
		.open = open_debug_file,
		.context = broker,
		.build_id = question->build_id,
		.build_id_bytes = question->build_id_bytes,
		.addresses = addresses,
		.address_count = question->address_count,
		.time_limit_ms = left_ms < DEBUG_LINES_TIME_LIMIT_MS ? (unsigned int)left_ms
								     : DEBUG_LINES_TIME_LIMIT_MS,
	};

	return left_ms <= 0 ? SYMBOLS_TIMEOUT : debug_lines_find(&query, lines);
}

/* Answers one question. Returns false at the end of the questions, or if one is invalid. */
static bool serve(struct broker *broker)
{
	struct debug_lines lines = {.count = 0};
	struct reply reply = {.status = SYMBOLS_NO_MEMORY};
	struct question question;
	uint64_t *addresses;
	bool ok;

	if (!read_all(BROKER_FD, &question, sizeof(question)) ||
	    question.address_count > DEBUG_LINES_ADDRESSES_MAX ||
	    question.build_id_bytes > ELF_IMAGE_BUILD_ID_MAX)
		return false;
	addresses = calloc(question.address_count + 1, sizeof(*addresses));
	if (!addresses ||
	    !read_all(BROKER_FD, addresses, question.address_count * sizeof(uint64_t))) {
		free(addresses);
		return false;
	}
	reply.status = (uint32_t)look_up(broker, &question, addresses, &lines);
	reply.bytes = lines.answer_bytes;
	ok = write_all(BROKER_FD, &reply, sizeof(reply)) &&
	     write_all(BROKER_FD, lines.answer, lines.answer_bytes);
	debug_lines_release(&lines);
	free(addresses);
	return ok;
}

static bool no_servers(const char *program, const char *why)
{
	fprintf(stderr, "%s: --debuginfod: %s: continuing without servers\n", program, why);
	return false;
}

#ifdef DIAG_STATIC

static bool reach_servers(const char *program, struct servers *servers)
{
	(void)servers;
	return no_servers(program, "a static program cannot load " CLIENT_LIBRARY);
}

#else

/* Loads the client of the servers. On failure prints the reason and returns false. */
static bool reach_servers(const char *program, struct servers *servers)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	void *library;
	void *symbols[2];
	void *(*begin)(void);

	if (!urls || urls[0] == '\0')
		return no_servers(program, "DEBUGINFOD_URLS names no server");
	library = dlopen(CLIENT_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return no_servers(program,
				  CLIENT_LIBRARY " cannot be loaded (package libdebuginfod1)");
	symbols[0] = dlsym(library, "debuginfod_begin");
	symbols[1] = dlsym(library, "debuginfod_find_debuginfo");
	if (symbols[0] && symbols[1]) {
		memcpy(&begin, &symbols[0], sizeof(begin));
		memcpy(&servers->find, &symbols[1], sizeof(servers->find));
		setenv("DEBUGINFOD_MAXTIME", SERVER_SECONDS, false);
		servers->urls = urls;
		servers->client = begin();
	}
	if (!servers->client) {
		dlclose(library);
		return no_servers(program, CLIENT_LIBRARY " cannot be started");
	}
	/* cppcheck-suppress resourceLeak ; it is in use until the process ends */
	return true;
}

#endif

_Noreturn static void run(const char *program, const struct line_broker_places *places, int fd)
{
	struct broker broker = {
		.program = program,
		.deadline_ms = now_ms() + LINE_BROKER_TIME_LIMIT_MS,
	};
	int *fds = calloc(places->directory_count + 1, sizeof(*fds));

	signal(SIGPIPE, SIG_IGN);
	broker.directories = calloc(places->directory_count + 1, sizeof(*broker.directories));
	/* The broker must not have the inputs and outputs. */
	if (!fds || !broker.directories || (fd != BROKER_FD && dup2(fd, BROKER_FD) < 0) ||
	    close_range(BROKER_FD + 1, ~0u, 0) != 0)
		_exit(1);
	for (size_t i = 0; i < places->directory_count; i++)
		if (debug_directory_open(places->directories[i],
					 &broker.directories[broker.directory_count]) ==
		    SYMBOLS_OK) {
			fds[broker.directory_count] = broker.directories[broker.directory_count].fd;
			broker.directory_count++;
		}
	if (places->debuginfod && reach_servers(program, &broker.servers))
		sandbox_enter_online();
	else
		sandbox_enter_below(fds, broker.directory_count);
	while (serve(&broker))
		;
	_exit(0);
}

static bool print_reason(const char *program, const char *path, const char *why)
{
	fprintf(stderr, "%s: ", program);
	escape_write(stderr, ESCAPE_TERMINAL, path, strlen(path));
	fprintf(stderr, ": %s\n", why);
	return false;
}

bool line_broker_start(const char *program, const struct line_broker_places *places,
		       struct line_broker *ret_broker)
{
	int ends[2];
	pid_t process;

	for (size_t i = 0; i < places->directory_count; i++) {
		struct debug_directory directory;

		if (debug_directory_open(places->directories[i], &directory) != SYMBOLS_OK)
			return print_reason(program, places->directories[i], strerror(errno));
		debug_directory_close(&directory);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return print_reason(program, "debug files", strerror(errno));
	process = fork();
	if (process == 0)
		run(program, places, ends[1]);
	close(ends[1]);
	if (process < 0) {
		close(ends[0]);
		return print_reason(program, "cannot start a process", strerror(errno));
	}
	*ret_broker = (struct line_broker){.fd = ends[0], .process = process};
	return true;
}

/* If the broker has ended, SIGPIPE would end the program: it is blocked. On failure it stays
 * blocked, since the signal can be pending then. */
static bool send_question(const struct line_broker *broker, const struct question *question,
			  const uint64_t *addresses)
{
	sigset_t broken_pipe, before;
	bool sent;

	sigemptyset(&broken_pipe);
	sigaddset(&broken_pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &broken_pipe, &before);
	sent = write_all(broker->fd, question, sizeof(*question)) &&
	       write_all(broker->fd, addresses, question->address_count * sizeof(*addresses));
	if (sent)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return sent;
}

enum symbols_status line_broker_ask(const struct line_broker *broker,
				    const struct debug_lines_query *query,
				    struct debug_lines *ret_lines)
{
	struct question question = {.build_id_bytes = (uint32_t)query->build_id_bytes,
				    .address_count = (uint32_t)query->address_count};
	struct reply reply;
	enum symbols_status status;
	uint8_t *answer;
	size_t bytes;

	if (query->build_id_bytes > sizeof(question.build_id) ||
	    query->address_count > DEBUG_LINES_ADDRESSES_MAX)
		return SYMBOLS_LIMIT;
	memcpy(question.build_id, query->build_id, query->build_id_bytes);
	if (!send_question(broker, &question, query->addresses) ||
	    !read_all(broker->fd, &reply, sizeof(reply)) ||
	    reply.bytes > DEBUG_LINES_ANSWER_MAX_BYTES)
		return SYMBOLS_IO;
	if (reply.status != SYMBOLS_OK)
		return (enum symbols_status)reply.status;
	bytes = (size_t)reply.bytes;
	answer = malloc(bytes + 1);
	if (!answer)
		return SYMBOLS_NO_MEMORY;
	status = read_all(broker->fd, answer, bytes)
			 ? debug_lines_parse(answer, bytes, query->address_count, ret_lines)
			 : SYMBOLS_IO;
	if (status != SYMBOLS_OK)
		free(answer);
	return status;
}

void line_broker_stop(struct line_broker *broker, bool wait)
{
	close(broker->fd);
	while (wait && waitpid(broker->process, NULL, 0) < 0 && errno == EINTR)
		;
}
