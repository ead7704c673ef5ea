/* analyze/report/ring_advice.c - the ring buffer that was full, and a size to try */
#include "analyze/report/ring_advice.h"

#include <stdio.h>
#include <string.h>

#include "text/quantity.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define RING_BYTES_MAX (UINT64_C(1) << 30)

/* The ring of the recorder that events of a kind pass, and its default. */
static const struct kind_ring {
	const char *kind;
	const char *key;
	uint64_t default_bytes;
} kind_rings[] = {
	{"exit", "ring.bytes.exit", 8u << 20},
	{"signal", "ring.bytes.signal", 4u << 20},
	{"delivery", "ring.bytes.signal", 4u << 20},
	{"oom", "ring.bytes.signal", 4u << 20},
	{"section", "ring.bytes.section", 8u << 20},
	{"step", "ring.bytes.section", 8u << 20},
	{"probe", "ring.bytes.probe", 16u << 20},
	{"user_stack", "ring.bytes.user_stack", 2u << 20},
};

static const struct kind_ring *find_ring(struct trace_text kind)
{
	for (size_t i = 0; i < COUNT(kind_rings); i++)
		if (kind.size == strlen(kind_rings[i].kind) &&
		    memcmp(kind.bytes, kind_rings[i].kind, kind.size) == 0)
			return &kind_rings[i];
	return NULL;
}

/* Returns 0 if the file does not hold the size. */
static uint64_t size_in(const struct trace_file *file, const char *key)
{
	struct dz_bytes value = {0};
	char digits[24];
	uint64_t bytes;

	if (file->reader)
		value = dz_reader_info(file->reader, key);
	if (value.size == 0 || value.size >= sizeof(digits))
		return 0;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)value.size, (const char *)value.data);
	return quantity_parse_count(digits, RING_BYTES_MAX, &bytes) ? bytes : 0;
}

struct ring_advice ring_advice_of(const struct trace *trace, struct trace_text kind)
{
	const struct kind_ring *ring = find_ring(kind);
	struct ring_advice advice = {0};
	const struct trace_file *file;

	for (size_t i = 0; ring && (file = trace_file(trace, i)); i++) {
		uint64_t bytes = size_in(file, ring->key);

		advice.ring_bytes = bytes > advice.ring_bytes ? bytes : advice.ring_bytes;
	}
	if (advice.ring_bytes == 0 || advice.ring_bytes == RING_BYTES_MAX)
		return advice;
	advice.try_bytes = 4 * advice.ring_bytes;
	if (advice.try_bytes < ring->default_bytes)
		advice.try_bytes = ring->default_bytes;
	if (advice.try_bytes > RING_BYTES_MAX)
		advice.try_bytes = RING_BYTES_MAX;
	return advice;
}
