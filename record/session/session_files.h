/* record/session/session_files.h - the files of a session: the one, those of a rotation, or those
 * that a flight recorder's window is written to
 *
 * All of these but session_stop_rotating() fail with a problem, after which nothing more is to be
 * recorded unless they say otherwise.
 */
#ifndef RECORD_SESSION_SESSION_FILES_H
#define RECORD_SESSION_SESSION_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/session/session_state.h"

/* Makes the first file, while there are rights; with --flight an empty one, and the window. */
bool session_open_recording(struct session *session, struct problem *ret_problem);

/* Gives the file its name and its first facts, when all is attached, and the translator its writer.
 */
bool session_begin_recording(struct session *session, struct problem *ret_problem);

/* Writes how many sections there were, if any are recorded. */
bool session_count_sections(struct session *session, struct problem *ret_problem);

/* All events that were lost so far, in all files. */
uint64_t session_lost(const struct session *session);

/* Writes what is known at the end of a file, and closes it. Events that wait must have been let go.
 */
bool session_close_recording(struct session *session, struct problem *ret_problem);

/* Goes on in the next file. If there is none, the present one can still be written. */
bool session_change_file(struct session *session, struct problem *ret_problem);

/* Ends the recording for want of a next file; what there is for the present one is still taken. */
void session_stop_rotating(struct session *session);

/* What a struct size_limit calls when the present file has its size; the context is the session. */
void session_begin_next(void *context);

/* Looks after the window, a few times a second, and writes it some time after it was asked for.
 * That it cannot be written is told, and is no failure. */
bool session_tick_window(struct session *session, struct problem *ret_problem);

/* Writes the window to the first file, at the end. */
bool session_finish_window(struct session *session, struct problem *ret_problem);

#endif
