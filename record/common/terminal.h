/* record/common/terminal.h - the controlling terminal and its settings */
#ifndef RECORD_COMMON_TERMINAL_H
#define RECORD_COMMON_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	bool was_there;          /* the process had a controlling terminal at the start */
	bool is_saved;           /* `settings` are those of standard input at the start */
	struct termios settings; /* valid if is_saved */
};

/* Opens /dev/null as each of the descriptors 0 to 2 that is closed. Otherwise the first files that
 * the program opens become its standard error. Call first. */
void terminal_open_standard_files(void);

/* Returns the present state. Blocks SIGTTOU if there are settings to restore. */
struct terminal terminal_save(void);

/* Restores the settings of standard input, as a shell does after a command that was killed. */
void terminal_restore(const struct terminal *terminal);

/* Returns whether the controlling terminal that was there at the start has hung up. */
bool terminal_has_hung_up(const struct terminal *terminal);

#endif
