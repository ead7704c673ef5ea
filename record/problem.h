/* record/problem.h - why something could not be done, in words for the person who asked for it */
#ifndef RECORD_PROBLEM_H
#define RECORD_PROBLEM_H

#include <stdbool.h>

#define PROBLEM_TEXT_MAX 1024u

/* "path: what: what to do", without the program's name; bytes that are not ours are not yet masked.
 */
struct problem {
	char text[PROBLEM_TEXT_MAX];
};

/* Always returns false, so that `return problem_set(...)` reports a failure. */
bool problem_set(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
