/* samples/sections/cold.c - sections whose label nothing else reads: cold COUNT MS */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "samples/sections/diag/section.h"

#define PAGE_BYTES   4096
#define PAGES        64
#define THRESHOLD_NS (100u * 1000 * 1000)
#define US_PER_MS    1000
#define LABEL_AT     (PAGE_BYTES * (PAGES - 1))

/* The kernel maps the pages around one that is read, too, but not so many. */
static const char labels[PAGE_BYTES * PAGES] __attribute__((aligned(PAGE_BYTES))) = {
	[LABEL_AT] = 'c',
	'o',
	'l',
	'd',
};

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: cold COUNT MS\n", stderr);
		return 2;
	}
	for (int i = 0; i < atoi(argv[1]); i++) {
		diag_section_start(&labels[LABEL_AT], THRESHOLD_NS);
		usleep((unsigned)atoi(argv[2]) * US_PER_MS);
		diag_section_stop();
	}
	return 0;
}
