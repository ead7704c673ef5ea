/* record/options/refusal.h - the end of the program for a value that an option cannot take */
#ifndef RECORD_OPTIONS_REFUSAL_H
#define RECORD_OPTIONS_REFUSAL_H

#define REFUSAL_STATUS 2 /* of wrong usage */

/* Prints "--OPTION VALUE: REASON" and ends the program with REFUSAL_STATUS. */
void refusal_of_value(const char *option, const char *value, const char *reason)
	__attribute__((noreturn));

#endif
