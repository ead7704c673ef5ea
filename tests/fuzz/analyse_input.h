/* tests/fuzz/analyse_input.h - runs a report, or the folding, over a file in memory */
#ifndef TESTS_FUZZ_ANALYSE_INPUT_H
#define TESTS_FUZZ_ANALYSE_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* Runs the report with this number over a file; after the reports comes the folding. Any number is
 * allowed. The output is discarded. */
void analyse_input(const uint8_t *bytes, size_t size, unsigned choice);

#endif
