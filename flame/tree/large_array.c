/* flame/tree/large_array.c - arrays of hundreds of megabytes with random access */
#include "flame/tree/large_array.h"

#include <sys/mman.h>

/* A smaller array would waste most of a huge page. */
#define HUGE_FROM ((size_t)2 << 20)
/* The smallest page of any machine. */
#define PAGE_BYTES ((size_t)4096)

static void *advise(void *array, size_t bytes)
{
	if (array == MAP_FAILED)
		return NULL;
	/* Only advice: without huge pages the array is slower. */
	if (bytes >= HUGE_FROM)
		(void)madvise(array, bytes, MADV_HUGEPAGE);
	return array;
}

void *large_array_new(size_t bytes)
{
	/* cppcheck-suppress invalidFunctionArg ; -1: no file */
	return advise(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		      bytes);
}

void *large_array_new_table(size_t bytes)
{
	void *table = large_array_new(bytes);
	volatile char *at = table;

	for (size_t i = 0; table && i < bytes; i += PAGE_BYTES)
		at[i] = 0;
	return table;
}

void *large_array_grow(void *array, size_t old_bytes, size_t bytes)
{
	return advise(mremap(array, old_bytes, bytes, MREMAP_MAYMOVE), bytes);
}

void large_array_free(void *array, size_t bytes)
{
	if (array)
		munmap(array, bytes);
}
