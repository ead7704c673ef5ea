/* record/session/end_signals.h - signals that end a recording, and those that arrive at its end */
#ifndef RECORD_SESSION_END_SIGNALS_H
#define RECORD_SESSION_END_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/types.h>

/* Sets *ret_signals to those that the recorder reads from a signalfd. SIGHUP is not among them if
 * it was ignored at the start. With a command, SIGQUIT is. */
void end_signals_to_read(bool has_command, sigset_t *ret_signals);

/* Returns whether a signal of the set ends the recording. One that the terminal sent, such as that
 * of Ctrl-C, belongs to the command if there is one. */
bool end_signals_ends(const struct signalfd_siginfo *info, bool has_command);

/* From here on, a signal that asks for the end once more ends the program at once, and sends
 * SIGKILL to process `command`, unless that is 0. `is_asked`: a signal has asked for the end
 * before. */
void end_signals_begin(pid_t command, bool is_asked);

/* `command` has ended: its ID can be that of another process. */
void end_signals_forget_command(void);

#endif
