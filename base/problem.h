/* base/problem.h - why an operation cannot be done, as text for the user */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <stdbool.h>

#define PROBLEM_TEXT_MAX 1024u

/* "OBJECT: reason: what to do", without the program's name. Names from outside are not escaped yet:
 * escape the text when it is printed. */
struct problem {
	char text[PROBLEM_TEXT_MAX];
};

/* Formats the text, truncated to fit. Always returns false, so that `return problem_set(...)`
 * reports a failure. */
bool problem_set(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
