/* tests/fuzz/analyse_input.h - runs a report, or the folding, over a file in memory */
#ifndef TESTS_FUZZ_ANALYSE_INPUT_H
#define TESTS_FUZZ_ANALYSE_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* Runs a report over a file. The low four bits of `asked` choose it, after the reports comes the
 * folding; 0x10: with the tree, 0x20: without call stacks. The output is discarded. */
void analyse_input(const uint8_t *bytes, size_t size, unsigned int asked);

#endif
