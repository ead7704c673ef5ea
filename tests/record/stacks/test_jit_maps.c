/* tests/record/stacks/test_jit_maps.c - record/stacks/jit_maps.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/stacks/jit_maps.h"

#define SECOND UINT64_C(1000000000)

/* The map of this process. */
static const char *map_name(void)
{
	static char name[64];

	snprintf(name, sizeof(name), "/tmp/perf-%d.map", (int)getpid());
	return name;
}

static void write_map(void)
{
	int fd = open(map_name(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "1000 10 made\n", 13), 13);
	close(fd);
}

static uint32_t own_pid(void)
{
	return (uint32_t)getpid();
}

static int set_up(void **state)
{
	/* One that a killed process with this number has left. */
	(void)unlink(map_name());
	*state = jit_maps_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	jit_maps_free(*state);
	unlink(map_name());
	return 0;
}

static void a_late_map_is_found_and_outlives_its_name(void **state)
{
	struct jit_maps *maps = *state;
	struct jit_map *map;
	char byte;

	jit_maps_note(maps, own_pid(), SECOND);
	jit_maps_try(maps, SECOND);
	assert_null(jit_maps_find(maps, own_pid(), SECOND));
	write_map();
	jit_maps_try(maps, 60 * SECOND);
	unlink(map_name());
	jit_maps_note_end(maps, own_pid(), 61 * SECOND);
	map = jit_maps_find(maps, own_pid(), 61 * SECOND);
	assert_non_null(map);
	jit_maps_try(maps, 600 * SECOND);
	assert_null(jit_maps_find(maps, own_pid(), 61 * SECOND));
	assert_int_equal(pread(map->fd, &byte, 1, 0), 1);
	jit_map_release(map);
}

static void tries_become_rare(void **state)
{
	struct jit_maps *maps = *state;

	jit_maps_note(maps, own_pid(), SECOND);
	jit_maps_try(maps, SECOND);
	write_map();
	jit_maps_try(maps, SECOND + 1);
	assert_null(jit_maps_find(maps, own_pid(), SECOND));
}

/* A recorder that does nothing else calls it seldom then. */
static void a_map_that_does_not_come_need_not_be_tried_often(void **state)
{
	struct jit_maps *maps = *state;
	uint64_t time_ns = SECOND;

	assert_false(jit_maps_are_opening(maps));
	jit_maps_note(maps, own_pid(), time_ns);
	assert_true(jit_maps_are_opening(maps));
	for (int i = 0; i < 60; i++)
		jit_maps_try(maps, time_ns += SECOND);
	assert_false(jit_maps_are_opening(maps));
	jit_maps_note(maps, own_pid() + 1, time_ns);
	assert_true(jit_maps_are_opening(maps));
	jit_maps_note_end(maps, own_pid() + 1, time_ns);
	assert_false(jit_maps_are_opening(maps));
}

static void a_map_belongs_to_the_process_that_had_the_id_then(void **state)
{
	struct jit_maps *maps = *state;
	struct jit_map *map;

	write_map();
	jit_maps_note(maps, own_pid(), 10 * SECOND);
	jit_maps_try(maps, 10 * SECOND);
	assert_null(jit_maps_find(maps, own_pid(), 9 * SECOND));
	assert_null(jit_maps_find(maps, own_pid() + 1, 11 * SECOND));
	jit_maps_note_end(maps, own_pid(), 12 * SECOND);
	assert_null(jit_maps_find(maps, own_pid(), 60 * SECOND));
	map = jit_maps_find(maps, own_pid(), 12 * SECOND);
	assert_non_null(map);
	jit_map_release(map);
}

static bool has_own_map(const struct jit_maps *maps)
{
	struct jit_map *map = jit_maps_find(maps, own_pid(), 2 * SECOND);

	jit_map_release(map);
	return map;
}

/* No process has these IDs, so they are all of one user. */
static void processes_of_another_user_take_no_places(void **state)
{
	struct jit_maps *maps = *state;

	write_map();
	jit_maps_note(maps, own_pid(), SECOND);
	jit_maps_try(maps, SECOND);
	for (uint32_t i = 0; i < 2 * JIT_MAPS_MAX; i++)
		jit_maps_note(maps, 0x7fff0000 + i, SECOND);
	assert_true(has_own_map(maps));
}

/* The same user: processes of this one. */
static void the_number_of_entries_of_a_user_is_limited(void **state)
{
	struct jit_maps *maps = *state;
	pid_t children[JIT_MAPS_USER_MAX];

	write_map();
	jit_maps_note(maps, own_pid(), SECOND);
	jit_maps_try(maps, SECOND);
	for (uint32_t i = 0; i < JIT_MAPS_USER_MAX; i++) {
		assert_true(has_own_map(maps));
		children[i] = fork();
		if (children[i] == 0)
			(void)pause();
		assert_true(children[i] > 0);
		jit_maps_note(maps, (uint32_t)children[i], SECOND);
	}
	assert_false(has_own_map(maps));
	for (uint32_t i = 0; i < JIT_MAPS_USER_MAX; i++) {
		(void)kill(children[i], SIGKILL);
		(void)waitpid(children[i], NULL, 0);
	}
}

/* By the process ID: the processes of this one, and eight users with 40 each. */
static struct file_user user_of(void *context, uint32_t pid)
{
	const bool *is_known = context;

	if (pid == own_pid())
		return (struct file_user){.uid = 1};
	return (struct file_user){.uid = *is_known ? 1000 + pid % 8 : FILE_USER_UNKNOWN};
}

/* Beyond the limit of all, one of the user with the most gives way. Users can become known later.
 */
static void the_number_of_all_entries_is_limited(void **state)
{
	struct jit_maps *maps = *state;
	bool is_known = false;

	write_map();
	jit_maps_use_users(maps, user_of, &is_known);
	jit_maps_note(maps, own_pid(), SECOND);
	jit_maps_try(maps, SECOND);
	for (uint32_t i = 0; i < 320; i++) {
		is_known = i >= JIT_MAPS_USER_MAX / 2;
		jit_maps_note(maps, 0x7fff0000 + i, SECOND);
		assert_true(has_own_map(maps));
	}
	jit_maps_note(maps, 1, 2 * SECOND);
	assert_true(has_own_map(maps));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_late_map_is_found_and_outlives_its_name, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(tries_become_rare, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_map_that_does_not_come_need_not_be_tried_often,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_map_belongs_to_the_process_that_had_the_id_then,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(processes_of_another_user_take_no_places, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_number_of_entries_of_a_user_is_limited, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_number_of_all_entries_is_limited, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
