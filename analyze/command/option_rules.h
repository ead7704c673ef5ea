/* analyze/command/option_rules.h - which options of diag-report have an effect together
 *
 * One table has each option with the reports that it has an effect on. An option without an effect
 * is refused.
 */
#ifndef ANALYZE_COMMAND_OPTION_RULES_H
#define ANALYZE_COMMAND_OPTION_RULES_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the program does. */
enum option_mode {
	OPTION_MODE_ANSWERS,
	OPTION_MODE_TABLES,
	OPTION_MODE_EVENTS,
	OPTION_MODE_JSON,
	OPTION_MODE_INFO,
	OPTION_MODE_VERIFY,
	OPTION_MODE_BY,
	OPTION_MODE_DIFF,
	OPTION_MODE_ROWS,
	OPTION_MODE_PERFETTO,
	OPTION_MODE_COPY,
	OPTION_MODE_FOLLOW,
	OPTION_MODE_HTML,
	OPTION_MODE_VERSION,
};

/* Options that were given, one bit for each line of the table. All zero: none. */
struct option_rules {
	uint64_t given;
};

/* Notes that the option with this key was given, one of `options`, which end with {0}. Ignores keys
 * that are no option. */
void option_rules_note(struct option_rules *given, const struct argp_option *options, int key);

/* Returns the name of the first option that has no effect in this mode, without dashes; NULL if
 * there is none. Static. */
const char *option_rules_refused(const struct option_rules *given, enum option_mode mode);

/* Returns the option that chooses a mode, with dashes; for the default, "the answers". Static. */
const char *option_rules_mode_name(enum option_mode mode);

#endif
