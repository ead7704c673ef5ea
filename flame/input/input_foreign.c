/* flame/input/input_foreign.c - files that cannot be read, and what to do with them */
#include "flame/input/input_foreign.h"

#include <stdbool.h>
#include <string.h>

struct foreign {
	const char *start;
	size_t size; /* of start, which can have a NUL */
	const char *advice;
};

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
	{START("{\""), "is JSON: use folded text, or the text output of the program"},
	{START("{\n"), "is JSON: use folded text, or the text output of the program"},
	{START("[{"), "is JSON: use folded text, or the text output of the program"},
};

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
		return "is a trace in a pipe, or damaged: name the file of diag-record";
	return NULL;
}
