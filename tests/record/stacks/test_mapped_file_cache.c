/* tests/record/stacks/test_mapped_file_cache.c - record/stacks/mapped_file_cache.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "record/stacks/mapped_file_cache.h"

#define NS_PER_S INT64_C(1000000000)

struct sample {
	char path[64];
	struct file_identity identity;
	struct mapped_file_cache *keeper;
};

static int64_t unix_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static struct file_identity identity_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return (struct file_identity){
		.device_major = major(status.st_dev),
		.device_minor = minor(status.st_dev),
		.inode = status.st_ino,
	};
}

static int set_up(void **state)
{
	static struct sample sample;
	int fd;

	strcpy(sample.path, "/tmp/diag-keeper.XXXXXX");
	fd = mkstemp(sample.path);
	assert_true(fd >= 0);
	close(fd);
	write_file(sample.path, "first");
	sample.identity = identity_of(sample.path);
	assert_int_equal(mapped_file_cache_new(4, &sample.keeper), SYMBOLS_OK);
	*state = &sample;
	return 0;
}

static int tear_down(void **state)
{
	struct sample *sample = *state;

	mapped_file_cache_free(sample->keeper);
	(void)unlink(sample->path);
	return 0;
}

static struct mapped_file *see(struct sample *sample, const char *path,
			       const struct file_identity *identity, uint64_t now_ns)
{
	struct file_sighting sighting = {
		.identity = identity,
		.path = path,
		.seen_ns = unix_now_ns() + NS_PER_S,
		.now_ns = now_ns,
	};

	return mapped_file_cache_intern(sample->keeper, &sighting);
}

static void assert_reads(struct sample *sample, struct mapped_file *file, const char *expected)
{
	struct mapping mapping = {.kind = MAPPING_FILE, .file = file};
	char text[32] = "";
	int fd;

	assert_int_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd), SYMBOLS_OK);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) >= 0);
	close(fd);
	assert_string_equal(text, expected);
}

static void a_deleted_file_can_still_be_read(void **state)
{
	struct sample *sample = *state;
	struct mapped_file *file = see(sample, sample->path, &sample->identity, 1);

	assert_int_equal(unlink(sample->path), 0);
	assert_reads(sample, file, "first");
	mapped_file_release(file);
}

static void a_replaced_file_is_still_the_old_one(void **state)
{
	struct sample *sample = *state;
	struct mapped_file *file = see(sample, sample->path, &sample->identity, 1);

	assert_int_equal(unlink(sample->path), 0);
	write_file(sample->path, "second");
	assert_reads(sample, file, "first");
	mapped_file_release(file);
}

static void all_mappings_share_the_same_file(void **state)
{
	struct sample *sample = *state;
	struct mapped_file *first = see(sample, sample->path, &sample->identity, 1);
	struct mapped_file *second = see(sample, sample->path, &sample->identity, 2);
	struct mapped_file_cache_statistics statistics;

	assert_ptr_equal(first, second);
	mapped_file_cache_get_statistics(sample->keeper, &statistics);
	assert_int_equal(statistics.opened, 1);
	mapped_file_release(first);
	mapped_file_release(second);
}

/* perf reports the generation of an inode, /proc does not. */
static void a_file_with_a_build_id_is_one_however_it_was_seen(void **state)
{
	struct sample *sample = *state;
	struct file_identity by_proc = identity_of("/proc/self/exe");
	struct file_identity by_perf = by_proc;
	struct mapped_file *first, *second;
	char path[256] = "";

	by_perf.generation = 17;
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	first = see(sample, path, &by_proc, 1);
	second = see(sample, path, &by_perf, 2);
	assert_ptr_equal(first, second);
	assert_true(first->identity.build_id_bytes > 0);
	mapped_file_release(first);
	mapped_file_release(second);
}

static void copy_file(const char *from, const char *to)
{
	char bytes[4096];
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	size_t got;

	assert_non_null(in);
	assert_non_null(out);
	while ((got = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, got, out), got);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

/* As from a mount namespace where another file has that path: it has its own names. */
static void a_copy_with_the_same_build_id_and_path_is_another_file(void **state)
{
	struct sample *sample = *state;
	struct file_identity first_identity, second_identity;
	struct mapped_file *first, *second;

	copy_file("/proc/self/exe", sample->path);
	first_identity = identity_of(sample->path);
	first = see(sample, sample->path, &first_identity, 1);
	/* The first one stays open, so that the copy has another inode. */
	assert_int_equal(unlink(sample->path), 0);
	copy_file("/proc/self/exe", sample->path);
	second_identity = identity_of(sample->path);
	assert_int_not_equal(first_identity.inode, second_identity.inode);
	second = see(sample, sample->path, &second_identity, 2);
	assert_ptr_not_equal(first, second);
	assert_int_not_equal(first->identity.build_id_bytes, 0);
	assert_int_equal(second->identity.build_id_bytes, 0);
	mapped_file_release(first);
	mapped_file_release(second);
}

static void another_file_under_that_path_is_refused(void **state)
{
	struct sample *sample = *state;
	struct file_identity other = sample->identity;
	struct mapping mapping = {.kind = MAPPING_FILE};
	int fd;

	other.inode++;
	mapping.file = see(sample, sample->path, &other, 1);
	assert_int_not_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd), SYMBOLS_OK);
	mapped_file_release(mapping.file);
}

static void a_file_that_no_process_maps_is_closed_later(void **state)
{
	struct sample *sample = *state;
	struct mapped_file *file = see(sample, sample->path, &sample->identity, 1);
	struct mapped_file_cache_statistics statistics;

	mapped_file_cache_sweep(sample->keeper, 2 * MAPPED_FILE_CACHE_UNUSED_NS);
	mapped_file_cache_get_statistics(sample->keeper, &statistics);
	assert_int_equal(statistics.open_files, 1);
	mapped_file_release(file);
	mapped_file_cache_sweep(sample->keeper, MAPPED_FILE_CACHE_UNUSED_NS / 2);
	mapped_file_cache_get_statistics(sample->keeper, &statistics);
	assert_int_equal(statistics.open_files, 1);
	mapped_file_cache_sweep(sample->keeper, 2 * MAPPED_FILE_CACHE_UNUSED_NS);
	mapped_file_cache_get_statistics(sample->keeper, &statistics);
	assert_int_equal(statistics.open_files, 0);
	assert_int_equal(statistics.files, 0);
}

static void no_more_files_are_open_than_allowed(void **state)
{
	struct sample *sample = *state;
	struct mapped_file *files[8];
	struct mapped_file_cache_statistics statistics;

	for (size_t i = 0; i < 8; i++) {
		struct file_identity identity = sample->identity;

		identity.generation = i;
		files[i] = see(sample, sample->path, &identity, i);
	}
	mapped_file_cache_get_statistics(sample->keeper, &statistics);
	assert_int_equal(statistics.open_files, 4);
	assert_int_equal(statistics.files, 8);
	assert_reads(sample, files[0], "first");
	for (size_t i = 0; i < 8; i++)
		mapped_file_release(files[i]);
}

/* A file that is changed in place has the inode and the generation of before. */
static void what_was_read_of_a_file_is_not_that_of_its_next_contents(void **state)
{
	struct sample *sample = *state;
	struct mapped_file *file = see(sample, sample->path, &sample->identity, 1);
	struct mapping mapping = {.kind = MAPPING_FILE, .file = file};
	struct file_facts before, after;
	int fd;

	assert_int_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd), SYMBOLS_OK);
	assert_int_equal(mapped_file_cache_measure(sample->keeper, fd, &before), SYMBOLS_OK);
	(void)close(fd);
	mapped_file_release(file);
	write_file(sample->path, "second contents");
	mapped_file_cache_sweep(sample->keeper, 1 + MAPPED_FILE_CACHE_UNUSED_NS);
	file = see(sample, sample->path, &sample->identity, 2);
	mapping.file = file;
	assert_reads(sample, file, "second contents");
	assert_int_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd), SYMBOLS_OK);
	assert_int_equal(mapped_file_cache_measure(sample->keeper, fd, &after), SYMBOLS_OK);
	(void)close(fd);
	assert_int_equal(before.inode, after.inode);
	assert_int_not_equal(before.size_bytes, after.size_bytes);
	mapped_file_release(file);
}

/* A sparse file of a terabyte takes no room on the disk. */
static void no_more_is_read_of_a_file_than_its_budget(void **state)
{
	static uint8_t buffer[8u << 20];
	struct sample *sample = *state;
	struct mapped_file_cache_statistics statistics;
	struct mapping mapping = {.kind = MAPPING_FILE};
	const struct elf_source *source;
	enum symbols_status status = SYMBOLS_OK;
	struct file_reader *reader;
	struct problem problem;
	uint64_t offset = 0;
	int fd;

	assert_true(file_reader_start(&reader, &problem));
	file_reader_set_wait(reader, UINT64_C(20000000000));
	mapped_file_cache_use_reader(sample->keeper, reader);
	source = mapped_file_cache_source(sample->keeper);
	assert_int_equal(truncate(sample->path, INT64_C(1) << 40), 0);
	mapping.file = see(sample, sample->path, &sample->identity, 1);
	for (int load = 0; load < 2; load++) {
		assert_int_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd),
				 SYMBOLS_OK);
		assert_false(source->has_timed_out(source->context));
		for (offset = 0; offset < UINT64_C(1) << 40; offset += sizeof(buffer)) {
			status = source->read(source->context, fd, offset, buffer, sizeof(buffer));
			if (status != SYMBOLS_OK)
				break;
		}
		(void)close(fd);
		assert_int_equal(status, SYMBOLS_TIMEOUT);
		assert_true(source->has_timed_out(source->context));
		assert_int_equal(offset, UINT64_C(256) << 20);
	}
	mapped_file_cache_get_statistics(sample->keeper, &statistics);
	assert_int_equal(statistics.over_budget, 2);
	mapped_file_release(mapping.file);
	file_reader_stop_thread(reader);
	file_reader_end(reader);
}

static bool stops_after(void *context, const struct load_progress *progress)
{
	unsigned int *left = context;

	assert_int_equal(progress->ends, 1);
	return *left == 0 || --*left == 0;
}

/* A read of some bytes of code is not asked for. What an ended load still asks for is not counted.
 */
static void a_load_ends_when_others_wait(void **state)
{
	static uint8_t buffer[8192];
	struct sample *sample = *state;
	struct mapping mapping = {.kind = MAPPING_FILE};
	const struct elf_source *source;
	struct file_reader *reader;
	struct problem problem;
	unsigned int left = 3;
	struct mapped_file_cache_statistics statistics;
	int fd;

	assert_true(file_reader_start(&reader, &problem));
	file_reader_set_wait(reader, UINT64_C(20000000000));
	mapped_file_cache_use_reader(sample->keeper, reader);
	mapped_file_cache_set_stop(sample->keeper, stops_after, &left);
	source = mapped_file_cache_source(sample->keeper);
	assert_int_equal(truncate(sample->path, sizeof(buffer)), 0);
	mapping.file = see(sample, sample->path, &sample->identity, 1);
	assert_int_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd), SYMBOLS_OK);
	assert_true(source->may_go_on(source->context, 1));
	assert_true(source->may_go_on(source->context, 1));
	assert_int_equal(source->read(source->context, fd, 0, buffer, 1024), SYMBOLS_OK);
	assert_false(source->has_timed_out(source->context));
	assert_false(source->may_go_on(source->context, 1));
	left = 100;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(source->read(source->context, fd, 0, buffer, sizeof(buffer)),
				 SYMBOLS_TIMEOUT);
		assert_false(source->may_go_on(source->context, 1));
	}
	assert_true(source->has_timed_out(source->context));
	assert_int_equal(mapped_file_cache_untimely(sample->keeper), 1);
	mapped_file_cache_get_statistics(sample->keeper, &statistics);
	assert_int_equal(statistics.over_budget, 1);
	(void)close(fd);
	assert_int_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd), SYMBOLS_OK);
	assert_int_equal(source->read(source->context, fd, 0, buffer, 1024), SYMBOLS_OK);
	(void)close(fd);
	mapped_file_release(mapping.file);
	file_reader_stop_thread(reader);
	file_reader_end(reader);
}

static void a_pipe_is_never_opened(void **state)
{
	struct sample *sample = *state;
	struct file_identity identity;
	struct mapping mapping = {.kind = MAPPING_FILE};
	int fd;

	assert_int_equal(unlink(sample->path), 0);
	assert_int_equal(mkfifo(sample->path, 0600), 0);
	identity = identity_of(sample->path);
	mapping.file = see(sample, sample->path, &identity, 1);
	assert_int_not_equal(mapped_file_cache_open(sample->keeper, 0, &mapping, &fd), SYMBOLS_OK);
	mapped_file_release(mapping.file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_deleted_file_can_still_be_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_replaced_file_is_still_the_old_one, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(all_mappings_share_the_same_file, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_with_a_build_id_is_one_however_it_was_seen,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_copy_with_the_same_build_id_and_path_is_another_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_file_under_that_path_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_no_process_maps_is_closed_later, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_more_files_are_open_than_allowed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_read_of_a_file_is_not_that_of_its_next_contents, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_load_ends_when_others_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_more_is_read_of_a_file_than_its_budget, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_pipe_is_never_opened, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
