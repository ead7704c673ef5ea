/* record/options/option_set.h - keys of the options of diag-record, and which of them were given */
#ifndef RECORD_OPTIONS_OPTION_SET_H
#define RECORD_OPTIONS_OPTION_SET_H

#include <stdbool.h>
#include <stdint.h>

/* Keys of argp. An option with a short name has that character as its key. */
enum option_key {
	KEY_CGROUP = 256,
	KEY_UID,
	KEY_SIGNALS,
	KEY_FAILED,
	KEY_THREADS,
	KEY_SENDER_TGID,
	KEY_SENDER_COMM,
	KEY_RING_SIZE,
	KEY_USER_STACK,
	KEY_UNWIND_CPU,
	KEY_CHECK,
	KEY_FORCE,
	KEY_MAX_SIZE,
	KEY_MIN_FREE,
	KEY_ROTATE,
	KEY_FLIGHT,
	KEY_CMDLINE,
	KEY_LIVE,
	KEY_KILL_AFTER,
	KEY_SELF_TEST,
	KEY_COMMAND, /* not an option: the words of the COMMAND */

	/* sections */
	KEY_THRESHOLD = 512,
	KEY_THRESHOLD_US,
	KEY_SLOWEST,
	KEY_TIMER_US,
	KEY_BUF_SIZE_K,
	KEY_SET_SYSCALL,
	KEY_UPROBE,
	KEY_USDT_IN,

	/* probes */
	KEY_EVERY = 640,
	KEY_MAX_PER_SECOND,
	KEY_MIN_LATENCY,

	/* a directory of files, and triggers */
	KEY_DIRECTORY = 768,
	KEY_KEEP,
	KEY_TRIGGER,
	KEY_AFTER,
	KEY_COOLDOWN,
	KEY_MAX_WINDOWS,
	KEY_CONTROL,
	KEY_JOURNAL,

	OPTION_KEYS_MAX = 832,
};

/* A set of keys. Zeroed: empty. */
struct option_set {
	uint64_t words[OPTION_KEYS_MAX / 64];
};

/* Adds a key below OPTION_KEYS_MAX; ignores others, such as those of argp itself. */
static inline void option_set_add(struct option_set *set, int key)
{
	if (key >= 0 && key < OPTION_KEYS_MAX)
		set->words[key / 64] |= UINT64_C(1) << key % 64;
}

/* Adds all keys of another set. */
static inline void option_set_join(struct option_set *set, const struct option_set *other)
{
	for (int i = 0; i < OPTION_KEYS_MAX / 64; i++)
		set->words[i] |= other->words[i];
}

/* Returns whether a key below OPTION_KEYS_MAX is in the set. */
static inline bool option_set_has(const struct option_set *set, int key)
{
	return set->words[key / 64] >> key % 64 & 1;
}

#endif
