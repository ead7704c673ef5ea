/* tests/record/symbol_list.h - symbols of a kernel that a test invents */
#ifndef TESTS_RECORD_SYMBOL_LIST_H
#define TESTS_RECORD_SYMBOL_LIST_H

#include "record/stacks/kernel_symbols.h"

/* Opens symbols whose list is `text`, with the lines of /proc/kallsyms. The test must call
 * kernel_symbols_free(). */
struct kernel_symbols *symbol_list_open(const char *text, const struct symbol_source *source);

#endif
