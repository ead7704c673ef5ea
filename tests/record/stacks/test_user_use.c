/* tests/record/stacks/test_user_use.c - record/stacks/user_use.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/stacks/user_use.h"

#define SECOND UINT64_C(1000000000)

static const struct file_user alice = {.pid_namespace = 1, .uid = 1000};
static const struct file_user bob = {.pid_namespace = 1, .uid = 1001};
static const struct file_user root = {.pid_namespace = 1, .uid = 0};

static void use_is_that_of_each_user(void **state)
{
	struct user_use use = {.half_life_ns = 0};

	(void)state;
	user_use_add(&use, &alice, 100, 0);
	user_use_add(&use, &alice, 20, 50 * SECOND);
	user_use_add(&use, &bob, 3, 50 * SECOND);
	assert_int_equal(user_use_of(&use, &alice, 90 * SECOND), 120);
	assert_int_equal(user_use_of(&use, &bob, 90 * SECOND), 3);
	assert_int_equal(user_use_of(&use, &root, 90 * SECOND), 0);
	assert_int_equal(user_use_largest(&use).uid, alice.uid);
}

static void half_of_it_is_forgotten_in_each_half_life(void **state)
{
	struct user_use use = {.half_life_ns = SECOND};

	(void)state;
	user_use_add(&use, &alice, 100, 0);
	assert_int_equal(user_use_of(&use, &alice, SECOND), 50);
	user_use_add(&use, &alice, 40, SECOND);
	assert_int_equal(user_use_of(&use, &alice, SECOND), 90);
	assert_int_equal(user_use_of(&use, &alice, 2 * SECOND), 45);
	assert_int_equal(user_use_of(&use, &alice, 1000 * SECOND), 0);
}

static void the_root_of_a_container_is_not_that_of_the_machine(void **state)
{
	const struct file_user contained = {.pid_namespace = 2, .uid = 0};
	const struct file_user elsewhere = {.pid_namespace = 2, .uid = 1000};

	(void)state;
	assert_false(user_use_is_same(&root, &contained));
	/* An ordinary user can make pid namespaces. */
	assert_true(user_use_is_same(&alice, &elsewhere));
	assert_false(user_use_is_same(&alice, &bob));
}

static void of_too_many_users_the_one_with_the_least_is_forgotten(void **state)
{
	struct user_use use = {.half_life_ns = 0};

	(void)state;
	user_use_add(&use, &alice, 1, 0);
	for (uint32_t uid = 1; uid < USER_USE_MAX; uid++)
		user_use_add(&use, &(struct file_user){.uid = 5000 + uid}, 2, 0);
	assert_int_equal(user_use_of(&use, &alice, 0), 1);
	user_use_add(&use, &bob, 7, 0);
	assert_int_equal(user_use_of(&use, &alice, 0), 0);
	assert_int_equal(user_use_of(&use, &bob, 0), 7);
}

static void those_with_little_are_forgotten_on_request(void **state)
{
	struct user_use use = {.half_life_ns = 0};

	(void)state;
	user_use_add(&use, &alice, 10, 0);
	user_use_add(&use, &bob, 11, 0);
	user_use_add(&use, &root, 9, 0);
	user_use_forget(&use, 10);
	assert_int_equal(use.count, 1);
	assert_int_equal(user_use_of(&use, &alice, 0), 0);
	assert_int_equal(user_use_of(&use, &bob, 0), 11);
	user_use_forget(&use, UINT64_MAX);
	assert_int_equal(use.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(use_is_that_of_each_user),
		cmocka_unit_test(half_of_it_is_forgotten_in_each_half_life),
		cmocka_unit_test(the_root_of_a_container_is_not_that_of_the_machine),
		cmocka_unit_test(those_with_little_are_forgotten_on_request),
		cmocka_unit_test(of_too_many_users_the_one_with_the_least_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
