/* flame/command/option_values.h - parsers of option values
 *
 * All but option_decimal() end the program through argp_error() if the value is invalid. Texts are
 * borrowed. `option` is the name without dashes, for the message.
 */
#ifndef FLAME_COMMAND_OPTION_VALUES_H
#define FLAME_COMMAND_OPTION_VALUES_H
#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#define OPTION_SIZE_MAX 100000

/* An exact decimal number: mantissa / 10^decimals. */
struct decimal {
	uint64_t mantissa;
	unsigned decimals;
};

/* Parses a number that ends with `suffix`. Returns false if it is not one, or has too many digits.
 */
bool option_decimal(const char *text, const char *suffix, struct decimal *ret_decimal);

/* Parses a whole number from `least` to OPTION_SIZE_MAX. */
void option_size(unsigned *size, const char *text, const char *option, unsigned least,
		 const struct argp_state *state);

/* Parses a number above 0 and at most `most`. */
void option_number(double *number, const char *text, const char *option, double most,
		   const struct argp_state *state);

/* Accepts #rrggbb, rgb(r,g,b) or a name. */
void option_colour(const char **colour, const char *text, const char *option,
		   const struct argp_state *state);

/* The same, for --bgcolors; also accepts the words that flamegraph.pl has for backgrounds. */
void option_background(const char **colour, const char *text, const struct argp_state *state);

/* Accepts font names that are safe in a style sheet, for --fonttype. */
void option_font(const char **font, const char *text, const struct argp_state *state);

/* A word and its value; a list ends with a NULL name. */
struct option_choice {
	const char *name;
	int value;
};

/* Returns the value of the word. */
int option_choice(const struct option_choice *choices, const char *text, const char *option,
		  const struct argp_state *state);
#endif
