/* base/problem.h - the reason of a failure, as text for the user */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <stdbool.h>

#define PROBLEM_TEXT_MAX 1024u

/* "OBJECT: reason: what to do", without the program's name. Untrusted names are not escaped: escape
 * the text when it is printed. */
struct problem {
	char text[PROBLEM_TEXT_MAX];
};

/* Formats the text and truncates it if needed. Always returns false, for `return problem_set(...)`.
 */
bool problem_set(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
