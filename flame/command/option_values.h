/* flame/command/option_values.h - the values of options, as they are typed
 *
 * Unless said otherwise a wrong value ends the program through argp_error(), and texts are
 * borrowed.
 */
#ifndef FLAME_COMMAND_OPTION_VALUES_H
#define FLAME_COMMAND_OPTION_VALUES_H
#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#define OPTION_SIZE_MAX 100000

/* A decimal number, exactly: mantissa / 10 to the decimals. */
struct decimal {
	uint64_t mantissa;
	unsigned decimals;
};

/* False if the text is no number with `suffix` after it, or has too many digits. */
bool option_decimal(const char *text, const char *suffix, struct decimal *ret_decimal);

/* A whole number from `least` to OPTION_SIZE_MAX. */
void option_size(unsigned *size, const char *text, const char *option, unsigned least,
		 const struct argp_state *state);

/* Above 0, at most `most`. */
void option_number(double *number, const char *text, const char *option, double most,
		   const struct argp_state *state);

/* #rrggbb, rgb(r,g,b) or a name. */
void option_colour(const char **colour, const char *text, const char *option,
		   const struct argp_state *state);

/* And the words that flamegraph.pl has for backgrounds. */
void option_background(const char **colour, const char *text, const struct argp_state *state);

/* Names of fonts that are safe in a style sheet. */
void option_font(const char **font, const char *text, const struct argp_state *state);

/* A word and what it stands for; a list ends with a NULL name. */
struct option_choice {
	const char *name;
	int value;
};

/* What the word stands for. */
int option_choice(const struct option_choice *choices, const char *text, const char *option,
		  const struct argp_state *state);
#endif
