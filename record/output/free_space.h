/* record/output/free_space.h - how much room a file system has left, and how much is to stay */
#ifndef RECORD_OUTPUT_FREE_SPACE_H
#define RECORD_OUTPUT_FREE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/* The smaller one of the two counts. */
struct free_space_floor {
	uint64_t bytes;
	unsigned int percent; /* of the file system */
};

#define FREE_SPACE_FLOOR_BYTES   (UINT64_C(64) << 20)
#define FREE_SPACE_FLOOR_PERCENT 5u

/* A size such as 1G, or a share such as 10%; 0 is none. False, and *ret_floor as it was, if it is
 * neither. */
bool free_space_parse(const char *text, struct free_space_floor *ret_floor);

/* The bytes that are to stay free on the file system of an open file; 0 where that is not known. */
uint64_t free_space_kept(const struct free_space_floor *floor, int fd);

/* Whether less than `kept` is free there for programs without rights. */
bool free_space_is_short(uint64_t kept, int fd);

#endif
