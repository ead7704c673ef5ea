/* flame/unfold.c - diag-flame --unfold: from a picture back to folded stacks */
#include "flame/unfold.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flame/amount.h"
#include "flame/extract.h"
#include "flame/message.h"

#define FIRST_BYTES       ((size_t)1 << 20)
#define PICTURE_BYTES_MAX ((size_t)1 << 30)

struct text {
	char *bytes;
	size_t size;
	size_t capacity;
};

static bool reserve(struct text *text)
{
	size_t capacity = text->capacity ? text->capacity * 2 : FIRST_BYTES;
	char *bytes;

	if (text->size < text->capacity)
		return true;
	errno = EFBIG;
	bytes = capacity > PICTURE_BYTES_MAX ? NULL : realloc(text->bytes, capacity);
	if (!bytes)
		return false;
	text->bytes = bytes;
	text->capacity = capacity;
	return true;
}

/* False with errno. */
static bool read_all(int fd, struct text *text)
{
	for (;;) {
		ssize_t got;

		if (!reserve(text))
			return false;
		got = read(fd, text->bytes + text->size, text->capacity - text->size);
		if (got < 0 && errno != EINTR)
			return false;
		if (got == 0)
			return true;
		text->size += got > 0 ? (size_t)got : 0;
	}
}

/*
 * A name of a folded input goes back as it came; only what would be read as a separator or a
 * comment is escaped, which can be in names from elsewhere.
 */
static void write_name(FILE *stream, const char *name, bool is_first)
{
	if (is_first && name[0] == '#') {
		fputs("\\x23", stream);
		name++;
	}
	for (; *name; name++)
		if (*name == ';')
			fputs("\\x3b", stream);
		else
			fputc(*name, stream);
}

static void write_weight(FILE *stream, uint64_t weight, unsigned decimals)
{
	const struct amount_scale scale = {.factor = 1, .decimals = decimals, .unit = ""};
	struct amount_text text = amount_exact(weight, &scale);

	fputc(' ', stream);
	for (const char *at = text.text; *at; at++)
		if (*at != ',')
			fputc(*at, stream);
}

static bool write_stack(void *context, const struct extract_stack *stack)
{
	FILE *stream = context;

	for (size_t i = 0; i < stack->count; i++) {
		if (i > 0)
			fputc(';', stream);
		write_name(stream, stack->names[i], i == 0);
	}
	if (stack->is_diff)
		write_weight(stream, stack->old_weight, stack->decimals);
	write_weight(stream, stack->weight, stack->decimals);
	fputc('\n', stream);
	return !ferror(stream);
}

bool unfold(int fd, const char *path, FILE *stream)
{
	const struct extract_sink sink = {.context = stream, .stack = write_stack};
	struct text text = {0};
	enum flame_status status = read_all(fd, &text) ? FLAME_OK : FLAME_IO;

	if (status == FLAME_OK)
		status = extract_run(text.bytes, text.size, &sink);
	if (status == FLAME_FORMAT)
		message(path, "no picture of diag-flame, or a damaged one");
	/* FLAME_EMPTY: the stream failed, which whoever closes it tells. */
	else if (status != FLAME_OK && status != FLAME_EMPTY)
		message_status(path, status);
	free(text.bytes);
	return status == FLAME_OK;
}
