/* abi/signal.h - signals of Linux by number and by name, and what their si_code says */
#ifndef ABI_SIGNAL_H
#define ABI_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

/* Signals are numbered 1 to SIGNAL_LARGEST; 34 is SIGRTMIN, as the C library counts. */
#define SIGNAL_LARGEST 64u

/* Room for any name, the NUL included. */
#define SIGNAL_NAME_MAX 16u

/* A short text, returned by value so that it can be used inside one call of printf(). */
struct signal_name {
	char text[SIGNAL_NAME_MAX];
};

/* "SIGSEGV", "SIGRTMIN+3"; "SIG32" for a number without a name, also beyond SIGNAL_LARGEST. */
struct signal_name signal_name(uint32_t number);

/*
 * A number, or a name with or without SIG, in any case: 9, SIGKILL, kill, RTMIN+3, SIGRTMAX-1, IOT.
 * False, with *ret_number untouched, if it is no signal.
 */
bool signal_parse(const char *text, uint32_t *ret_number);

/*
 * A list of signals and ascending ranges of them: "9,15", "TERM,RTMIN-RTMAX", "1-31". Bit n-1 of
 * *ret_set stands for signal n. False, with *ret_set untouched, if any part is no signal.
 */
bool signal_parse_set(const char *text, uint64_t *ret_set);

/* "SI_USER", "SEGV_MAPERR"; NULL if the code has no name for this signal. Static. */
const char *signal_code_name(uint32_t number, int32_t code);

/* What the code says of a fault or of a child: "address not mapped"; NULL if nothing. Static. */
const char *signal_code_meaning(uint32_t number, int32_t code);

#endif
