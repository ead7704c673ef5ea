/* analyze/fold/fold_svg.c - prints the stacks of a flame graph as folded lines */
#define _GNU_SOURCE
#include "analyze/fold/fold_svg.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/fold/svg_stacks.h"
#include "base/input_limit.h"

#define START_BYTES   6u
#define SVG_BYTES_MAX ((off_t)1 << 30)

bool fold_svg_recognizes(int fd)
{
	char start[START_BYTES];

	return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	       svg_stacks_recognizes(start, sizeof(start));
}

/* Reads up to *size bytes and sets *size to what the file has. Returns false and sets errno on
 * failure. */
static bool read_bytes(int fd, char *bytes, size_t *size)
{
	size_t have = 0;

	while (have < *size) {
		ssize_t got = pread(fd, bytes + have, *size - have, (off_t)have);

		if (got < 0 && errno != EINTR)
			return false;
		if (got == 0)
			break;
		have += got > 0 ? (size_t)got : 0;
	}
	*size = have;
	return true;
}

/* Names from folded input are already escaped. Only what would be a separator or a comment is
 * escaped here, which can be in other names. */
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
			putc_unlocked(*name, stream);
}

/* Writes a weight without trailing zeros in its decimals. */
static void write_weight(FILE *stream, uint64_t weight, unsigned decimals)
{
	uint64_t unit = 1;

	for (; decimals > 0 && weight % 10 == 0; decimals--)
		weight /= 10;
	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	fprintf(stream, " %" PRIu64, weight / unit);
	if (decimals > 0)
		fprintf(stream, ".%0*" PRIu64, (int)decimals, weight % unit);
}

struct folding {
	FILE *stream;
	bool annotate;
};

/* The suffixes that diag-flame reads. Without one, the name says the type. */
static const char *const suffixes[SVG_FRAME_TYPES + 1] = {
	[SVG_FRAME_USER] = "",        [SVG_FRAME_LIBRARY] = "_[l]", [SVG_FRAME_KERNEL] = "_[k]",
	[SVG_FRAME_JIT] = "_[j]",     [SVG_FRAME_INLINED] = "_[i]", [SVG_FRAME_GROUP] = "_[g]",
	[SVG_FRAME_UNKNOWN] = "_[u]", [SVG_FRAME_LOST] = "",        [SVG_FRAME_TYPES] = "",
};

/* Whether the name has such a suffix already, from the folded text that was drawn. */
static bool has_suffix(const char *name)
{
	size_t size = strlen(name);

	return size > 4 && memcmp(name + size - 4, "_[", 2) == 0 && name[size - 1] == ']';
}

static bool write_stack(void *context, const struct svg_stack *stack)
{
	const struct folding *folding = context;
	FILE *stream = folding->stream;

	for (size_t i = 0; i < stack->count; i++) {
		if (i > 0)
			putc_unlocked(';', stream);
		write_name(stream, stack->frames[i].name, i == 0);
		if (folding->annotate && !has_suffix(stack->frames[i].name))
			fputs(suffixes[stack->frames[i].type], stream);
	}
	if (stack->is_diff)
		write_weight(stream, stack->old_weight, stack->decimals);
	write_weight(stream, stack->weight, stack->decimals);
	putc_unlocked('\n', stream);
	return !ferror(stream);
}

/* Each box inside of another one has a line with the names of all boxes around it. A small picture
 * can hold many long lines, so that the lines together have a limit. */
#define LINE_BYTES_MIN      67108864u
#define LINE_BYTES_PER_BYTE 1024u

struct counting {
	uint64_t bytes_left;
};

/* Returns false if the lines would be too long. */
static bool count_stack(void *context, const struct svg_stack *stack)
{
	struct counting *counting = context;

	for (size_t i = 0; i < stack->count; i++) {
		size_t size = strlen(stack->frames[i].name) + 1;

		if (size > counting->bytes_left)
			return false;
		counting->bytes_left -= size;
	}
	return true;
}

/* Damage can be at the end, so the whole flame graph is checked before the first line is written.
 */
static const char *write_stacks(const char *text, size_t size, struct folding *folding)
{
	struct counting counting = {input_limit(size, LINE_BYTES_PER_BYTE, LINE_BYTES_MIN)};
	const struct svg_stacks_sink check = {.context = &counting, .stack = count_stack};
	const struct svg_stacks_sink sink = {.context = folding, .stack = write_stack};
	enum svg_stacks_status status = svg_stacks_run(text, size, &check);

	if (status == SVG_STACKS_STOPPED)
		return "its folded lines would be more than 1024 times as long: draw it from fewer "
		       "levels";
	if (status == SVG_STACKS_OK)
		status = svg_stacks_run(text, size, &sink);
	if (status == SVG_STACKS_OK || status == SVG_STACKS_STOPPED)
		return NULL;
	return svg_stacks_status_text(status);
}

const char *fold_svg(int fd, bool annotate, FILE *stream)
{
	struct folding folding = {.stream = stream, .annotate = annotate};
	const char *reason;
	struct stat status;
	size_t size;
	char *bytes;

	if (fstat(fd, &status) != 0)
		return strerror(errno);
	if (status.st_size > SVG_BYTES_MAX)
		return "larger than 1 GiB";
	size = (size_t)status.st_size;
	bytes = malloc(size);
	if (!bytes)
		return svg_stacks_status_text(SVG_STACKS_NO_MEMORY);
	reason = read_bytes(fd, bytes, &size) ? write_stacks(bytes, size, &folding)
					      : strerror(errno);
	free(bytes);
	return reason;
}
