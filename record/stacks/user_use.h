/* record/stacks/user_use.h - amounts that users have used of something shared
 *
 * A user is one in a pid namespace: the root of a container is not that of the machine. But an
 * ordinary user can make any number of pid namespaces, so these count as one.
 *
 * Example: use_add() of 100 for a user, and 40 after one second with a half-life of 1 s: use_of()
 * returns 90 then, and 45 a second later.
 */
#ifndef RECORD_STACKS_USER_USE_H
#define RECORD_STACKS_USER_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/file_reader.h"

#define USER_USE_MAX 64u

struct user_use {
	uint64_t half_life_ns; /* 0: nothing is forgotten */
	size_t count;
	struct {
		struct file_user user;
		uint64_t used;
		uint64_t time_ns; /* of `used` */
	} users[USER_USE_MAX];
};

/* Returns whether both count as one. */
bool user_use_is_same(const struct file_user *left, const struct file_user *right);

/* Adds to what a user has used. Of more than USER_USE_MAX users the one that has used the least is
 * forgotten. */
void user_use_add(struct user_use *use, const struct file_user *user, uint64_t amount,
		  uint64_t now_ns);

/* Forgets users who have used at most this, when nothing else is forgotten. */
void user_use_forget(struct user_use *use, uint64_t most);

/* Returns the user with the most; nothing is forgotten. Any user if none was added. */
struct file_user user_use_largest(const struct user_use *use);

/* Returns what a user has used, less what was forgotten; 0 for one that is not known. */
uint64_t user_use_of(const struct user_use *use, const struct file_user *user, uint64_t now_ns);

#endif
