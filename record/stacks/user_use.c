/* record/stacks/user_use.c - amounts that users have used of something shared */
#include "record/stacks/user_use.h"

#define HALVINGS_MAX 63u

bool user_use_is_same(const struct file_user *left, const struct file_user *right)
{
	return left->uid == right->uid &&
	       (left->uid != 0 || left->pid_namespace == right->pid_namespace);
}

/* Between two halvings it falls on a straight line. */
static uint64_t decayed(const struct user_use *use, size_t index, uint64_t now_ns)
{
	uint64_t used = use->users[index].used;
	uint64_t passed_ns, halvings, half;

	if (use->half_life_ns == 0 || now_ns <= use->users[index].time_ns)
		return used;
	passed_ns = now_ns - use->users[index].time_ns;
	halvings = passed_ns / use->half_life_ns;
	used = halvings > HALVINGS_MAX ? 0 : used >> halvings;
	half = used / 2;
	return used - (uint64_t)((double)half * (double)(passed_ns % use->half_life_ns) /
				 (double)use->half_life_ns);
}

static size_t find(const struct user_use *use, const struct file_user *user)
{
	size_t i = 0;

	while (i < use->count && !user_use_is_same(&use->users[i].user, user))
		i++;
	return i;
}

static size_t find_least(const struct user_use *use, uint64_t now_ns)
{
	size_t least = 0;

	for (size_t i = 1; i < use->count; i++)
		if (decayed(use, i, now_ns) < decayed(use, least, now_ns))
			least = i;
	return least;
}

void user_use_add(struct user_use *use, const struct file_user *user, uint64_t amount,
		  uint64_t now_ns)
{
	size_t index = find(use, user);

	if (index == use->count) {
		if (use->count < USER_USE_MAX)
			use->count++;
		else
			index = find_least(use, now_ns);
		use->users[index].user = *user;
		use->users[index].used = 0;
	}
	use->users[index].used = decayed(use, index, now_ns) + amount;
	use->users[index].time_ns = now_ns;
}

void user_use_forget(struct user_use *use, uint64_t most)
{
	size_t kept = 0;

	for (size_t i = 0; i < use->count; i++)
		if (use->users[i].used > most)
			use->users[kept++] = use->users[i];
	use->count = kept;
}

struct file_user user_use_largest(const struct user_use *use)
{
	size_t largest = 0;

	for (size_t i = 1; i < use->count; i++)
		if (use->users[i].used > use->users[largest].used)
			largest = i;
	return use->users[largest].user;
}

uint64_t user_use_of(const struct user_use *use, const struct file_user *user, uint64_t now_ns)
{
	const size_t index = find(use, user);

	return index < use->count ? decayed(use, index, now_ns) : 0;
}
