/* flame/input/input_foreign.c - files that cannot be read, and what to do with them */
#include "flame/input/input_foreign.h"

#include <stdbool.h>
#include <string.h>

struct foreign {
	const char *start;
	size_t size; /* of start, which can have a NUL */
	const char *advice;
};

#define CALLGRIND                                                                                  \
	"is output of callgrind: it has callers, but no stacks: record with perf record -g, and "  \
	"use what perf script prints"
#define PPROF_LEGACY                                                                               \
	"is a profile of gperftools or jemalloc: use what pprof -traces or jeprof --collapsed "    \
	"prints"

#define START(text) (text), sizeof(text) - 1

static const struct foreign formats[] = {
	{START("PERFILE2"), "is perf.data: run perf script -i on it, and use what it prints"},
	{START("\x7f"
	       "ELF"),
	 "is an ELF file: it has no stacks"},
	{START("FLR\0"), "is a recording of Java Flight Recorder: convert it to collapsed stacks, "
			 "such as with jfrconv -o collapsed"},
	{START("JAVA PROFILE"), "is a heap dump of Java: it has no stacks with weights"},
	{START("Nettrace"), "is a nettrace file of .NET: convert it with dotnet-trace convert "
			    "--format speedscope, or record with perf"},
	{START("BZh"), "is compressed with bzip2: use bunzip2 -c"},
	{START("\xfd"
	       "7zXZ"),
	 "is compressed with xz: use xz -dc"},
	{START("\x04\x22\x4d\x18"), "is compressed with lz4: use lz4 -dc"},
	{START("PK\x03\x04"), "is a ZIP archive: unpack it"},
	{START("\x89PNG"), "is a PNG image: it has no stacks"},
	{START("%PDF"), "is a PDF file: it has no stacks"},
	{START("\xff\xfe"), "is UTF-16 text: use iconv -f UTF-16 -t UTF-8"},
	{START("\xfe\xff"), "is UTF-16 text: use iconv -f UTF-16 -t UTF-8"},
	{START("<!DOCTYPE html"), "is HTML: use the folded text that it was made from"},
	{START("<!doctype html"), "is HTML: use the folded text that it was made from"},
	{START("<html"), "is HTML: use the folded text that it was made from"},
	{START("\x17\x08\x44tracing"),
	 "is a trace of trace-cmd: it has events and few stacks: record "
	 "with perf record -g, and use what perf script prints"},
	{START("# tracer: "), "is output of ftrace, which has no weights: record with perf record "
			      "-g, and use what perf script prints"},
	{START("# To display the perf.data header info"),
	 "is output of perf report: use what perf script prints"},
	{START(" Percent |"), "is output of perf annotate: use what perf script prints"},
	{START("v8-version,"), "is a log of node --prof: run node with --perf-basic-prof, and use "
			       "what perf script prints"},
	{START("# callgrind format"), CALLGRIND},
	{START("version: 1\n"), CALLGRIND},
	{START("Flat profile:"), "is output of gprof: it has callers, but no stacks: record with "
				 "perf record -g, and use what perf script prints"},
	{START("heap profile: "), PPROF_LEGACY},
	{START("heap_v2/"), PPROF_LEGACY},
	{START("--- symbol\n"), PPROF_LEGACY},
	{START("MOJ"), "is a binary file of austin: use what mojo2austin writes"},
	{START("SQLite format 3"), "is an SQLite database: it has no stacks as text"},
};

/* Formats of JSON, by a key or a value near the start. The first one that fits counts. */
static const struct foreign json_formats[] = {
	{START("speedscope"),
	 "is JSON of speedscope, which is not read: use the folded text of the "
	 "profiler, such as py-spy record -f raw"},
	{START("\"traceEvents\""), "is JSON of the Chrome trace format, which has intervals and no "
				   "stacks with weights: use a profile of samples as folded text"},
	{START("\"preprocessedProfileVersion\""), "is a profile of Firefox or samply, which is not "
						  "read: use perf record, and what perf script "
						  "prints"},
	{START("\"callFrame\""), "is a CPU profile of V8, which is not read: run node with "
				 "--perf-basic-prof, and use what perf script prints"},
	{START("\"flamebearer\""),
	 "is JSON of Pyroscope, which is not read: export it for pprof, and "
	 "use what pprof -traces prints"},
	{START(""),
	 "is JSON, which is not read: use folded text, or the text output of the program"},
};

static const char *json_advice(const char *start, size_t size)
{
	size_t at = 0;

	while (at < size && strchr(" \t\r\n[", start[at]))
		at++;
	if (at == size || start[at] != '{')
		return NULL;
	for (at++; at < size && strchr(" \t\r\n", start[at]);)
		at++;
	if (at == size || (start[at] != '"' && start[at] != '}'))
		return NULL;
	for (size_t i = 0; i < sizeof(json_formats) / sizeof(json_formats[0]); i++)
		if (memmem(start, size, json_formats[i].start, json_formats[i].size))
			return json_formats[i].advice;
	return NULL;
}

/* A profile of pprof, decompressed: it starts with the type of its first value, which is a message
 * of two numbers. Go puts the time before it, as field 9. */
static bool is_pprof(const char *start, size_t size)
{
	size_t at = 0;

	if (size > 0 && start[0] == 9 << 3) {
		for (at = 1; at < size && start[at] & 0x80;)
			at++;
		at++;
	}
	return at < size && size - at > 8 && start[at] == '\n' && start[at + 1] >= 2 &&
	       start[at + 1] <= 12 && start[at + 2] == '\b' && memchr(start, '\0', size);
}

/* zstd frames that hold no data; a trace starts with one. */
static bool is_trace(const char *start, size_t size)
{
	return size >= 4 && ((unsigned char)start[0] & 0xf0) == 0x50 &&
	       memcmp(start + 1, "\x2a\x4d\x18", 3) == 0;
}

const char *input_foreign(const char *start, size_t size)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (size >= formats[i].size &&
		    memcmp(start, formats[i].start, formats[i].size) == 0)
			return formats[i].advice;
	if (is_trace(start, size))
		return "is a trace of diag-record, in a pipe, compressed or damaged: decompress "
		       "it, and name the file";
	if (is_pprof(start, size))
		return "is a profile of pprof: use what pprof -traces prints for it";
	return json_advice(start, size);
}
