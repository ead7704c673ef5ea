/* tests/fuzz/work_limit.h - more work for inputs that stand for more than their bytes */
#ifndef TESTS_FUZZ_WORK_LIMIT_H
#define TESTS_FUZZ_WORK_LIMIT_H

#include <stdint.h>

/* Allows the current input this much more processor time. The last call for an input counts. */
void work_limit_extend(uint64_t more_ns);

#endif
