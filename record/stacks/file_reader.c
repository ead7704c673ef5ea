/* record/stacks/file_reader.c - reads files of watched processes in a helper process, each in time
 */
#include "record/stacks/file_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/common/thread.h"
#include "record/privilege/helper_process.h"
#include "record/privilege/privileges.h"
#include "record/stacks/file_reader_process.h"

#define CHECK_HUNG_NS   UINT64_C(100000000)
#define TASKS_MAX       16384u
#define STATUS_TEXT_MAX 4095u
#define NS_PER_MS       1000000u
#define DEVICES_MAX     64u

/* A reader that was abandoned. */
struct hung_reader {
	pid_t pid; /* 0: free */
	struct file_user user;
	uint32_t device_major;
	uint32_t device_minor;
	pid_t of_pid; /* of a text of /proc; 0: none */
};

/* Of struct file_reader_statistics. */
struct counters {
	atomic_uint_fast64_t requests;
	atomic_uint_fast64_t timeouts;
	atomic_uint_fast64_t refused;
	atomic_uint_fast64_t lost;
};

struct waiting_task {
	struct file_task task;
	struct waiting_task *next;
};

/* The present reader of one thread: what one waits for does not hold up the other. */
struct channel {
	pthread_mutex_t lock; /* held during a request */
	int socket;           /* -1: no reader */
	pid_t pid;
};

/* Who makes a request. */
enum {
	CHANNEL_TASKS, /* the thread of the reader */
	CHANNEL_OTHERS,
	CHANNEL_COUNT,
};

struct file_reader {
	struct channel channels[CHANNEL_COUNT];
	/* Of the starter and the hung readers; never held while a file is waited for. */
	pthread_mutex_t state_lock;
	struct helper_process starter;
	uint64_t wait_ns;
	struct hung_reader hung[FILE_READER_HUNG_MAX];
	size_t hung_count;
	uint64_t devices[DEVICES_MAX]; /* that have answered, the newest; 0: none */
	size_t device_count;
	uint64_t checked_ns; /* when the hung readers were looked at last */
	struct counters counters;
	atomic_bool is_ending;
	/* The thread and its tasks; this lock is never held for long. */
	pthread_mutex_t task_lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool has_thread;
	bool (*begin)(void);
	struct waiting_task *first;
	struct waiting_task **last;
	size_t task_count;
};

/* This is the thread of the reader. */
static _Thread_local bool runs_tasks;

/* One request of a caller. */
struct exchange {
	const struct file_requester *requester;
	const struct file_request *request;
	size_t request_bytes;
	int fd; /* sent with it; -1: none */
	struct file_answer answer;
	uint8_t *bytes; /* where those of the answer go */
	size_t capacity;
	int got_fd; /* that came with the answer; -1: none */
};

bool file_reader_start(struct file_reader **ret_reader, struct problem *ret_problem)
{
	const struct helper_process_role role = {
		.name = "diag-readers",
		.purpose = "reading programs",
		.keep_privileges = privileges_keep_readers,
		.serve = file_reader_process_serve,
	};
	struct file_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return problem_set(ret_problem, "out of memory");
	if (!helper_process_start(&role, &reader->starter, ret_problem)) {
		free(reader);
		return false;
	}
	for (size_t i = 0; i < CHANNEL_COUNT; i++) {
		reader->channels[i].socket = -1;
		pthread_mutex_init(&reader->channels[i].lock, NULL);
	}
	reader->wait_ns = FILE_READER_WAIT_NS;
	reader->last = &reader->first;
	atomic_init(&reader->is_ending, false);
	pthread_mutex_init(&reader->state_lock, NULL);
	pthread_mutex_init(&reader->task_lock, NULL);
	pthread_cond_init(&reader->changed, NULL);
	*ret_reader = reader;
	return true;
}

void file_reader_set_wait(struct file_reader *reader, uint64_t wait_ns)
{
	reader->wait_ns = wait_ns;
}

static void close_reader(struct channel *channel)
{
	if (channel->socket >= 0)
		(void)close(channel->socket);
	channel->socket = -1;
	channel->pid = 0;
}

void file_reader_watch(struct file_reader *reader)
{
	if (reader)
		(void)helper_process_watch(&reader->starter, "readers",
					   "files of processes may not be read any more");
}

void file_reader_end(struct file_reader *reader)
{
	if (!reader)
		return;
	file_reader_stop_thread(reader);
	for (size_t i = 0; i < CHANNEL_COUNT; i++) {
		close_reader(&reader->channels[i]);
		pthread_mutex_destroy(&reader->channels[i].lock);
	}
	helper_process_end(&reader->starter);
	pthread_cond_destroy(&reader->changed);
	pthread_mutex_destroy(&reader->task_lock);
	pthread_mutex_destroy(&reader->state_lock);
	free(reader);
}

/* Asks the starter, which touches no file and answers at once. *ret_fd is -1 if no descriptor came.
 */
static pid_t ask_starter(struct file_reader *reader, const struct reader_request *request,
			 int *ret_fd)
{
	struct reader_answer answer = {.pid = 0};

	*ret_fd = -1;
	if (helper_process_send(reader->starter.socket, request, sizeof(*request), NULL, 0) &&
	    helper_process_receive(reader->starter.socket, &answer, sizeof(answer), ret_fd, 1))
		return answer.pid;
	helper_process_give_up(&reader->starter);
	return 0;
}

static bool has_reader(struct file_reader *reader, struct channel *channel)
{
	const struct reader_request request = {.kind = READER_REQUEST_NEXT};

	if (channel->socket >= 0)
		return true;
	pthread_mutex_lock(&reader->state_lock);
	channel->pid = ask_starter(reader, &request, &channel->socket);
	pthread_mutex_unlock(&reader->state_lock);
	return channel->socket >= 0;
}

/* Forgets readers that have ended. */
static void check_hung(struct file_reader *reader)
{
	const uint64_t now_ns = clock_boottime_ns();

	if (reader->hung_count == 0 || now_ns - reader->checked_ns < CHECK_HUNG_NS)
		return;
	reader->checked_ns = now_ns;
	for (size_t i = reader->hung_count; i-- > 0;) {
		const struct reader_request request = {.kind = READER_REQUEST_IS_ALIVE,
						       .pid = reader->hung[i].pid};
		int none;

		/* Without a starter nothing is known of them. */
		if (ask_starter(reader, &request, &none) == 0 && reader->starter.socket >= 0)
			reader->hung[i] = reader->hung[--reader->hung_count];
	}
}

/* The text of /proc/PID/status, or its start. */
struct status_text {
	char text[STATUS_TEXT_MAX + 1];
	size_t size;
};

static bool read_status(pid_t pid, struct status_text *ret_text)
{
	char name[sizeof("/proc//status") + 12];
	ssize_t size;
	int fd;

	(void)snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = read(fd, ret_text->text, STATUS_TEXT_MAX);
	(void)close(fd);
	ret_text->size = size > 0 ? (size_t)size : 0;
	ret_text->text[ret_text->size] = '\0';
	return size > 0;
}

static uint32_t uid_of(const struct status_text *status)
{
	static const char name[] = "\nUid:";
	const char *found = strstr(status->text, name);

	return found ? (uint32_t)strtoul(found + sizeof(name) - 1, NULL, 10) : FILE_USER_UNKNOWN;
}

static uint64_t pid_namespace_of(pid_t pid)
{
	char name[sizeof("/proc//ns/pid") + 12];
	struct stat status;

	(void)snprintf(name, sizeof(name), "/proc/%d/ns/pid", (int)pid);
	return stat(name, &status) == 0 ? status.st_ino : 0;
}

struct file_user file_reader_user_of(pid_t pid)
{
	struct file_user user = {.uid = FILE_USER_UNKNOWN};
	struct status_text status;

	if (pid <= 0)
		return user;
	if (read_status(pid, &status))
		user.uid = uid_of(&status);
	user.pid_namespace = pid_namespace_of(pid);
	return user;
}

bool file_reader_has_memory(pid_t pid, struct file_user *ret_user)
{
	struct status_text status;

	*ret_user = (struct file_user){.uid = FILE_USER_UNKNOWN};
	if (pid <= 0 || !read_status(pid, &status))
		return false;
	/* A longer text may have it later: groups come before. */
	if (status.size < STATUS_TEXT_MAX && !strstr(status.text, "\nVmPeak:"))
		return false;
	ret_user->uid = uid_of(&status);
	ret_user->pid_namespace = pid_namespace_of(pid);
	return true;
}

static bool is_on_device(const struct hung_reader *hung, const struct file_requester *requester)
{
	return (hung->device_major || hung->device_minor) &&
	       hung->device_major == requester->device_major &&
	       hung->device_minor == requester->device_minor;
}

static void count(atomic_uint_fast64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static uint64_t device_of(const struct file_requester *requester)
{
	return (uint64_t)requester->device_major << 32 | requester->device_minor;
}

static bool has_answered(const struct file_reader *reader, const struct file_requester *requester)
{
	for (size_t i = 0; i < DEVICES_MAX; i++)
		if (reader->devices[i] && reader->devices[i] == device_of(requester))
			return true;
	return false;
}

static void note_answer(struct file_reader *reader, const struct file_requester *requester)
{
	pthread_mutex_lock(&reader->state_lock);
	if (device_of(requester) && !has_answered(reader, requester))
		reader->devices[reader->device_count++ % DEVICES_MAX] = device_of(requester);
	pthread_mutex_unlock(&reader->state_lock);
}

/* Returns whether a request would wait for what another one waits for, or could use up what others
 * need. */
static bool would_wait(struct file_reader *reader, const struct file_requester *requester)
{
	const bool is_known = requester->user.uid != FILE_USER_UNKNOWN;
	size_t of_user = 0, of_uid = 0;

	check_hung(reader);
	if (reader->hung_count == FILE_READER_HUNG_MAX)
		return true;
	for (size_t i = 0; i < reader->hung_count; i++) {
		const struct hung_reader *hung = &reader->hung[i];

		if (is_on_device(hung, requester) ||
		    (requester->pid && hung->of_pid == requester->pid))
			return true;
		of_uid += hung->user.uid == requester->user.uid;
		of_user += hung->user.uid == requester->user.uid &&
			   hung->user.pid_namespace == requester->user.pid_namespace;
	}
	return (of_user >= FILE_READER_HUNG_MAX_USER ||
		(requester->user.uid && of_uid >= FILE_READER_HUNG_MAX_UID)) &&
	       (is_known || !has_answered(reader, requester));
}

static bool is_refused(struct file_reader *reader, const struct file_requester *requester)
{
	bool refused;

	pthread_mutex_lock(&reader->state_lock);
	refused = would_wait(reader, requester);
	pthread_mutex_unlock(&reader->state_lock);
	return refused;
}

/* The reader ends when its request does: its socket is closed then. */
static void give_up(struct file_reader *reader, struct channel *channel,
		    const struct file_requester *requester)
{
	count(&reader->counters.timeouts);
	pthread_mutex_lock(&reader->state_lock);
	if (reader->hung_count < FILE_READER_HUNG_MAX)
		reader->hung[reader->hung_count++] = (struct hung_reader){
			.pid = channel->pid,
			.user = requester->user,
			.device_major = requester->device_major,
			.device_minor = requester->device_minor,
			.of_pid = requester->pid,
		};
	reader->checked_ns = clock_boottime_ns();
	pthread_mutex_unlock(&reader->state_lock);
	close_reader(channel);
}

static bool answers_in_time(const struct channel *channel, uint64_t wait_ns)
{
	const uint64_t end_ns = clock_boottime_ns() + wait_ns;
	struct pollfd ready = {.fd = channel->socket, .events = POLLIN};

	for (;;) {
		const uint64_t now_ns = clock_boottime_ns();
		const uint64_t left_ns = end_ns > now_ns ? end_ns - now_ns : 0;
		const int found = poll(&ready, 1, (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS));

		if (found > 0)
			return true;
		if (found == 0 || errno != EINTR)
			return false;
	}
}

static bool receive(const struct channel *channel, struct exchange *exchange)
{
	struct iovec pieces[] = {
		{.iov_base = &exchange->answer, .iov_len = sizeof(exchange->answer)},
		{.iov_base = exchange->bytes, .iov_len = exchange->capacity},
	};
	const ssize_t size =
		helper_process_receive_pieces(channel->socket, pieces, 2, &exchange->got_fd);

	return size >= (ssize_t)sizeof(exchange->answer) &&
	       (size_t)size - sizeof(exchange->answer) == exchange->answer.size_bytes &&
	       exchange->answer.size_bytes <= exchange->capacity;
}

/* Returns false if the reader has ended. */
static bool ask_reader(struct file_reader *reader, struct channel *channel,
		       struct exchange *exchange, enum symbols_status *ret_status)
{
	if (!helper_process_send(channel->socket, exchange->request, exchange->request_bytes,
				 &exchange->fd, exchange->fd >= 0))
		return false;
	*ret_status = SYMBOLS_TIMEOUT;
	if (!answers_in_time(channel, reader->wait_ns)) {
		give_up(reader, channel, exchange->requester);
		return true;
	}
	if (!receive(channel, exchange))
		return false;
	note_answer(reader, exchange->requester);
	*ret_status = exchange->answer.status <= SYMBOLS_TIMEOUT
			      ? (enum symbols_status)exchange->answer.status
			      : SYMBOLS_CORRUPT;
	return true;
}

static enum symbols_status try_readers(struct file_reader *reader, struct channel *channel,
				       struct exchange *exchange)
{
	enum symbols_status status = SYMBOLS_TIMEOUT;

	/* One that was killed is replaced. */
	for (int attempt = 0; attempt < 2; attempt++) {
		if (!has_reader(reader, channel)) {
			count(&reader->counters.refused);
			return SYMBOLS_TIMEOUT;
		}
		if (ask_reader(reader, channel, exchange, &status))
			return status;
		count(&reader->counters.lost);
		close_reader(channel);
	}
	return SYMBOLS_IO;
}

static struct channel *channel_of_caller(struct file_reader *reader)
{
	return &reader->channels[runs_tasks ? CHANNEL_TASKS : CHANNEL_OTHERS];
}

static enum symbols_status transact(struct file_reader *reader, struct exchange *exchange)
{
	struct channel *channel = channel_of_caller(reader);
	enum symbols_status status = SYMBOLS_TIMEOUT;

	exchange->got_fd = -1;
	pthread_mutex_lock(&channel->lock);
	count(&reader->counters.requests);
	if (atomic_load(&reader->is_ending) || is_refused(reader, exchange->requester))
		count(&reader->counters.refused);
	else
		status = try_readers(reader, channel, exchange);
	pthread_mutex_unlock(&channel->lock);
	if (status != SYMBOLS_OK && exchange->got_fd >= 0)
		(void)close(exchange->got_fd);
	return status;
}

static enum symbols_status transact_for_fd(struct file_reader *reader, struct exchange *exchange,
					   int *ret_fd)
{
	const enum symbols_status status = transact(reader, exchange);

	if (status != SYMBOLS_OK)
		return status;
	if (exchange->got_fd < 0)
		return SYMBOLS_IO;
	*ret_fd = exchange->got_fd;
	return SYMBOLS_OK;
}

/* All bytes of a message are sent, padding too. */
static struct file_request *request_new(enum file_request_kind kind)
{
	struct file_request *request = calloc(1, sizeof(*request));

	if (request)
		request->kind = (uint8_t)kind;
	return request;
}

enum symbols_status file_reader_open(struct file_reader *reader, pid_t pid,
				     const struct mapping *mapping, struct file_facts *ret_facts,
				     int *ret_fd)
{
	const struct file_identity *identity = &mapping->file->identity;
	const struct file_requester requester = {file_reader_user_of(pid), identity->device_major,
						 identity->device_minor, 0};
	struct file_request *request = request_new(FILE_REQUEST_OPEN);
	struct exchange exchange = {.requester = &requester, .request = request, .fd = -1};
	size_t length = strnlen(mapping->file->path, MAPPINGS_PATH_MAX_BYTES);
	enum symbols_status status;

	if (!request)
		return SYMBOLS_NO_MEMORY;
	request->identity = *identity;
	request->start = mapping->start;
	request->end = mapping->end;
	request->seen_ns = mapping->file->seen_ns;
	request->pid = pid;
	request->mapping = (uint8_t)mapping->kind;
	memcpy(request->path, mapping->file->path, length);
	exchange.request_bytes = offsetof(struct file_request, path) + length + 1;
	status = transact_for_fd(reader, &exchange, ret_fd);
	*ret_facts = exchange.answer.facts;
	free(request);
	return status;
}

/* Has a file of a process opened, which the kind of request names. */
static enum symbols_status open_of_process(struct file_reader *reader, struct exchange *exchange,
					   struct file_request *request, pid_t pid, int *ret_fd)
{
	enum symbols_status status;

	if (!request)
		return SYMBOLS_NO_MEMORY;
	request->pid = pid;
	exchange->request = request;
	exchange->request_bytes = offsetof(struct file_request, path);
	status = transact_for_fd(reader, exchange, ret_fd);
	free(request);
	return status;
}

enum symbols_status file_reader_open_perf_map(struct file_reader *reader, pid_t pid, int *ret_fd)
{
	const struct file_requester requester = {.user = file_reader_user_of(pid)};
	struct exchange exchange = {.requester = &requester, .fd = -1};

	return open_of_process(reader, &exchange, request_new(FILE_REQUEST_PERF_MAP), pid, ret_fd);
}

enum symbols_status file_reader_read(struct file_reader *reader,
				     const struct file_requester *requester, int fd,
				     const struct file_part *part)
{
	struct file_request *request = request_new(FILE_REQUEST_READ);
	enum symbols_status status = request ? SYMBOLS_OK : SYMBOLS_NO_MEMORY;
	size_t done = 0;

	while (done < part->size_bytes && status == SYMBOLS_OK) {
		const size_t left = part->size_bytes - done;
		const size_t chunk =
			left < FILE_READER_CHUNK_BYTES ? left : FILE_READER_CHUNK_BYTES;
		struct exchange exchange = {.requester = requester,
					    .request = request,
					    .request_bytes = offsetof(struct file_request, path),
					    .fd = fd,
					    .bytes = (uint8_t *)part->buffer + done,
					    .capacity = chunk};

		request->offset = part->offset + done;
		request->size_bytes = (uint32_t)chunk;
		status = transact(reader, &exchange);
		if (status == SYMBOLS_OK && exchange.answer.size_bytes != chunk)
			status = SYMBOLS_CORRUPT;
		done += chunk;
	}
	free(request);
	return status;
}

enum symbols_status file_reader_measure(struct file_reader *reader,
					const struct file_requester *requester, int fd,
					struct file_facts *ret_facts)
{
	struct file_request *request = request_new(FILE_REQUEST_MEASURE);
	struct exchange exchange = {.requester = requester,
				    .request = request,
				    .request_bytes = offsetof(struct file_request, path),
				    .fd = fd};
	enum symbols_status status;

	if (!request)
		return SYMBOLS_NO_MEMORY;
	status = transact(reader, &exchange);
	*ret_facts = exchange.answer.facts;
	free(request);
	return status;
}

enum symbols_status file_reader_copy(struct file_reader *reader,
				     const struct file_requester *requester, int fd,
				     size_t limit_bytes, int *ret_fd)
{
	struct file_request *request = request_new(FILE_REQUEST_COPY);
	struct exchange exchange = {.requester = requester,
				    .request = request,
				    .request_bytes = offsetof(struct file_request, path),
				    .fd = fd};
	enum symbols_status status;

	if (!request)
		return SYMBOLS_NO_MEMORY;
	request->size_bytes = limit_bytes < UINT32_MAX ? (uint32_t)limit_bytes : UINT32_MAX;
	status = transact_for_fd(reader, &exchange, ret_fd);
	free(request);
	return status;
}

/* The bytes of the answer are those of a text. */
static enum symbols_status transact_for_text(struct file_reader *reader, struct exchange *exchange,
					     struct file_request *request,
					     const struct file_part *part)
{
	exchange->request = request;
	exchange->request_bytes = offsetof(struct file_request, path);
	exchange->bytes = part->buffer;
	exchange->capacity = part->size_bytes < FILE_READER_CHUNK_BYTES ? part->size_bytes
									: FILE_READER_CHUNK_BYTES;
	request->size_bytes = (uint32_t)exchange->capacity;
	return transact(reader, exchange);
}

enum symbols_status file_reader_open_maps(struct file_reader *reader,
					  const struct file_requester *requester,
					  const struct file_part *part, struct file_text *ret_text)
{
	struct file_request *request = request_new(FILE_REQUEST_MAPS);
	struct exchange exchange = {.requester = requester, .fd = -1};
	enum symbols_status status;

	if (!request)
		return SYMBOLS_NO_MEMORY;
	request->pid = requester->pid;
	status = transact_for_text(reader, &exchange, request, part);
	*ret_text = (struct file_text){
		.stat = exchange.answer.stat,
		.size_bytes = exchange.answer.size_bytes,
		.fd = status == SYMBOLS_OK ? exchange.got_fd : -1,
	};
	free(request);
	return status;
}

enum symbols_status file_reader_read_text(struct file_reader *reader,
					  const struct file_requester *requester, int fd,
					  const struct file_part *part, size_t *ret_size_bytes)
{
	struct file_request *request = request_new(FILE_REQUEST_TEXT);
	struct exchange exchange = {.requester = requester, .fd = fd};
	enum symbols_status status;

	if (!request)
		return SYMBOLS_NO_MEMORY;
	status = transact_for_text(reader, &exchange, request, part);
	*ret_size_bytes = exchange.answer.size_bytes;
	free(request);
	return status;
}

enum symbols_status file_reader_read_command_line(struct file_reader *reader, pid_t pid,
						  const struct file_part *part,
						  struct proc_stat *ret_stat,
						  size_t *ret_size_bytes)
{
	const struct file_requester requester = {.user = file_reader_user_of(pid), .pid = pid};
	struct file_request *request = request_new(FILE_REQUEST_COMMAND_LINE);
	struct exchange exchange = {.requester = &requester, .fd = -1};
	enum symbols_status status;

	if (!request)
		return SYMBOLS_NO_MEMORY;
	request->pid = pid;
	status = transact_for_text(reader, &exchange, request, part);
	*ret_stat = exchange.answer.stat;
	*ret_size_bytes = exchange.answer.size_bytes;
	free(request);
	return status;
}

/* Waits for a task. Returns NULL at the end. */
static struct waiting_task *next_task(struct file_reader *reader)
{
	struct waiting_task *task;

	pthread_mutex_lock(&reader->task_lock);
	while (!reader->first && !atomic_load(&reader->is_ending))
		pthread_cond_wait(&reader->changed, &reader->task_lock);
	task = atomic_load(&reader->is_ending) ? NULL : reader->first;
	if (task) {
		reader->first = task->next;
		if (!task->next)
			reader->last = &reader->first;
		reader->task_count--;
	}
	pthread_mutex_unlock(&reader->task_lock);
	return task;
}

static void *run(void *context)
{
	struct file_reader *reader = context;
	struct waiting_task *task;

	runs_tasks = true;
	pthread_setname_np(pthread_self(), "diag-open");
	if (reader->begin)
		(void)reader->begin();
	while ((task = next_task(reader)) != NULL) {
		task->task.run(task->task.context, false);
		free(task);
	}
	return NULL;
}

bool file_reader_start_thread(struct file_reader *reader, bool (*begin)(void))
{
	reader->begin = begin;
	reader->has_thread = thread_start(&reader->thread, run, reader);
	return reader->has_thread;
}

static void enqueue(struct file_reader *reader, struct waiting_task *waiting)
{
	if (waiting->task.is_urgent && reader->first) {
		waiting->next = reader->first;
		reader->first = waiting;
		return;
	}
	*reader->last = waiting;
	reader->last = &waiting->next;
}

bool file_reader_submit(struct file_reader *reader, const struct file_task *task)
{
	struct waiting_task *waiting = malloc(sizeof(*waiting));
	bool taken;

	if (!waiting)
		return false;
	*waiting = (struct waiting_task){.task = *task};
	pthread_mutex_lock(&reader->task_lock);
	taken = reader->has_thread && !atomic_load(&reader->is_ending) &&
		reader->task_count < TASKS_MAX;
	if (taken) {
		enqueue(reader, waiting);
		reader->task_count++;
		pthread_cond_signal(&reader->changed);
	}
	pthread_mutex_unlock(&reader->task_lock);
	if (!taken)
		free(waiting);
	return taken;
}

void file_reader_stop_thread(struct file_reader *reader)
{
	pthread_mutex_lock(&reader->task_lock);
	atomic_store(&reader->is_ending, true);
	pthread_cond_signal(&reader->changed);
	pthread_mutex_unlock(&reader->task_lock);
	if (reader->has_thread)
		(void)pthread_join(reader->thread, NULL);
	reader->has_thread = false;
	while (reader->first) {
		struct waiting_task *task = reader->first;

		reader->first = task->next;
		task->task.run(task->task.context, true);
		free(task);
	}
	reader->last = &reader->first;
}

void file_reader_get_statistics(struct file_reader *reader,
				struct file_reader_statistics *ret_statistics)
{
	*ret_statistics = (struct file_reader_statistics){
		.requests = atomic_load(&reader->counters.requests),
		.timeouts = atomic_load(&reader->counters.timeouts),
		.refused = atomic_load(&reader->counters.refused),
		.lost = atomic_load(&reader->counters.lost),
	};
}
