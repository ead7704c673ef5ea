/* flame/command/option_values.c - parsers of option values */
#include "flame/command/option_values.h"

#include <string.h>

#include "flame/style/colour.h"
#include "flame/tree/stack.h"
#include "text/quantity.h"

bool option_decimal(const char *text, const char *suffix, struct decimal *ret_decimal)
{
	struct decimal decimal = {0};
	bool point = false;

	if (*text == '\0' || *text == '.')
		return false;
	for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		if (__builtin_mul_overflow(decimal.mantissa, 10, &decimal.mantissa) ||
		    __builtin_add_overflow(decimal.mantissa, (uint64_t)(*text - '0'),
					   &decimal.mantissa))
			return false;
		decimal.decimals += point;
	}
	if (strcmp(text, suffix) != 0 || decimal.decimals > STACK_DECIMALS_MAX)
		return false;
	*ret_decimal = decimal;
	return true;
}

void option_size(unsigned *size, const char *text, const char *option, unsigned least,
		 const struct argp_state *state)
{
	uint64_t value = 0;

	if (!quantity_parse_count(text, OPTION_SIZE_MAX, &value) || value < least)
		argp_error(state, "--%s %s: not a whole number from %u to %u", option, text, least,
			   OPTION_SIZE_MAX);
	else
		*size = (unsigned)value;
}

void option_number(double *number, const char *text, const char *option, double most,
		   const struct argp_state *state)
{
	struct decimal decimal;
	double value;

	if (!option_decimal(text, "", &decimal)) {
		argp_error(state, "--%s %s: not a number", option, text);
		return;
	}
	value = (double)decimal.mantissa;
	for (unsigned i = 0; i < decimal.decimals; i++)
		value /= 10;
	if (value <= 0 || value > most)
		argp_error(state, "--%s %s: not above 0 and at most %g", option, text, most);
	else
		*number = value;
}

void option_colour(const char **colour, const char *text, const char *option,
		   const struct argp_state *state)
{
	if (!colour_is_valid(text))
		argp_error(state, "--%s %s: not a colour: use #rrggbb, rgb(r,g,b) or a name",
			   option, text);
	*colour = text;
}

/* The words for backgrounds that flamegraph.pl accepts. */
void option_background(const char **colour, const char *text, const struct argp_state *state)
{
	static const char *const named[][2] = {
		{"yellow", "#fdf6d8"}, {"blue", "#e6eefb"}, {"green", "#e6f6e6"},
		{"grey", "#f2f2f2"},   {"gray", "#f2f2f2"}, {"flat", "#ffffff"},
		{"white", "#ffffff"},
	};

	option_colour(colour, text, "bgcolors", state);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(named[i][0], text) == 0)
			*colour = named[i][1];
}

void option_font(const char **font, const char *text, const struct argp_state *state)
{
	static const char accepted[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		" ,-";

	if (!*text || strspn(text, accepted) != strlen(text))
		argp_error(state,
			   "--fonttype %s: not a font name: use letters, digits, spaces, commas "
			   "and dashes",
			   text);
	*font = text;
}

int option_choice(const struct option_choice *choices, const char *text, const char *option,
		  const struct argp_state *state)
{
	for (; choices->name; choices++)
		if (strcmp(choices->name, text) == 0)
			return choices->value;
	argp_error(state, "--%s %s: unknown value: see --help", option, text);
	return 0;
}
