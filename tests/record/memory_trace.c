/* tests/record/memory_trace.c - a .dz file in memory */
#include "tests/record/memory_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum dz_status append(void *context, const struct iovec *pieces, int count)
{
	struct memory_trace *trace = context;

	for (int i = 0; i < count; i++) {
		trace->bytes = realloc(trace->bytes, trace->size + pieces[i].iov_len);
		assert_non_null(trace->bytes);
		memcpy(trace->bytes + trace->size, pieces[i].iov_base, pieces[i].iov_len);
		trace->size += pieces[i].iov_len;
	}
	return DZ_OK;
}

void memory_trace_begin(struct memory_trace *trace)
{
	const struct dz_sink sink = {.context = trace, .write = append};
	const struct dz_file_header header = {
		.version_major = DZ_VERSION_MAJOR, .arch = DZ_ARCH_X86_64, .page_bytes = 4096};

	*trace = (struct memory_trace){0};
	assert_int_equal(dz_writer_open(&sink, &header, 1, &trace->writer), DZ_OK);
}

void memory_trace_read(struct memory_trace *trace)
{
	struct dz_source source;

	assert_int_equal(dz_writer_close(trace->writer), DZ_OK);
	trace->writer = NULL;
	source = dz_source_memory(trace->bytes, trace->size);
	assert_int_equal(dz_reader_open(&source, NULL, &trace->reader), DZ_OK);
}

const void *memory_trace_next(struct memory_trace *trace, enum dz_kind kind)
{
	struct dz_event event;

	do
		assert_int_equal(dz_reader_next(trace->reader, &event), DZ_OK);
	while (event.kind != (uint32_t)kind);
	return event.row;
}

const char *memory_trace_text(const struct memory_trace *trace, uint64_t id)
{
	static char text[4097];
	struct dz_bytes bytes = dz_reader_string(trace->reader, id);

	memcpy(text, bytes.data ? (const char *)bytes.data : "", bytes.size);
	text[bytes.size] = '\0';
	return text;
}

void memory_trace_end(struct memory_trace *trace)
{
	dz_reader_close(trace->reader);
	dz_writer_abandon(trace->writer);
	free(trace->bytes);
}
