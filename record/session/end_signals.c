/* record/session/end_signals.c - signals that end a recording, and those that arrive at its end */
#include "record/session/end_signals.h"

static volatile sig_atomic_t asked;
static volatile pid_t running_command;

void end_signals_to_read(bool has_command, sigset_t *ret_signals)
{
	struct sigaction hangup;

	sigemptyset(ret_signals);
	sigaddset(ret_signals, SIGINT);
	sigaddset(ret_signals, SIGTERM);
	sigaddset(ret_signals, SIGUSR2);
	sigaddset(ret_signals, SIGCHLD);
	if (has_command)
		sigaddset(ret_signals, SIGQUIT);
	if (sigaction(SIGHUP, NULL, &hangup) != 0 || hangup.sa_handler != SIG_IGN)
		sigaddset(ret_signals, SIGHUP);
}

bool end_signals_ends(const struct signalfd_siginfo *info, bool has_command)
{
	if (info->ssi_signo == SIGTERM)
		return true;
	if (info->ssi_signo != SIGINT && info->ssi_signo != SIGQUIT)
		return false;
	return !has_command || info->ssi_code != SI_KERNEL;
}

/* Returns to the default action, which ends the program: the file is readable then, too. */
static void take(int number)
{
	if (asked++ == 0)
		return;
	if (running_command > 0)
		(void)kill(running_command, SIGKILL);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

void end_signals_begin(pid_t command, bool is_asked)
{
	const struct sigaction action = {.sa_handler = take, .sa_flags = SA_RESTART};
	sigset_t signals;

	asked = asked || is_asked;
	running_command = command;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	(void)sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

void end_signals_forget_command(void)
{
	running_command = 0;
}
