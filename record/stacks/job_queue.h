/* record/stacks/job_queue.h - stacks that wait to be unwound, shared fairly by users
 *
 * The next one is of the user with the least CPU time in the last seconds, and of one user the
 * oldest. If there is no room, the user with the most bytes gives way: the oldest of that user are
 * dropped. So a user whose programs end all the time delays and displaces own stacks only.
 *
 * The caller holds a lock.
 */
#ifndef RECORD_STACKS_JOB_QUEUE_H
#define RECORD_STACKS_JOB_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/unwind_job.h"
#include "record/stacks/user_use.h"

#define JOB_QUEUE_USERS_MAX 64u /* further ones share the last place */

/* A user with less than this in the last seconds is one that uses little. */
#define JOB_QUEUE_LITTLE_NS UINT64_C(50000000)

struct job_queue {
	size_t bytes_max;
	size_t bytes;
	size_t count; /* of users, with and without jobs */
	struct {
		struct file_user user;
		struct unwind_job *first;
		struct unwind_job *last;
		size_t bytes;
	} users[JOB_QUEUE_USERS_MAX];
	struct user_use cpu_ns;
};

/* Makes an empty queue that holds jobs of up to `bytes_max` bytes. Cannot fail. The caller must
 * take all jobs before its end. */
void job_queue_init(struct job_queue *queue, size_t bytes_max);

/* Takes ownership of the job and returns true. Returns false if there is no room, as its user has
 * the most; the caller keeps it then. The caller must free the list *ret_dropped. */
bool job_queue_add(struct job_queue *queue, struct unwind_job *job,
		   struct unwind_job **ret_dropped);

/* Returns the next job, which stays in the queue; NULL: there is none. */
struct unwind_job *job_queue_next(const struct job_queue *queue, uint64_t now_ns);

/* Takes a job that job_queue_next() has returned: the caller owns it. */
void job_queue_take(struct job_queue *queue, struct unwind_job *job);

/* Returns the earliest deadline after `now_ns` of a stack of another user, one that comes before
 * `user` in the queue; 0: there is none. `used_ns`: CPU time of `user` that is not added yet. NULL
 * for no user: all are others, and come before. */
uint64_t job_queue_deadline_of_others(const struct job_queue *queue, const struct file_user *user,
				      uint64_t used_ns, uint64_t now_ns);

/* Adds to the CPU time of a user. */
void job_queue_spend(struct job_queue *queue, const struct file_user *user, uint64_t cpu_ns,
		     uint64_t now_ns);

/* Whether the user has used less than JOB_QUEUE_LITTLE_NS. */
bool job_queue_uses_little(const struct job_queue *queue, const struct file_user *user,
			   uint64_t now_ns);

#endif
