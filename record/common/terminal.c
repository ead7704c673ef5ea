/* record/common/terminal.c - the controlling terminal and its settings */
#include "record/common/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

void terminal_open_standard_files(void)
{
	int fd = open("/dev/null", O_RDWR);

	/* open() returns the lowest free descriptor. */
	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDWR);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

static bool is_there(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

struct terminal terminal_save(void)
{
	struct terminal terminal = {.was_there = is_there()};
	sigset_t stop;

	terminal.is_saved = terminal.was_there && tcgetattr(STDIN_FILENO, &terminal.settings) == 0;
	if (terminal.is_saved) {
		sigemptyset(&stop);
		sigaddset(&stop, SIGTTOU);
		(void)sigprocmask(SIG_BLOCK, &stop, NULL);
	}
	return terminal;
}

void terminal_restore(const struct terminal *terminal)
{
	if (terminal->is_saved)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal->settings);
}

bool terminal_has_hung_up(const struct terminal *terminal)
{
	return terminal->was_there && !is_there();
}
