/* record/stacks/maps_reader.c - reads mappings of processes on the thread of the file reader */
#include "record/stacks/maps_reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/stacks/user_use.h"

/* Of one text: 160,000 mappings without a path. Those that come later are not known. */
#define TEXT_MAX_BYTES (16u << 20)

#define NS_PER_SECOND UINT64_C(1000000000)

enum slot_state {
	SLOT_FREE,
	SLOT_WAITING,
	SLOT_ENDED,
};

struct slot {
	struct maps_reader *owner;
	enum slot_state state;
	struct maps_result result;
};

struct maps_reader {
	struct file_reader *files;
	struct mapping_account *account;
	int descriptor;
	struct user_use use; /* of CPU time; used by the thread of the file reader */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool forgets_use;
	bool forgets_all; /* of it */
	bool is_signalled;
	size_t waiting_count;
	size_t count; /* not free */
	struct slot slots[MAPS_READER_MAX];
};

/* A text that is read piece by piece. */
struct text {
	struct file_reader *files;
	struct file_requester requester;
	bool is_open;
	struct file_text file;
	enum symbols_status status; /* of the last piece */
};

struct maps_reader *maps_reader_new(struct file_reader *files, struct mapping_account *account)
{
	struct maps_reader *reader = calloc(1, sizeof(*reader));
	pthread_condattr_t attributes;

	if (!reader)
		return NULL;
	reader->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reader->descriptor < 0) {
		free(reader);
		return NULL;
	}
	reader->files = files;
	reader->account = account;
	pthread_mutex_init(&reader->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&reader->ended, &attributes);
	pthread_condattr_destroy(&attributes);
	return reader;
}

void maps_reader_free(struct maps_reader *reader)
{
	struct maps_result result;

	if (!reader)
		return;
	while (maps_reader_take(reader, &result)) {
		if (result.status == SYMBOLS_OK)
			mapping_set_release(result.found.set);
	}
	(void)close(reader->descriptor);
	pthread_cond_destroy(&reader->ended);
	pthread_mutex_destroy(&reader->lock);
	free(reader);
}

int maps_reader_descriptor(const struct maps_reader *reader)
{
	return reader->descriptor;
}

static uint64_t thread_cpu_ns(void)
{
	struct timespec used;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0)
		return 0;
	return (uint64_t)used.tv_sec * NS_PER_SECOND + (uint64_t)used.tv_nsec;
}

static ssize_t read_piece(void *context, void *bytes, size_t size)
{
	struct text *text = context;
	const struct file_part part = {.buffer = bytes, .size_bytes = size};
	size_t got = 0;

	if (!text->is_open) {
		text->is_open = true;
		text->status =
			file_reader_open_maps(text->files, &text->requester, &part, &text->file);
		got = text->file.size_bytes;
	} else if (text->file.fd >= 0) {
		text->status = file_reader_read_text(text->files, &text->requester, text->file.fd,
						     &part, &got);
	}
	/* As after a failed read(), which is not made again. */
	errno = EIO;
	return text->status == SYMBOLS_OK ? (ssize_t)got : -1;
}

static enum symbols_status read_mappings(struct text *text, struct mapping_set *set)
{
	const struct line_source source = {read_piece, text};
	enum symbols_status status = mappings_read_source(&set->mappings, &source, TEXT_MAX_BYTES);

	if (status == SYMBOLS_IO)
		return text->status;
	if (status != SYMBOLS_OK && status != SYMBOLS_LIMIT)
		return status;
	return set->mappings.count > 0 ? SYMBOLS_OK : SYMBOLS_NOT_FOUND;
}

static enum symbols_status read_process(struct maps_reader *reader, struct maps_result *result)
{
	struct text text = {
		.files = reader->files,
		.requester = {.user = result->found.user, .pid = (pid_t)result->request.pid},
		.file.fd = -1};
	struct process_found *found = &result->found;
	enum symbols_status status;

	found->pid = result->request.pid;
	found->time_ns = clock_boottime_ns();
	found->set = mapping_set_new(text.requester.pid, reader->account);
	status = found->set ? read_mappings(&text, found->set) : SYMBOLS_NO_MEMORY;
	found->start_ns = text.file.stat.start_ns;
	found->threads = text.file.stat.threads;
	if (text.file.fd >= 0)
		(void)close(text.file.fd);
	if (status != SYMBOLS_OK) {
		mapping_set_release(found->set);
		found->set = NULL;
	}
	return status;
}

static void forget_if_asked(struct maps_reader *reader)
{
	bool forgets_use, forgets_all;

	pthread_mutex_lock(&reader->lock);
	forgets_use = reader->forgets_use;
	forgets_all = reader->forgets_all;
	reader->forgets_use = reader->forgets_all = false;
	pthread_mutex_unlock(&reader->lock);
	if (forgets_use)
		user_use_forget(&reader->use, forgets_all ? UINT64_MAX : MAPS_READER_USER_NS);
}

static void run_request(struct maps_reader *reader, struct maps_result *result)
{
	const uint64_t start_ns = thread_cpu_ns();

	forget_if_asked(reader);
	if (!file_reader_has_memory((pid_t)result->request.pid, &result->found.user))
		result->status = SYMBOLS_NOT_FOUND;
	else if (result->request.can_put_off &&
		 user_use_of(&reader->use, &result->found.user, 0) > MAPS_READER_USER_NS)
		result->status = SYMBOLS_REFUSED;
	else
		result->status = read_process(reader, result);
	/* Also of what has no mappings: scans are as rare as they take time. */
	result->took_ns = thread_cpu_ns() - start_ns;
	user_use_add(&reader->use, &result->found.user, result->took_ns, 0);
}

/* Without its lock no other thread uses a slot that waits. */
static void run(void *context, bool is_cancelled)
{
	struct slot *slot = context;
	struct maps_reader *reader = slot->owner;
	const uint64_t one = 1;
	bool must_signal;

	slot->result.status = SYMBOLS_TIMEOUT;
	if (!is_cancelled)
		run_request(reader, &slot->result);
	pthread_mutex_lock(&reader->lock);
	slot->state = SLOT_ENDED;
	reader->waiting_count--;
	must_signal = !reader->is_signalled && reader->waiting_count <= MAPS_READER_MAX / 2;
	reader->is_signalled = reader->is_signalled || must_signal;
	pthread_cond_signal(&reader->ended);
	if (must_signal)
		(void)!write(reader->descriptor, &one, sizeof(one));
	pthread_mutex_unlock(&reader->lock);
}

static struct slot *find_slot(struct maps_reader *reader, enum slot_state state)
{
	for (size_t i = 0; i < MAPS_READER_MAX; i++)
		if (reader->slots[i].state == state)
			return &reader->slots[i];
	return NULL;
}

/* Takes a slot back that no other thread has got. */
static void set_free(struct maps_reader *reader, struct slot *slot)
{
	pthread_mutex_lock(&reader->lock);
	slot->state = SLOT_FREE;
	reader->waiting_count--;
	reader->count--;
	pthread_mutex_unlock(&reader->lock);
}

bool maps_reader_request(struct maps_reader *reader, const struct maps_request *request)
{
	struct slot *slot;

	pthread_mutex_lock(&reader->lock);
	slot = find_slot(reader, SLOT_FREE);
	if (slot) {
		*slot = (struct slot){
			.owner = reader,
			.state = SLOT_WAITING,
			.result = {.request = *request, .requested_ns = clock_boottime_ns()},
		};
		reader->waiting_count++;
		reader->count++;
	}
	pthread_mutex_unlock(&reader->lock);
	if (!slot)
		return false;
	if (file_reader_submit(reader->files,
			       &(const struct file_task){run, slot, request->is_urgent}))
		return true;
	set_free(reader, slot);
	return false;
}

bool maps_reader_take(struct maps_reader *reader, struct maps_result *ret_result)
{
	struct slot *slot;
	uint64_t count;

	pthread_mutex_lock(&reader->lock);
	if (reader->is_signalled)
		(void)!read(reader->descriptor, &count, sizeof(count));
	reader->is_signalled = false;
	slot = find_slot(reader, SLOT_ENDED);
	if (slot) {
		*ret_result = slot->result;
		slot->state = SLOT_FREE;
		reader->count--;
	}
	pthread_mutex_unlock(&reader->lock);
	return slot != NULL;
}

size_t maps_reader_count(struct maps_reader *reader)
{
	size_t count;

	pthread_mutex_lock(&reader->lock);
	count = reader->count;
	pthread_mutex_unlock(&reader->lock);
	return count;
}

uint64_t maps_reader_since_ns(struct maps_reader *reader)
{
	uint64_t since_ns = UINT64_MAX;

	pthread_mutex_lock(&reader->lock);
	for (size_t i = 0; i < MAPS_READER_MAX; i++) {
		const struct slot *slot = &reader->slots[i];

		if (slot->state != SLOT_FREE && slot->result.requested_ns < since_ns)
			since_ns = slot->result.requested_ns;
	}
	pthread_mutex_unlock(&reader->lock);
	return since_ns;
}

void maps_reader_forget_use(struct maps_reader *reader, bool but_most)
{
	pthread_mutex_lock(&reader->lock);
	reader->forgets_use = true;
	reader->forgets_all = reader->forgets_all || !but_most;
	pthread_mutex_unlock(&reader->lock);
}

size_t maps_reader_pids(struct maps_reader *reader, uint32_t pids[MAPS_READER_MAX])
{
	size_t count = 0;

	pthread_mutex_lock(&reader->lock);
	for (size_t i = 0; i < MAPS_READER_MAX; i++)
		if (reader->slots[i].state != SLOT_FREE)
			pids[count++] = reader->slots[i].result.request.pid;
	pthread_mutex_unlock(&reader->lock);
	return count;
}

void maps_reader_wait(struct maps_reader *reader, uint64_t wait_ns)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	wait_ns += (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(wait_ns / NS_PER_SECOND);
	until.tv_nsec = (long)(wait_ns % NS_PER_SECOND);
	pthread_mutex_lock(&reader->lock);
	while (reader->waiting_count > 0 && !find_slot(reader, SLOT_ENDED) &&
	       pthread_cond_timedwait(&reader->ended, &reader->lock, &until) == 0)
		;
	pthread_mutex_unlock(&reader->lock);
}
