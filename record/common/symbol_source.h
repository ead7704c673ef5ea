/* record/common/symbol_source.h - where the names of kernel functions come from */
#ifndef RECORD_COMMON_SYMBOL_SOURCE_H
#define RECORD_COMMON_SYMBOL_SOURCE_H

#include <stdbool.h>

/* A BPF program that prints the function at an address of the kernel: set the address, then read
 * the descriptor. */
struct symbol_source {
	int fd; /* of an iterator; -1: none */
	volatile unsigned long long *address;
	bool is_verbose; /* print a message when its answers end */
};

#endif
