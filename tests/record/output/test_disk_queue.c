/* tests/record/output/test_disk_queue.c - record/output/disk_queue.c */
#include "record/output/disk_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[DISK_QUEUE_PIECE_BYTES + 1];

static bool add(struct disk_queue *queue, uint32_t size, uint8_t content)
{
	const struct disk_operation operation = {
		.kind = DISK_OPERATION_WRITE,
		.size_bytes = size,
		.file = content,
	};

	const struct iovec pieces[] = {{bytes, size / 3}, {bytes + size / 3, size - size / 3}};

	memset(bytes, content, size);
	return disk_queue_add(queue, &operation, pieces, 2);
}

/* Passes over what only leads to the start of the memory. */
static const struct disk_operation *first(struct disk_queue *queue, const uint8_t **ret_bytes)
{
	const struct disk_operation *operation = disk_queue_first(queue, ret_bytes);

	while (operation && operation->kind == DISK_OPERATION_SKIP) {
		disk_queue_end_first(queue);
		operation = disk_queue_first(queue, ret_bytes);
	}
	return operation;
}

static void take(struct disk_queue *queue, uint32_t size, uint8_t content)
{
	const uint8_t *taken;
	const struct disk_operation *operation = first(queue, &taken);

	assert_non_null(operation);
	assert_int_equal(operation->size_bytes, size);
	assert_int_equal(operation->file, content);
	for (uint32_t i = 0; i < size; i++)
		assert_int_equal(taken[i], content);
	disk_queue_end_first(queue);
}

static void operations_come_in_their_order(void **state)
{
	struct disk_queue *queue = disk_queue_new();
	const uint8_t *none;

	(void)state;
	assert_non_null(queue);
	assert_null(disk_queue_first(queue, &none));
	assert_true(add(queue, 0, 1));
	assert_true(add(queue, 33, 2));
	assert_true(add(queue, 64, 3));
	take(queue, 0, 1);
	take(queue, 33, 2);
	take(queue, 64, 3);
	assert_null(disk_queue_first(queue, &none));
	assert_int_equal(disk_queue_used(queue), 0);
	disk_queue_free(queue);
}

static void what_does_not_fit_is_refused_and_nothing_is_overwritten(void **state)
{
	struct disk_queue *queue = disk_queue_new();
	const uint32_t size = DISK_QUEUE_PIECE_BYTES - 4096;
	unsigned int added = 0;

	(void)state;
	assert_non_null(queue);
	assert_false(add(queue, DISK_QUEUE_PIECE_BYTES + 1, 1));
	while (add(queue, size, (uint8_t)(added + 1)))
		added++;
	assert_in_range(added, DISK_QUEUE_BYTES / DISK_QUEUE_PIECE_BYTES - 1,
			DISK_QUEUE_BYTES / size);
	for (unsigned int i = 0; i < added; i++)
		take(queue, size, (uint8_t)(i + 1));
	assert_int_equal(disk_queue_used(queue), 0);
	disk_queue_free(queue);
}

/* Sizes of all kinds, and as many in the queue: it begins again many times. */
static void the_memory_is_used_again(void **state)
{
	struct disk_queue *queue = disk_queue_new();
	uint32_t sizes[128] = {0}, next = 1;
	unsigned int head = 0, tail = 0;

	(void)state;
	assert_non_null(queue);
	for (int round = 0; round < 3000; round++) {
		next = next * 1664525u + 1013904223u;
		sizes[head % 128] = (next >> 8) % (200u << 10);
		while (head - tail == 64 || !add(queue, sizes[head % 128], (uint8_t)head)) {
			take(queue, sizes[tail % 128], (uint8_t)tail);
			tail++;
		}
		head++;
		if (next >> 28 == 0) {
			for (; tail != head; tail++)
				take(queue, sizes[tail % 128], (uint8_t)tail);
		}
	}
	assert_true(atomic_load(&queue->added) > 4 * (uint64_t)DISK_QUEUE_BYTES);
	disk_queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_come_in_their_order),
		cmocka_unit_test(what_does_not_fit_is_refused_and_nothing_is_overwritten),
		cmocka_unit_test(the_memory_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
