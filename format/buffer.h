/* format/buffer.h - bytes that grow at their end
 *
 * Initialize with {0}. When memory runs out, failed is set for good and what is put is dropped, so
 * that a caller may put a whole structure and check once.
 */
#ifndef FORMAT_BUFFER_H
#define FORMAT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dz_buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
	bool failed;
};

/* Makes room for size more bytes at the end, uninitialized, and counts them in. NULL if there is no
 * memory. Valid until the next call. */
uint8_t *dz_buffer_extend(struct dz_buffer *buffer, size_t size);

/* Append bytes; without memory, nothing, and the buffer is marked as failed. */
void dz_buffer_put(struct dz_buffer *buffer, const void *bytes, size_t size);
void dz_buffer_put_u8(struct dz_buffer *buffer, uint8_t value);

/* LEB128, the shortest form. */
void dz_buffer_put_varint(struct dz_buffer *buffer, uint64_t value);

/* Empties it; keeps the memory, and clears failed. */
void dz_buffer_clear(struct dz_buffer *buffer);

/* Frees the memory; the buffer is empty and may be used again. */
void dz_buffer_release(struct dz_buffer *buffer);

#endif
