/* tests/record/stacks/test_perf_record.c - record/stacks/perf_record.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>

#include "record/stacks/perf_record.h"

#define RECORD_MAX_BYTES 512

/* A record that grows; its size and the time at its end are set by finish(). */
struct draft {
	_Alignas(8) uint8_t bytes[RECORD_MAX_BYTES];
	size_t size;
};

static void add(struct draft *draft, const void *bytes, size_t size)
{
	memcpy(draft->bytes + draft->size, bytes, size);
	draft->size += size;
}

static void add_u32(struct draft *draft, uint32_t value)
{
	add(draft, &value, sizeof(value));
}

static void add_u64(struct draft *draft, uint64_t value)
{
	add(draft, &value, sizeof(value));
}

static struct draft begin(uint32_t type, uint16_t flags)
{
	struct perf_event_header header = {.type = type, .misc = flags};
	struct draft draft = {.size = 0};

	add(&draft, &header, sizeof(header));
	return draft;
}

static void finish(struct draft *draft, uint64_t time_ns)
{
	uint16_t size;

	add_u64(draft, time_ns);
	size = (uint16_t)draft->size;
	memcpy(draft->bytes + offsetof(struct perf_event_header, size), &size, sizeof(size));
}

static struct draft mapped(uint16_t flags, uint64_t start, uint64_t size, const char *path)
{
	struct draft draft = begin(PERF_RECORD_MMAP2, flags);
	char padded[64] = "";

	add_u32(&draft, 100);
	add_u32(&draft, 101);
	add_u64(&draft, start);
	add_u64(&draft, size);
	add_u64(&draft, 0x2000);
	add_u32(&draft, 8);
	add_u32(&draft, 1);
	add_u64(&draft, 4711);
	add_u64(&draft, 3);
	add_u32(&draft, PROT_READ | PROT_EXEC);
	add_u32(&draft, MAP_PRIVATE);
	strncpy(padded, path, sizeof(padded) - 1);
	add(&draft, padded, (strlen(path) + 8) & ~(size_t)7);
	finish(&draft, 77);
	return draft;
}

static bool decode(const struct draft *draft, struct perf_record *ret_record)
{
	return perf_record_decode(draft->bytes, draft->size, ret_record);
}

static void a_mapping_has_range_file_and_time(void **state)
{
	struct draft draft = mapped(PERF_RECORD_MISC_USER, 0x1000, 0x3000, "/lib/libx.so");
	struct perf_record record;

	(void)state;
	assert_true(decode(&draft, &record));
	assert_int_equal(record.kind, PERF_RECORD_MAPPED);
	assert_int_equal(record.time_ns, 77);
	assert_int_equal(record.pid, 100);
	assert_int_equal(record.tid, 101);
	assert_int_equal(record.start, 0x1000);
	assert_int_equal(record.end, 0x4000);
	assert_int_equal(record.file_offset, 0x2000);
	assert_true(record.executable);
	assert_int_equal(record.identity.device_major, 8);
	assert_int_equal(record.identity.device_minor, 1);
	assert_int_equal(record.identity.inode, 4711);
	assert_int_equal(record.identity.generation, 3);
	assert_int_equal(record.identity.build_id_bytes, 0);
	assert_string_equal(record.path, "/lib/libx.so");
}

static void a_flag_left_over_from_another_event_is_no_build_id(void **state)
{
	struct draft draft = mapped(PERF_RECORD_MISC_USER | PERF_RECORD_MISC_MMAP_BUILD_ID, 0x1000,
				    0x1000, "/bin/x");
	struct perf_record record;

	(void)state;
	assert_true(decode(&draft, &record));
	assert_int_equal(record.identity.inode, 4711);
	assert_int_equal(record.identity.build_id_bytes, 0);
}

static void a_mapping_of_the_kernel_is_not_ours(void **state)
{
	struct draft draft = mapped(PERF_RECORD_MISC_KERNEL, 0x1000, 0x1000, "[kernel]");
	struct perf_record record;

	(void)state;
	assert_true(decode(&draft, &record));
	assert_int_equal(record.kind, PERF_RECORD_OTHER_KIND);
}

static void an_impossible_range_is_refused(void **state)
{
	struct draft empty = mapped(PERF_RECORD_MISC_USER, 0x1000, 0, "/bin/x");
	struct draft beyond = mapped(PERF_RECORD_MISC_USER, UINT64_MAX - 5, 100, "/bin/x");
	struct perf_record record;

	(void)state;
	assert_false(decode(&empty, &record));
	assert_false(decode(&beyond, &record));
}

static void a_path_without_end_is_refused(void **state)
{
	struct draft draft = mapped(PERF_RECORD_MISC_USER, 0x1000, 0x1000, "/bin/x");
	struct perf_record record;

	(void)state;
	memset(draft.bytes + 8 + 64, 'x', draft.size - 8 - 64 - 8);
	assert_false(decode(&draft, &record));
}

static void every_shorter_record_is_refused(void **state)
{
	struct draft draft = mapped(PERF_RECORD_MISC_USER, 0x1000, 0x1000, "/bin/x");
	struct perf_record record;

	(void)state;
	for (size_t size = 0; size < draft.size; size++) {
		assert_false(perf_record_decode(draft.bytes, size, &record));
		if (size >= sizeof(struct perf_event_header) && size < 8 + 64 + 8) {
			uint16_t claimed = (uint16_t)size;
			struct draft cut = draft;

			memcpy(cut.bytes + offsetof(struct perf_event_header, size), &claimed,
			       sizeof(claimed));
			assert_false(perf_record_decode(cut.bytes, size, &record));
		}
	}
}

static struct draft task(uint32_t type, uint32_t pid, uint32_t parent_pid, uint32_t tid)
{
	struct draft draft = begin(type, 0);

	add_u32(&draft, pid);
	add_u32(&draft, parent_pid);
	add_u32(&draft, tid);
	add_u32(&draft, parent_pid);
	add_u64(&draft, 5);
	finish(&draft, 6);
	return draft;
}

static void forks_and_ends_have_their_ids(void **state)
{
	struct draft fork = task(PERF_RECORD_FORK, 20, 10, 20);
	struct draft end = task(PERF_RECORD_EXIT, 20, 10, 21);
	struct perf_record record;

	(void)state;
	assert_true(decode(&fork, &record));
	assert_int_equal(record.kind, PERF_RECORD_FORKED);
	assert_int_equal(record.pid, 20);
	assert_int_equal(record.parent_pid, 10);
	assert_true(decode(&end, &record));
	assert_int_equal(record.kind, PERF_RECORD_ENDED);
	assert_int_equal(record.tid, 21);
}

static void only_a_name_given_by_exec_counts(void **state)
{
	struct perf_record record;

	(void)state;
	for (int exec = 0; exec < 2; exec++) {
		struct draft draft = begin(PERF_RECORD_COMM, exec ? PERF_RECORD_MISC_COMM_EXEC : 0);

		add_u32(&draft, 30);
		add_u32(&draft, 31);
		add(&draft, "name\0\0\0", 8);
		finish(&draft, 9);
		assert_true(decode(&draft, &record));
		assert_int_equal(record.kind, exec ? PERF_RECORD_EXECUTED : PERF_RECORD_OTHER_KIND);
	}
	assert_int_equal(record.pid, 30);
}

static void dropped_records_are_counted(void **state)
{
	struct draft draft = begin(PERF_RECORD_LOST, 0);
	struct perf_record record;

	(void)state;
	add_u64(&draft, 1);
	add_u64(&draft, 12345);
	finish(&draft, 9);
	assert_true(decode(&draft, &record));
	assert_int_equal(record.kind, PERF_RECORD_MISSED);
	assert_int_equal(record.missed, 12345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mapping_has_range_file_and_time),
		cmocka_unit_test(a_flag_left_over_from_another_event_is_no_build_id),
		cmocka_unit_test(a_mapping_of_the_kernel_is_not_ours),
		cmocka_unit_test(an_impossible_range_is_refused),
		cmocka_unit_test(a_path_without_end_is_refused),
		cmocka_unit_test(every_shorter_record_is_refused),
		cmocka_unit_test(forks_and_ends_have_their_ids),
		cmocka_unit_test(only_a_name_given_by_exec_counts),
		cmocka_unit_test(dropped_records_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
