/* flame/input/input_source.h - the bytes of an input, decompressed if they are gzip or zstd */
#ifndef FLAME_INPUT_INPUT_SOURCE_H
#define FLAME_INPUT_INPUT_SOURCE_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "flame/tree/status.h"

/* An input may expand to this much, or to INPUT_RATIO_MAX times its size. */
#define INPUT_EXPANDED_MAX (UINT64_C(1) << 30)
#define INPUT_RATIO_MAX    2000u

struct input_source;

/* Reads the start of `fd`, which it borrows. Returns NULL on allocation failure. */
struct input_source *input_source_new(int fd);

/* Fills `bytes` with at most `size` bytes, and returns their number; 0 at the end. Returns -1 and
 * sets errno if reading fails. For struct line_reader: the context is the source. */
ssize_t input_source_read(void *context, void *bytes, size_t size);

/* Returns how many bytes were read from the descriptor. */
uint64_t input_source_position(const struct input_source *source);

/* Returns why the data ended early, such as "compressed data is damaged"; NULL if it did not.
 * Static. */
const char *input_source_problem(const struct input_source *source);

/* Frees the source. NULL is allowed. */
void input_source_free(struct input_source *source);

#endif
