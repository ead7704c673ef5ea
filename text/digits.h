/* text/digits.h - numbers as short runs of letters that are the same in C, XML and JavaScript */
#ifndef TEXT_DIGITS_H
#define TEXT_DIGITS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A number is written five bits at a time, the lowest first, each as one of 64 digits
 * 0-9 A-Z a-z - _ ; 32 is added to every digit but the last. docs/diag-flame.1.md, PICTURE DATA.
 */

/* The digit of a value below 64. */
char digits_digit(unsigned value);

/* The value of a digit, or -1. */
int digits_value(char digit);

/* Writes the digits of one number. */
void digits_write(FILE *stream, uint64_t value);

/* Reads one number and moves *text on; false at the end, on a stray character or overflow. */
bool digits_read(const char **text, const char *end, uint64_t *ret_value);
#endif
