/* tests/fuzz/fuzz_symbols_maps.c - any bytes as /proc/PID/maps */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/mappings.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The properties that users of the table rely on. */
static void check(const struct mappings *mappings)
{
	for (size_t i = 0; i < mappings->count; i++) {
		const struct mapping *mapping = &mappings->entries[i];

		if (mapping->start >= mapping->end ||
		    (i > 0 && mappings->entries[i - 1].end > mapping->start) ||
		    mappings_find(mappings, mapping->start) != mapping ||
		    mappings_find(mappings, mapping->end - 1) != mapping)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct mappings mappings;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	mappings_init(&mappings, 1);
	if (mappings_read_proc(&mappings, fd) == SYMBOLS_NO_MEMORY)
		abort();
	check(&mappings);
	mappings_release(&mappings);
	close(fd);
	return 0;
}
