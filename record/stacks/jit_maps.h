/* record/stacks/jit_maps.h - the perf maps of processes that make code at run time, opened while
 * they can be
 *
 * /tmp/perf-PID.map lies in the root directory of its process, which nobody can reach any more when
 * the process has ended. So it is opened soon after the process has mapped memory to run such code
 * in, tried again for as long as there is no such file yet, and kept open until the last stack of
 * the process is named. What the file holds by then is read only when a stack needs it.
 */
#ifndef RECORD_STACKS_JIT_MAPS_H
#define RECORD_STACKS_JIT_MAPS_H

#include <stdatomic.h>
#include <stdint.h>

#define JIT_MAPS_MAX 64u

/* An open file, shared by all who need it. */
struct jit_map {
	atomic_uint references;
	int fd;
};

/* Adds a reference, for which jit_map_release() has to follow, and returns the map. NULL stays
 * NULL. Any thread may. */
struct jit_map *jit_map_reference(struct jit_map *map);
/* NULL is allowed. Any thread may release. */
void jit_map_release(struct jit_map *map);

struct jit_maps;

/* NULL if there is no memory. */
struct jit_maps *jit_maps_new(void);
/* NULL is allowed. Maps given out live on. */
void jit_maps_free(struct jit_maps *maps);

/* The process has mapped memory for code of its own, or has ended or executed another program. All
 * times are CLOCK_BOOTTIME. Of more than JIT_MAPS_MAX processes the ones seen first are forgotten.
 */
void jit_maps_note(struct jit_maps *maps, uint32_t pid, uint64_t time_ns);
void jit_maps_note_end(struct jit_maps *maps, uint32_t pid, uint64_t time_ns);

/* Tries those whose file could not be opened so far, less and less often; to be called whenever
 * there is time. */
void jit_maps_try(struct jit_maps *maps, uint64_t now_ns);

/* The map of the process that had that number at that time, with a new reference; NULL if there is
 * none. */
struct jit_map *jit_maps_find(const struct jit_maps *maps, uint32_t pid, uint64_t time_ns);

#endif
