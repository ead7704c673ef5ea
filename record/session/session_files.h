/* record/session/session_files.h - files of a session: one, a rotation, or flight windows
 *
 * Functions that return bool set *ret_problem and return false on failure. Unless stated otherwise
 * the recording must then end. All parts are borrowed.
 */
#ifndef RECORD_SESSION_SESSION_FILES_H
#define RECORD_SESSION_SESSION_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/session/session_state.h"

/* Creates the first file; call before privileges are dropped. With --flight the file stays empty,
 * and the flight window is created. */
bool session_open_recording(struct session_file *file, struct problem *ret_problem);

/* Publishes the file, writes its first info records, and gives the translator its writer. Call when
 * everything is attached. */
bool session_begin_recording(struct session_file *file, const struct session_kernel *kernel,
			     struct session_convert *convert, struct problem *ret_problem);

/* Passes the file to the process that writes it: from here on, nothing waits for the disk. */
bool session_pass_on(struct session_file *file, struct problem *ret_problem);

/* Call when the last file is closed: waits for the disk for a while. */
bool session_await_disk(struct output *output, struct problem *ret_problem);

/* Returns the CPU time of this process and of the one that writes the file. */
uint64_t session_cpu_ns(const struct session_file *file);

/* Returns whether the file that was closed before the current one has not failed. */
bool session_check_closed(struct session_file *file, struct problem *ret_problem);

/* Returns whether the file system has less than --min-free. */
bool session_space_is_short(struct session_file *file);

/* Writes the section histograms, if sections are recorded. */
bool session_count_sections(struct session_file *file, struct session_convert *convert,
			    struct problem *ret_problem);

/* Returns the number of events that were lost so far, in all files. */
uint64_t session_lost(const struct session_file *file, const struct session_kernel *kernel,
		      const struct session_convert *convert);

/* Writes the last records of a file and closes it. Call when no event waits for its stack. */
bool session_close_recording(struct session_file *file, const struct session_kernel *kernel,
			     struct session_convert *convert, struct problem *ret_problem);

/* Closes the current file and continues in the next one. On failure the current file can still be
 * written. */
bool session_change_file(struct session_file *file, struct output_helper *helper,
			 const struct session_kernel *kernel, struct session_convert *convert,
			 struct problem *ret_problem);

/* Returns the bytes that the next file may take: a limit, or what the flight window holds now. */
uint64_t session_reserved_bytes(const struct session_file *file);

/* Asks for the flight window to be written, for a reason that outlives the request. That happens
 * when events up to now have their stacks; see session_tick_window(). */
void session_request_window(struct session_file *file, const char *reason);

/* Asks for it if the window of a trigger is due. */
void session_watch_trigger(struct session_file *file, uint64_t now_ns);

/* Wakes the programs of --live and --journal if the file has grown after a pause. */
void session_wake_readers(struct session_file *file, uint64_t now_ns);

/* Removes old pieces from the window, and writes the window to the next file if that was requested.
 * Call a few times a second. A window that cannot be written is reported and is no failure. */
bool session_tick_window(struct session_file *file, struct output_helper *helper,
			 const struct session_kernel *kernel, struct session_convert *convert,
			 struct problem *ret_problem);

/* Writes the window to the first file, at the end; in a directory to the next one. */
bool session_finish_window(struct session_file *file, struct output_helper *helper,
			   const struct session_kernel *kernel, struct session_convert *convert,
			   struct problem *ret_problem);

/* Adds records of kind lost for everything lost since the last call: in the kernel, and user stacks
 * of diag-record itself. */
bool session_collect_losses(const struct session_kernel *kernel,
			    const struct session_convert *convert, struct recording *recording,
			    struct problem *ret_problem);

#endif
