/* ctl/answer.h - the answer of a recorder, printed as text or JSON */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include <stdbool.h>
#include <stdio.h>

/* Returns the reason if the answer is "error: REASON", without its newline; else NULL. Changes and
 * borrows the answer, which ends with the last line of an answer. */
char *answer_error(char *answer);

/* Prints the lines of the answer but a last "ok". Of "ok NUMBER" the number is printed. */
void answer_print_text(const char *answer, FILE *out);

/* Prints one object on a line. Its members are the lines, with _ for - in the keys, and "ok": true.
 * Numbers are numbers. A key that comes more than once becomes an array. "ok NUMBER" becomes
 * "count". Returns false and prints nothing on allocation failure. */
bool answer_print_json(const char *answer, FILE *out);

/* Prints {"ok": false, "error": REASON}. */
void answer_print_error_json(const char *reason, FILE *out);

#endif
