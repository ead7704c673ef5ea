/* analyze/report/ring_advice.c - the ring buffer that was full, and a size to try */
#include "analyze/report/ring_advice.h"

#include <stdio.h>
#include <string.h>

#include "base/ring_sizes.h"
#include "text/quantity.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The ring of the recorder that events of a kind pass, and its default. */
static const struct kind_ring {
	const char *kind;
	const char *key;
	uint64_t default_bytes;
} kind_rings[] = {
	{"exit", "ring.bytes.exit", RING_SIZE_EXIT},
	{"signal", "ring.bytes.signal", RING_SIZE_SIGNAL},
	{"delivery", "ring.bytes.signal", RING_SIZE_SIGNAL},
	{"oom", "ring.bytes.signal", RING_SIZE_SIGNAL},
	{"section", "ring.bytes.section", RING_SIZE_SECTION},
	{"step", "ring.bytes.section", RING_SIZE_SECTION},
	{"probe", "ring.bytes.probe", RING_SIZE_PROBE},
	{"user_stack", "ring.bytes.user_stack", RING_SIZE_USER_STACK},
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
	return quantity_parse_count(digits, RING_SIZE_MAX, &bytes) ? bytes : 0;
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
	if (advice.ring_bytes == 0 || advice.ring_bytes == RING_SIZE_MAX)
		return advice;
	advice.try_bytes = 4 * advice.ring_bytes;
	if (advice.try_bytes < ring->default_bytes)
		advice.try_bytes = ring->default_bytes;
	if (advice.try_bytes > RING_SIZE_MAX)
		advice.try_bytes = RING_SIZE_MAX;
	return advice;
}
