/* record/stacks/job_queue.c - stacks that wait to be unwound, shared fairly by users */
#include "record/stacks/job_queue.h"

#define HALF_LIFE_NS UINT64_C(1000000000)

void job_queue_init(struct job_queue *queue, size_t bytes_max)
{
	*queue = (struct job_queue){.bytes_max = bytes_max, .cpu_ns.half_life_ns = HALF_LIFE_NS};
}

static size_t bytes_of(const struct unwind_job *job)
{
	return sizeof(*job) + job->size_bytes;
}

static size_t find(const struct job_queue *queue, const struct file_user *user)
{
	size_t i = 0;

	while (i < queue->count && !user_use_is_same(&queue->users[i].user, user))
		i++;
	return i;
}

/* Returns the place of a user: of a new one an empty place, or the last one. */
static size_t place_of(struct job_queue *queue, const struct file_user *user)
{
	size_t place = find(queue, user);

	if (place < queue->count)
		return place;
	for (place = 0; place < queue->count && queue->users[place].first; place++)
		;
	if (place == JOB_QUEUE_USERS_MAX)
		return JOB_QUEUE_USERS_MAX - 1;
	queue->users[place].user = *user;
	queue->users[place].bytes = 0;
	if (place == queue->count)
		queue->count++;
	return place;
}

static size_t largest(const struct job_queue *queue)
{
	size_t place = 0;

	for (size_t i = 1; i < queue->count; i++)
		if (queue->users[i].bytes > queue->users[place].bytes)
			place = i;
	return place;
}

static struct unwind_job *take_first(struct job_queue *queue, size_t place)
{
	struct unwind_job *job = queue->users[place].first;

	queue->users[place].first = job->next;
	if (!job->next)
		queue->users[place].last = NULL;
	queue->users[place].bytes -= bytes_of(job);
	queue->bytes -= bytes_of(job);
	job->next = NULL;
	return job;
}

/* Drops jobs of other users until there is room. */
static bool make_room(struct job_queue *queue, size_t place, size_t bytes,
		      struct unwind_job **dropped)
{
	while (queue->bytes + bytes > queue->bytes_max) {
		const size_t other = largest(queue);
		struct unwind_job *job;

		if (other == place ||
		    queue->users[other].bytes <= queue->users[place].bytes + bytes)
			return false;
		job = take_first(queue, other);
		job->next = *dropped;
		*dropped = job;
	}
	return true;
}

bool job_queue_add(struct job_queue *queue, struct unwind_job *job, struct unwind_job **ret_dropped)
{
	const size_t place = place_of(queue, &job->user);

	*ret_dropped = NULL;
	if (!make_room(queue, place, bytes_of(job), ret_dropped))
		return false;
	job->next = NULL;
	if (queue->users[place].last)
		queue->users[place].last->next = job;
	else
		queue->users[place].first = job;
	queue->users[place].last = job;
	queue->users[place].bytes += bytes_of(job);
	queue->bytes += bytes_of(job);
	return true;
}

struct unwind_job *job_queue_next(const struct job_queue *queue, uint64_t now_ns)
{
	struct unwind_job *next = NULL;
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < queue->count; i++) {
		struct unwind_job *job = queue->users[i].first;
		const uint64_t used_ns =
			job ? user_use_of(&queue->cpu_ns, &job->user, now_ns) : UINT64_MAX;

		if (job && (!next || used_ns < least_ns ||
			    (used_ns == least_ns && job->deadline_ns < next->deadline_ns))) {
			next = job;
			least_ns = used_ns;
		}
	}
	return next;
}

void job_queue_take(struct job_queue *queue, struct unwind_job *job)
{
	for (size_t i = 0; i < queue->count; i++) {
		if (queue->users[i].first == job) {
			(void)take_first(queue, i);
			return;
		}
	}
}

static const struct unwind_job *next_alive(const struct unwind_job *job, uint64_t now_ns)
{
	while (job && (job->is_comparison || job->deadline_ns <= now_ns))
		job = job->next;
	return job;
}

/* Whether the job is of another user, who has used less than `own_ns`. */
static bool is_before(const struct job_queue *queue, const struct unwind_job *job,
		      const struct file_user *user, uint64_t own_ns, uint64_t now_ns)
{
	return (!user || !user_use_is_same(&job->user, user)) &&
	       user_use_of(&queue->cpu_ns, &job->user, now_ns) < own_ns;
}

uint64_t job_queue_deadline_of_others(const struct job_queue *queue, const struct file_user *user,
				      uint64_t used_ns, uint64_t now_ns)
{
	const uint64_t own_ns =
		user ? user_use_of(&queue->cpu_ns, user, now_ns) + used_ns : UINT64_MAX;
	uint64_t earliest_ns = 0;

	for (size_t i = 0; i < queue->count; i++) {
		const struct unwind_job *job = next_alive(queue->users[i].first, now_ns);

		/* Those of a user have their deadlines in the order in which they came. Only the
		 * last place has jobs of several. */
		while (job && i == JOB_QUEUE_USERS_MAX - 1 &&
		       !is_before(queue, job, user, own_ns, now_ns))
			job = next_alive(job->next, now_ns);
		if (job && is_before(queue, job, user, own_ns, now_ns) &&
		    (earliest_ns == 0 || job->deadline_ns < earliest_ns))
			earliest_ns = job->deadline_ns;
	}
	return earliest_ns;
}

void job_queue_spend(struct job_queue *queue, const struct file_user *user, uint64_t cpu_ns,
		     uint64_t now_ns)
{
	user_use_add(&queue->cpu_ns, user, cpu_ns, now_ns);
}

bool job_queue_uses_little(const struct job_queue *queue, const struct file_user *user,
			   uint64_t now_ns)
{
	return user_use_of(&queue->cpu_ns, user, now_ns) < JOB_QUEUE_LITTLE_NS;
}
