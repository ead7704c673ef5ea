/* tests/record/stacks/test_job_queue.c - record/stacks/job_queue.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/stacks/job_queue.h"

#define JOB_BYTES 1000
#define PLACES    10

static const struct file_user heavy = {.pid_namespace = 1, .uid = 1000};
static const struct file_user light = {.pid_namespace = 1, .uid = 1001};

static int begin(void **state)
{
	static struct job_queue queue;

	job_queue_init(&queue, PLACES * (sizeof(struct unwind_job) + JOB_BYTES));
	*state = &queue;
	return 0;
}

static void free_list(struct unwind_job *job)
{
	while (job) {
		struct unwind_job *next = job->next;

		unwind_job_free(job);
		job = next;
	}
}

static int end(void **state)
{
	struct job_queue *queue = *state;
	struct unwind_job *job;

	while ((job = job_queue_next(queue, 0)) != NULL) {
		job_queue_take(queue, job);
		unwind_job_free(job);
	}
	return queue->bytes == 0 ? 0 : -1;
}

static size_t add(struct job_queue *queue, struct file_user user, uint64_t number)
{
	struct unwind_job *job = unwind_job_new(JOB_BYTES), *dropped;
	size_t count = 0;

	assert_non_null(job);
	job->user = user;
	job->stack_copy_id = job->deadline_ns = number;
	if (!job_queue_add(queue, job, &dropped)) {
		unwind_job_free(job);
		return SIZE_MAX;
	}
	for (const struct unwind_job *each = dropped; each; each = each->next)
		count++;
	free_list(dropped);
	return count;
}

static uint64_t take(struct job_queue *queue)
{
	struct unwind_job *job = job_queue_next(queue, 0);
	uint64_t number;

	assert_non_null(job);
	job_queue_take(queue, job);
	number = job->stack_copy_id;
	unwind_job_free(job);
	return number;
}

static void of_equal_use_the_first_deadline_is_next(void **state)
{
	struct job_queue *queue = *state;

	assert_int_equal(add(queue, heavy, 1), 0);
	assert_int_equal(add(queue, light, 2), 0);
	assert_int_equal(add(queue, heavy, 3), 0);
	for (uint64_t number = 1; number <= 3; number++)
		assert_int_equal(take(queue), number);
	assert_null(job_queue_next(queue, 0));
}

static void a_user_that_has_used_less_is_next(void **state)
{
	struct job_queue *queue = *state;

	job_queue_spend(queue, &heavy, JOB_QUEUE_LITTLE_NS, 0);
	assert_false(job_queue_uses_little(queue, &heavy, 0));
	assert_true(job_queue_uses_little(queue, &light, 0));
	assert_int_equal(add(queue, heavy, 1), 0);
	assert_int_equal(add(queue, heavy, 2), 0);
	assert_int_equal(add(queue, light, 3), 0);
	assert_int_equal(take(queue), 3);
	assert_int_equal(take(queue), 1);
	assert_int_equal(take(queue), 2);
	assert_true(job_queue_uses_little(queue, &heavy, UINT64_C(2000000000)));
}

static uint64_t others(struct job_queue *queue, const struct file_user *user, uint64_t used_ns,
		       uint64_t now_ns)
{
	return job_queue_deadline_of_others(queue, user, used_ns, now_ns);
}

static void a_load_knows_the_deadline_of_who_is_next(void **state)
{
	struct job_queue *queue = *state;

	assert_int_equal(others(queue, &heavy, 1, 0), 0);
	assert_int_equal(add(queue, heavy, 10), 0);
	assert_int_equal(add(queue, light, 20), 0);
	assert_int_equal(add(queue, light, 30), 0);
	assert_int_equal(others(queue, &heavy, 1, 0), 20);
	assert_int_equal(others(queue, &heavy, 0, 0), 0); /* both have used nothing */
	assert_int_equal(others(queue, &heavy, 1, 20), 30);
	assert_int_equal(others(queue, &heavy, 1, 30), 0);
	job_queue_spend(queue, &heavy, 100, 0);
	assert_int_equal(others(queue, &heavy, 0, 0), 20);
	assert_int_equal(others(queue, &light, 99, 0), 0);
	assert_int_equal(others(queue, &light, 101, 0), 10);
}

/* For what no user waits for, all come before; also those that share the last place. */
static void all_are_others_for_no_user(void **state)
{
	const struct file_user user = {.uid = 5000 + 2 * JOB_QUEUE_USERS_MAX};
	struct job_queue *queue = *state;

	assert_int_equal(others(queue, NULL, 0, 0), 0);
	assert_int_equal(add(queue, (struct file_user){.uid = FILE_USER_UNKNOWN}, 5), 0);
	assert_int_equal(others(queue, NULL, 0, 0), 5);
	queue->bytes_max = SIZE_MAX;
	for (uint32_t i = 0; i < JOB_QUEUE_USERS_MAX; i++)
		assert_int_equal(add(queue, (struct file_user){.uid = 5000 + i}, 10), 0);
	assert_int_equal(add(queue, user, 20), 0);
	assert_int_equal(add(queue, light, 30), 0);
	for (uint32_t i = 0; i < JOB_QUEUE_USERS_MAX; i++)
		job_queue_spend(queue, &(struct file_user){.uid = 5000 + i}, 1000, 0);
	assert_int_equal(others(queue, &user, 1, 5), 30);
}

static void who_has_the_most_gives_way(void **state)
{
	struct job_queue *queue = *state;

	for (uint64_t number = 1; number <= PLACES; number++)
		assert_int_equal(add(queue, heavy, number), 0);
	assert_int_equal(add(queue, heavy, 11), SIZE_MAX);
	for (uint64_t number = 0; number < PLACES / 2; number++)
		assert_int_equal(add(queue, light, 20 + number), 1);
	assert_int_equal(add(queue, light, 30), SIZE_MAX);
	/* The oldest were dropped. */
	assert_int_equal(take(queue), PLACES / 2 + 1);
}

static void users_without_a_place_share_one(void **state)
{
	struct job_queue *queue = *state;

	queue->bytes_max = SIZE_MAX;
	for (uint32_t i = 0; i < 3 * JOB_QUEUE_USERS_MAX; i++)
		assert_int_equal(add(queue, (struct file_user){.uid = 5000 + i}, i), 0);
	for (uint64_t i = 0; i < 3 * JOB_QUEUE_USERS_MAX; i++)
		assert_int_equal(take(queue), i);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_equal_use_the_first_deadline_is_next),
		TEST(a_user_that_has_used_less_is_next),
		TEST(a_load_knows_the_deadline_of_who_is_next),
		TEST(all_are_others_for_no_user),
		TEST(who_has_the_most_gives_way),
		TEST(users_without_a_place_share_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
