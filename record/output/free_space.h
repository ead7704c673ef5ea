/* record/output/free_space.h - free space of a file system, and how much of it must stay free */
#ifndef RECORD_OUTPUT_FREE_SPACE_H
#define RECORD_OUTPUT_FREE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/* The smaller of the two applies. */
struct free_space_floor {
	uint64_t bytes;
	unsigned int percent; /* of the file system */
};

#define FREE_SPACE_FLOOR_BYTES   (UINT64_C(64) << 20)
#define FREE_SPACE_FLOOR_PERCENT 5u

/* Parses a size such as 1G, or a share such as 10%; 0 disables the limit. Returns false and leaves
 * *ret_floor unchanged for any other text. */
bool free_space_parse(const char *text, struct free_space_floor *ret_floor);

/* Returns the bytes that must stay free on the file system of an open file; 0 if its size is not
 * known. */
uint64_t free_space_kept(const struct free_space_floor *floor, int fd);

/* Returns whether unprivileged programs can use less than `kept` bytes there. */
bool free_space_is_short(uint64_t kept, int fd);

#endif
