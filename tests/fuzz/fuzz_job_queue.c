/* tests/fuzz/fuzz_job_queue.c - any stacks of any users in the queue that they share
 *
 * The queue holds no more than it may, who has the most gives way, and a user with nothing in it
 * finds room.
 *
 * Input: steps of four bytes: what to do, the user, the size or CPU time, and the time that passes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "record/stacks/job_queue.h"

#define BYTES_MAX 65536u
#define USERS     80u
#define UNIT_NS   UINT64_C(10000000)

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step {
	STEP_ADD,
	STEP_TAKE,
	STEP_SPEND,
	STEP_ASK,
	STEP_COUNT,
};

static struct file_user user_of(uint8_t byte)
{
	/* Some are the root of a pid namespace. */
	return (struct file_user){.uid = byte % 4 ? 1000u + byte % USERS : 0,
				  .pid_namespace = byte};
}

static size_t bytes_in(const struct job_queue *queue)
{
	size_t bytes = 0;

	for (size_t i = 0; i < queue->count; i++)
		bytes += queue->users[i].bytes;
	return bytes;
}

static void add(struct job_queue *queue, struct file_user user, uint8_t size, uint64_t now_ns)
{
	struct unwind_job *job = unwind_job_new((size_t)size * 64);
	struct unwind_job *dropped;
	const bool was_empty = queue->bytes == 0;

	if (!job)
		abort();
	job->user = user;
	job->deadline_ns = now_ns + UNIT_NS * 30;
	if (!job_queue_add(queue, job, &dropped)) {
		/* One job of this size always fits alone. */
		if (was_empty)
			abort();
		unwind_job_free(job);
	}
	while (dropped) {
		struct unwind_job *next = dropped->next;

		if (user_use_is_same(&dropped->user, &user) && queue->count < JOB_QUEUE_USERS_MAX)
			abort();
		unwind_job_free(dropped);
		dropped = next;
	}
}

static bool take(struct job_queue *queue, uint64_t now_ns)
{
	struct unwind_job *job = job_queue_next(queue, now_ns);

	if (!job != (queue->bytes == 0))
		abort();
	if (job)
		job_queue_take(queue, job);
	unwind_job_free(job);
	return job;
}

static void ask(const struct job_queue *queue, struct file_user user, uint8_t used, uint64_t now_ns)
{
	const uint64_t deadline_ns =
		job_queue_deadline_of_others(queue, &user, used * UNIT_NS, now_ns);

	if (deadline_ns && (deadline_ns <= now_ns || queue->bytes == 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct job_queue queue;
	uint64_t now_ns = UNIT_NS;

	job_queue_init(&queue, BYTES_MAX);
	for (; size >= 4; data += 4, size -= 4) {
		const struct file_user user = user_of(data[1]);

		now_ns += data[3] * UNIT_NS / 8;
		switch (data[0] % STEP_COUNT) {
		case STEP_ADD:
			add(&queue, user, data[2], now_ns);
			break;
		case STEP_TAKE:
			(void)take(&queue, now_ns);
			break;
		case STEP_SPEND:
			job_queue_spend(&queue, &user, data[2] * UNIT_NS, now_ns);
			break;
		default:
			ask(&queue, user, data[2], now_ns);
		}
		if (queue.bytes > BYTES_MAX || bytes_in(&queue) != queue.bytes)
			abort();
	}
	while (take(&queue, now_ns))
		;
	if (queue.bytes != 0)
		abort();
	return 0;
}
