/* tests/fuzz/fuzz_symbols_text.c - any text as /proc/kallsyms, a perf map, or a mangled name
 *
 * Input: one byte (selects one of the three), the text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/demangle.h"
#include "symbols/kallsyms.h"
#include "symbols/perf_map.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

static int make_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* Checks that each symbol is found at its address, and that the table is sorted. */
static void read_kallsyms(int fd)
{
	struct kallsyms table = {.count = 0};
	struct kernel_symbol symbol;

	if (kallsyms_read(fd, &table) == SYMBOLS_OK) {
		for (size_t i = 0; i < table.count; i++) {
			uint64_t address = table.entries[i].address;

			if ((i > 0 && table.entries[i - 1].address >= address) ||
			    !kallsyms_find(&table, address, &symbol) || symbol.offset_bytes != 0)
				abort();
			sink = strlen(symbol.name) + strlen(symbol.module);
		}
		if (kallsyms_find(&table, UINT64_MAX, &symbol))
			sink = symbol.offset_bytes;
	}
	kallsyms_release(&table);
}

static void read_perf_map(int fd)
{
	struct perf_map map = {.count = 0};
	struct function function;

	if (perf_map_read(fd, &map) == SYMBOLS_OK) {
		for (size_t i = 0; i < map.count; i++) {
			const struct perf_map_entry *entry = &map.entries[i];

			if (i > 0 && map.entries[i - 1].start > entry->start)
				abort();
			if (perf_map_find(&map, entry->start, &function))
				sink = strlen(function.name);
			if (perf_map_find(&map, entry->start + entry->size_bytes, &function))
				sink = strlen(function.name);
		}
		sink = perf_map_memory_bytes(&map);
	}
	perf_map_release(&map);
}

static void read_name(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1);
	char *buffer = malloc(300);

	if (!name || !buffer)
		abort();
	memcpy(name, data, size);
	name[size] = '\0';
	if (demangle(name, buffer, 300))
		sink = strlen(buffer);
	free(buffer);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd;

	if (size < 1)
		return 0;
	if (data[0] % 3 == 2) {
		read_name(data + 1, size - 1);
		return 0;
	}
	fd = make_file(data + 1, size - 1);
	if (data[0] % 3 == 0)
		read_kallsyms(fd);
	else
		read_perf_map(fd);
	close(fd);
	return 0;
}
