/* tests/symbols/test_debug_directory.c - symbols/debug_directory.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/debug_directory.h"
#include "tests/symbols/made_elf.h"

#define BUILD_ID_BYTES 20u

static const uint8_t expected_id[BUILD_ID_BYTES] = {0xab, 0xcd, 1, 2, 3};
static const uint8_t other[BUILD_ID_BYTES] = {0xab, 0xcd, 1, 2, 4};

#define EXPECTED_NAME     "ab/cd010203000000000000000000000000000000.debug"
#define DISTRIBUTION_NAME ".build-id/" EXPECTED_NAME

struct place {
	char path[64];
	struct debug_directory directory;
};

static void make_path(const struct place *place, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", place->path, name);
}

static void make_place(struct place *place)
{
	static const char *const folders[] = {"ab", ".build-id", ".build-id/ab", "elsewhere"};

	strcpy(place->path, "/tmp/test_debug_directory.XXXXXX");
	assert_non_null(mkdtemp(place->path));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char path[256];

		make_path(place, folders[i], path);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	assert_int_equal(debug_directory_open(place->path, &place->directory), SYMBOLS_OK);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static void remove_place(struct place *place)
{
	debug_directory_close(&place->directory);
	assert_int_equal(nftw(place->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Writes an ELF file with a build ID. */
static void add_file(const struct place *place, const char *name, const uint8_t *build_id)
{
	struct {
		Elf64_Nhdr header;
		char owner[4];
		uint8_t build_id[BUILD_ID_BYTES];
	} note = {{4, BUILD_ID_BYTES, NT_GNU_BUILD_ID}, "GNU", {0}};
	struct made_elf elf;
	char path[256];
	uint8_t *bytes;
	size_t size;
	int fd;

	memcpy(note.build_id, build_id, BUILD_ID_BYTES);
	made_elf_init(&elf);
	made_elf_add(&elf, ".note.gnu.build-id", SHT_NOTE, &note, sizeof(note));
	bytes = made_elf_finish(&elf, &size);
	make_path(place, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
	free(bytes);
}

static enum symbols_status find(struct place *place, int *ret_fd)
{
	return debug_directory_find(&place->directory, expected_id, sizeof(expected_id), ret_fd);
}

/* Whether the file with that name, and no other one, is found. */
static void assert_found(struct place *place, const char *name)
{
	struct stat expected, found;
	char path[256];
	int fd = -1;

	make_path(place, name, path);
	assert_int_equal(find(place, &fd), SYMBOLS_OK);
	assert_int_equal(stat(path, &expected), 0);
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(found.st_ino, expected.st_ino);
	close(fd);
}

static void a_file_is_found_by_its_place_or_by_its_build_id(void **state)
{
	static const char *const names[] = {DISTRIBUTION_NAME, EXPECTED_NAME, "any.so"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct place place;

		make_place(&place);
		add_file(&place, "another.so", other);
		add_file(&place, names[i], expected_id);
		assert_found(&place, names[i]);
		assert_found(&place, names[i]);
		remove_place(&place);
	}
}

static void its_place_comes_before_other_files(void **state)
{
	struct place place;

	(void)state;
	make_place(&place);
	add_file(&place, "any.so", expected_id);
	add_file(&place, EXPECTED_NAME, expected_id);
	assert_found(&place, EXPECTED_NAME);
	add_file(&place, DISTRIBUTION_NAME, expected_id);
	assert_found(&place, DISTRIBUTION_NAME);
	remove_place(&place);
}

static void an_unknown_build_id_is_not_found(void **state)
{
	struct place place;
	int fd;

	(void)state;
	make_place(&place);
	add_file(&place, "another.so", other);
	add_file(&place, "elsewhere/deeper.so", expected_id);
	assert_int_equal(find(&place, &fd), SYMBOLS_NOT_FOUND);
	remove_place(&place);
}

static void a_file_in_its_place_that_is_another_one_is_refused(void **state)
{
	struct place place;
	int fd;

	(void)state;
	make_place(&place);
	add_file(&place, EXPECTED_NAME, other);
	assert_int_equal(find(&place, &fd), SYMBOLS_REFUSED);
	remove_place(&place);
}

static void a_link_to_elsewhere_is_not_followed(void **state)
{
	struct place place, outside;
	char target[256], path[256];
	int fd;

	(void)state;
	make_place(&place);
	make_place(&outside);
	add_file(&outside, "any.so", expected_id);
	make_path(&outside, "any.so", target);
	make_path(&place, "link.so", path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(find(&place, &fd), SYMBOLS_NOT_FOUND);
	remove_place(&outside);
	remove_place(&place);
}

static void a_link_inside_of_the_directory_is_followed(void **state)
{
	struct place place;
	char path[256];

	(void)state;
	make_place(&place);
	add_file(&place, "elsewhere/deeper.so", expected_id);
	make_path(&place, "link.so", path);
	assert_int_equal(symlink("elsewhere/deeper.so", path), 0);
	assert_found(&place, "elsewhere/deeper.so");
	remove_place(&place);
}

static void what_is_not_a_file_is_not_opened(void **state)
{
	struct place place;
	char path[256];
	int fd;

	(void)state;
	make_place(&place);
	make_path(&place, "pipe.so", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	add_file(&place, "any.so", expected_id);
	assert_found(&place, "any.so");
	make_path(&place, EXPECTED_NAME, path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(find(&place, &fd), SYMBOLS_REFUSED);
	remove_place(&place);
}

static void a_missing_directory_is_not_found(void **state)
{
	struct debug_directory directory;
	struct place place;
	char path[256];

	(void)state;
	make_place(&place);
	add_file(&place, "any.so", expected_id);
	make_path(&place, "any.so", path);
	assert_int_equal(debug_directory_open(path, &directory), SYMBOLS_NOT_FOUND);
	make_path(&place, "nowhere", path);
	assert_int_equal(debug_directory_open(path, &directory), SYMBOLS_NOT_FOUND);
	assert_int_equal(errno, ENOENT);
	remove_place(&place);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_found_by_its_place_or_by_its_build_id),
		cmocka_unit_test(its_place_comes_before_other_files),
		cmocka_unit_test(an_unknown_build_id_is_not_found),
		cmocka_unit_test(a_file_in_its_place_that_is_another_one_is_refused),
		cmocka_unit_test(a_link_to_elsewhere_is_not_followed),
		cmocka_unit_test(a_link_inside_of_the_directory_is_followed),
		cmocka_unit_test(what_is_not_a_file_is_not_opened),
		cmocka_unit_test(a_missing_directory_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
