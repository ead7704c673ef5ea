/* tests/symbols/test_mapped_open.c - symbols/mapped_open.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "symbols/mapped_open.h"

#define PAGES 4u

/* A file without a path, whose first pages are mapped with code. */
struct unnamed {
	int fd;
	size_t page_bytes;
	char *start;
	struct mapping mapping;
	struct stat status;
};

static void make_unnamed(struct unnamed *unnamed)
{
	struct file_identity identity = {.inode = 0};

	unnamed->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	unnamed->fd = memfd_create("unnamed", MFD_CLOEXEC);
	assert_true(unnamed->fd >= 0);
	assert_int_equal(ftruncate(unnamed->fd, (off_t)(PAGES * unnamed->page_bytes)), 0);
	assert_int_equal(fstat(unnamed->fd, &unnamed->status), 0);
	unnamed->start = mmap(NULL, PAGES * unnamed->page_bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE,
			      unnamed->fd, 0);
	assert_true(unnamed->start != MAP_FAILED);
	identity.inode = unnamed->status.st_ino;
	identity.device_major = major(unnamed->status.st_dev);
	identity.device_minor = minor(unnamed->status.st_dev);
	unnamed->mapping = (struct mapping){
		.start = (uintptr_t)unnamed->start,
		.end = (uintptr_t)unnamed->start + PAGES * unnamed->page_bytes,
		.kind = MAPPING_MEMFD,
		.file = mapped_file_new(&identity, "/memfd:unnamed", INT64_MAX),
	};
	assert_non_null(unnamed->mapping.file);
}

static void remove_unnamed(struct unnamed *unnamed)
{
	munmap(unnamed->start, PAGES * unnamed->page_bytes);
	mapped_file_release(unnamed->mapping.file);
	close(unnamed->fd);
}

static void skip_without_privileges(void)
{
	if (geteuid() != 0) /* map_files is for the administrator */
		skip();
}

static void assert_opens(const struct unnamed *unnamed)
{
	struct stat status;
	int fd;

	assert_int_equal(mapped_open(getpid(), &unnamed->mapping, -1, &fd), SYMBOLS_OK);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_ino, unnamed->status.st_ino);
	close(fd);
}

static void opens_a_file_without_a_path(void **state)
{
	struct unnamed unnamed;

	(void)state;
	skip_without_privileges();
	make_unnamed(&unnamed);
	assert_opens(&unnamed);
	remove_unnamed(&unnamed);
}

/* As where the first segment has the code: the others replace the rest of its mapping. */
static void opens_a_mapping_that_has_become_shorter(void **state)
{
	struct unnamed unnamed;
	size_t page_bytes;

	(void)state;
	skip_without_privileges();
	make_unnamed(&unnamed);
	page_bytes = unnamed.page_bytes;
	assert_true(mmap(unnamed.start + page_bytes, (PAGES - 1) * page_bytes, PROT_READ,
			 MAP_PRIVATE | MAP_FIXED, unnamed.fd, (off_t)page_bytes) != MAP_FAILED);
	assert_opens(&unnamed);
	remove_unnamed(&unnamed);
}

static void refuses_a_shorter_mapping_of_another_file(void **state)
{
	struct unnamed unnamed;
	int other = memfd_create("other", MFD_CLOEXEC), fd;

	(void)state;
	skip_without_privileges();
	make_unnamed(&unnamed);
	assert_int_equal(ftruncate(other, (off_t)unnamed.page_bytes), 0);
	munmap(unnamed.start, PAGES * unnamed.page_bytes);
	assert_true(mmap(unnamed.start, unnamed.page_bytes, PROT_READ | PROT_EXEC,
			 MAP_PRIVATE | MAP_FIXED, other, 0) != MAP_FAILED);
	assert_int_not_equal(mapped_open(getpid(), &unnamed.mapping, -1, &fd), SYMBOLS_OK);
	close(other);
	remove_unnamed(&unnamed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_a_file_without_a_path),
		cmocka_unit_test(opens_a_mapping_that_has_become_shorter),
		cmocka_unit_test(refuses_a_shorter_mapping_of_another_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
