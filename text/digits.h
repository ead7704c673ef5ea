/* text/digits.h - numbers as few characters without escapes in C, XML and JavaScript */
#ifndef TEXT_DIGITS_H
#define TEXT_DIGITS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A number is written five bits at a time, the lowest first, each as one of the 64 digits
 * 0-9 A-Z a-z - _ ; 32 is added to every digit except the last. 300 is 9 * 32 + 12, so it becomes
 * digit 12 + 32 = 44 and digit 9: "i9". See docs/diag-flame.1.md, PICTURE DATA.
 */

/* Returns the digit of a value below 64. */
char digits_digit(unsigned value);

/* Returns the value of a digit, or -1 if it is not one. */
int digits_value(char digit);

/* Writes the digits of one number. ferror() reports a failure. */
void digits_write(FILE *stream, uint64_t value);

/* Reads one number and moves *text behind it. Returns false at the end, for another character, and
 * on overflow. */
bool digits_read(const char **text, const char *end, uint64_t *ret_value);
#endif
