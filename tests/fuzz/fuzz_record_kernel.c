/* tests/fuzz/fuzz_record_kernel.c - any bytes as input of the recorder from the kernel
 *
 * A record of its perf rings, the names of a control group, or the format and a record of a
 * tracepoint.
 *
 * Input: one byte (which of the three), the bytes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/convert/cgroup_paths.h"
#include "record/probes/tracepoint_format.h"
#include "record/stacks/perf_record.h"

#define PATH_BYTES 300u

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

/* The size in the header is made right, so that it does not keep the fuzzer out. */
static void decode_record(uint8_t *bytes, size_t size)
{
	uint16_t told = (uint16_t)size;
	struct perf_record record;

	if (size >= 8)
		memcpy(bytes + 6, &told, sizeof(told));
	if (!perf_record_decode(bytes, size, &record))
		return;
	if (record.kind == PERF_RECORD_MAPPED) {
		if (record.start >= record.end)
			abort();
		sink = strlen(record.path);
	}
}

static void make_path(const uint8_t *bytes, size_t size)
{
	char *path = malloc(PATH_BYTES);

	if (!path)
		abort();
	if (size >= 1 &&
	    cgroup_path((const char *)bytes + 1, size - 1, bytes[0] & 1, path, PATH_BYTES)) {
		sink = strlen(path);
		if (sink >= PATH_BYTES)
			abort();
	}
	free(path);
}

/* The format is the text up to a NUL; what follows is a hit. */
static void read_tracepoint(uint8_t *bytes, size_t size)
{
	struct probe_fields fields = {.count = 0};
	struct event_probe_data *hit = calloc(1, sizeof(*hit));
	char *text = malloc(PROBE_FIELDS_TEXT_MAX);
	size_t used = strnlen((const char *)bytes, size);
	int format = memfd_create("format", MFD_CLOEXEC);

	if (!hit || !text || format < 0 || write(format, bytes, used) != (ssize_t)used ||
	    lseek(format, 0, SEEK_SET) != 0)
		abort();
	if (used > 0) {
		tracepoint_format_read(format, &fields);
		if (fields.count > PROBE_FIELDS_MAX || fields.record_bytes > PROBE_DATA_BYTES)
			abort();
		size -= used;
		memcpy(hit, bytes + used, size < sizeof(*hit) ? size : sizeof(*hit));
		probe_fields_text(&fields, hit, text);
		sink = strlen(text);
		if (sink >= PROBE_FIELDS_TEXT_MAX)
			abort();
	}
	(void)close(format);
	free(text);
	free(hit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes;

	if (size < 2 || size > PERF_RECORD_MAX_BYTES / 2)
		return 0;
	bytes = malloc(size - 1);
	if (!bytes)
		abort();
	memcpy(bytes, data + 1, size - 1);
	if (data[0] % 3 == 0)
		decode_record(bytes, size - 1);
	else if (data[0] % 3 == 1)
		make_path(bytes, size - 1);
	else
		read_tracepoint(bytes, size - 1);
	free(bytes);
	return 0;
}
