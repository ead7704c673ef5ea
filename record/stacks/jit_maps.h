/* record/stacks/jit_maps.h - the perf maps of processes with generated code, opened in time
 *
 * /tmp/perf-PID.map is in the root directory of its process, which cannot be reached after the
 * process has ended. Therefore it is opened soon after the process has mapped memory for such code,
 * and tried again while there is no such file. It stays open until the last stack of the process is
 * symbolized. It is read only when a stack needs it.
 */
#ifndef RECORD_STACKS_JIT_MAPS_H
#define RECORD_STACKS_JIT_MAPS_H

#include <stdatomic.h>
#include <stdint.h>

#include "record/stacks/file_reader.h"

#define JIT_MAPS_USER_MAX 64u
#define JIT_MAPS_MAX      256u

/* An open file with a reference count. */
struct jit_map {
	atomic_uint references;
	int fd; /* of O_PATH with a reader */
	struct file_user user;
};

/* Returns a new reference, which the caller must release; NULL if map is NULL. Thread-safe. */
struct jit_map *jit_map_reference(struct jit_map *map);

/* Releases a reference. NULL is allowed. Thread-safe. */
void jit_map_release(struct jit_map *map);

struct jit_maps;

/* Returns NULL on allocation failure. */
struct jit_maps *jit_maps_new(void);
/* Has the users of processes from `user_of`, which must not wait. `context` is borrowed. Without it
 * they are read from /proc. */
void jit_maps_use_users(struct jit_maps *maps,
			struct file_user (*user_of)(void *context, uint32_t pid), void *context);
/* From now on a helper process opens the files, and jit_maps_try() waits for none. The reader's
 * thread must have ended before jit_maps_free(). Borrows it; NULL: none. */
void jit_maps_use_reader(struct jit_maps *maps, struct file_reader *reader);
/* Maps with other references stay valid. NULL is allowed. */
void jit_maps_free(struct jit_maps *maps);

/* The process has mapped memory for generated code; or it has ended or executed another program.
 * CLOCK_BOOTTIME. A further process of a user with JIT_MAPS_USER_MAX replaces the one noted first;
 * beyond JIT_MAPS_MAX in all, the user with the most gives way. A user is one as in user_use.h. */
void jit_maps_note(struct jit_maps *maps, uint32_t pid, uint64_t time_ns);
void jit_maps_note_end(struct jit_maps *maps, uint32_t pid, uint64_t time_ns);

/* Tries to open the missing files, each at growing intervals from 5 ms to 20 s. Call regularly. */
void jit_maps_try(struct jit_maps *maps, uint64_t now_ns);

/* Returns whether jit_maps_try() must be called often: a file is being opened, or was tried for a
 * short time only. */
bool jit_maps_are_opening(const struct jit_maps *maps);

/* Returns a new reference to the map of the process that had this ID at this time; NULL if there is
 * none. */
struct jit_map *jit_maps_find(const struct jit_maps *maps, uint32_t pid, uint64_t time_ns);

#endif
