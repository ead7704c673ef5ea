/* abi/signal.h - names of Linux signals and of their si_code values */
#ifndef ABI_SIGNAL_H
#define ABI_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

/* Signals have the numbers 1 to SIGNAL_LARGEST; 34 is SIGRTMIN, as in the C library. */
#define SIGNAL_LARGEST 64u

/* Bytes of the longest name, including the NUL. */
#define SIGNAL_NAME_MAX 16u

/* A short text, returned by value so that it can be used inside one call of printf(). */
struct signal_name {
	char text[SIGNAL_NAME_MAX];
};

/* Returns "SIGSEGV", "SIGRTMIN+3"; "SIG32" for a number without a name, also beyond SIGNAL_LARGEST.
 */
struct signal_name signal_name(uint32_t number);

/*
 * Parses a number, or a name with or without SIG, in upper or lower case: 9, SIGKILL, kill,
 * RTMIN+3, SIGRTMAX-1, IOT. Returns false, with *ret_number unchanged, if it is not a signal.
 */
bool signal_parse(const char *text, uint32_t *ret_number);

/*
 * Parses a list of signals and ascending ranges: "9,15", "TERM,RTMIN-RTMAX", "1-31". Bit N-1 of
 * *ret_set is signal N. Returns false, with *ret_set unchanged, if a part is not a signal or a
 * range, or on allocation failure.
 */
bool signal_parse_set(const char *text, uint64_t *ret_set);

/* Returns a static name, "SI_USER", "SEGV_MAPERR"; NULL if the code has no name for this signal. */
const char *signal_code_name(uint32_t number, int32_t code);

/* Returns a static phrase for the cause of a fault or for a child's event, "address not mapped";
 * NULL if the code has none. */
const char *signal_code_meaning(uint32_t number, int32_t code);

#endif
