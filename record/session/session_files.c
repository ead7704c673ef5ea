/* record/session/session_files.c - the files of a session: the one, those of a rotation, or those
 * that a flight recorder's window is written to
 */
#include "record/session/session_files.h"

#include <string.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/common/message.h"
#include "record/output/disk_sync.h"
#include "record/output/free_space.h"
#include "record/privilege/privileges.h"
#include "record/probes/probe_info.h"
#include "record/probes/probe_programs.h"
#include "record/sections/section_info.h"
#include "record/session/session_info.h"
#include "record/stacks/stack_info.h"
#include "text/quantity.h"

/* What a full file keeps for its end: facts of the recording and of each probe, losses by CPU. */
#define SESSION_END_BYTES        12288u
#define SESSION_END_PROBE_BYTES  512u
#define SESSION_END_CPU_BYTES    256u
#define SESSION_END_CPUS_COUNTED 128u

/* A recording that has just been made is the present one. */
static void session_use_recording(struct session *session, struct recording *recording)
{
	struct output *output = &recording->output;

	output->bytes_max = session->options->max_bytes;
	recording->disk_sync = session->disk_sync;
	session->min_free_bytes = free_space_kept(&session->options->min_free, output->file.fd);
	session->recording = recording;
	session->recording_is_open = true;
	session->result.file_count++;
}

/* Whether its file system keeps what it is to keep if so many bytes are written to this file. */
static bool session_has_space(const struct session *session, const struct output *output,
			      uint64_t bytes, struct problem *ret_problem)
{
	uint64_t kept = session->min_free_bytes;

	return kept == 0 || !free_space_is_short(kept + bytes, output->file.fd) ||
	       problem_set(ret_problem,
			   "%s: its file system has less than %s left: make room, or say with "
			   "--min-free that less will do",
			   output->file.path, quantity_of_bytes(kept + bytes).text);
}

/* The file is made now, when that can be done, and when somebody sees if it cannot. */
static bool session_open_window(struct session *session, struct problem *ret_problem)
{
	const struct options *options = session->options;

	if (!output_open(session->path, options->force, &session->last_output, ret_problem))
		return false;
	session->last_output_is_open = true;
	session->min_free_bytes = free_space_kept(&options->min_free, session->last_output.file.fd);
	if (!session_has_space(session, &session->last_output, 0, ret_problem))
		return false;
	session->window = flight_window_new(options->flight_ns, options->flight_bytes);
	if (!session->window)
		return problem_set(ret_problem, "out of memory for --flight: give a smaller size");
	session->recording_is_open = recording_open_window(session->window, session->path,
							   session->recording, ret_problem);
	return session->recording_is_open;
}

bool session_open_recording(struct session *session, struct problem *ret_problem)
{
	if (session->options->flight_ns)
		return session_open_window(session, ret_problem);
	session->disk_sync = disk_sync_new(privileges_drop_all_of_thread);
	if (!session->disk_sync)
		return problem_set(ret_problem, "cannot start a thread that brings the file to the "
						"disk: out of memory, or of threads (ulimit -u)");
	if (!recording_open(session->path, session->options->force, session->recording,
			    ret_problem))
		return false;
	session_use_recording(session, session->recording);
	return session_has_space(session, &session->recording->output, 0, ret_problem);
}

static bool session_note_limits(const struct session *session, struct recording *recording,
				struct problem *ret_problem)
{
	const struct options *options = session->options;
	const struct {
		const char *key;
		uint64_t value;
	} limits[] = {
		{"limit.max_size", options->max_bytes},
		{"limit.min_free", session->min_free_bytes},
		{"limit.rotate", options->rotate_bytes},
		{"limit.rotate_count", options->rotate_count},
		{"limit.flight_ns", options->flight_ns},
		{"limit.flight_bytes", options->flight_bytes},
		{"recorder.file_number", session->result.file_count},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].value && !recording_add_info_number(recording, limits[i].key,
								  limits[i].value, ret_problem))
			return false;
	}
	return true;
}

/* What a file says of itself before it has any events. */
static bool session_note_start(const struct session *session, struct recording *recording,
			       struct problem *ret_problem)
{
	return session_info_note_start(recording, session->options, session->programs,
				       ret_problem) &&
	       probe_info_note_start(recording, programs_probes(session->programs), ret_problem) &&
	       section_info_note_start(recording, &session->options->section,
				       programs_run(session->programs), ret_problem) &&
	       session_note_limits(session, recording, ret_problem);
}

/* Its first facts have been noted. */
static bool session_begin_limits(struct session *session, struct problem *ret_problem)
{
	const struct probe_programs *probes = programs_probes(session->programs);
	uint64_t cpus = session->size_limit.bytes_max ? (uint64_t)sysconf(_SC_NPROCESSORS_CONF) : 0;
	uint64_t end_bytes = SESSION_END_BYTES;

	if (cpus > SESSION_END_CPUS_COUNTED)
		cpus = SESSION_END_CPUS_COUNTED;
	end_bytes += cpus * SESSION_END_CPU_BYTES;
	if (probes)
		end_bytes += probe_programs_list(probes)->count * SESSION_END_PROBE_BYTES;
	return size_limit_begin(&session->size_limit, session->recording, end_bytes, ret_problem);
}

/* A window has its facts from when it is written. */
bool session_begin_recording(struct session *session, struct problem *ret_problem)
{
	translator_use(session->translator, session->recording->writer);
	if (session->sections)
		section_rows_forget(session->sections);
	if (session->window)
		return output_publish(&session->last_output, ret_problem);
	return output_publish(&session->recording->output, ret_problem) &&
	       session_note_start(session, session->recording, ret_problem) &&
	       session_begin_limits(session, ret_problem);
}

bool session_count_sections(struct session *session, struct problem *ret_problem)
{
	if (!session->sections)
		return true;
	session->counts_ns = clock_boottime_ns();
	session->status = section_rows_count(session->sections, session->counts_ns);
	return session->status == DZ_OK ||
	       recording_problem(session->recording, session->status, ret_problem);
}

/* What became too much for the file, and which limit ended the recording. */
static bool session_note_full(struct session *session, struct problem *ret_problem)
{
	const char *reached = session->size_limit.is_full ? "max-size" : "min-free";

	return size_limit_note_losses(&session->size_limit, ret_problem) &&
	       (!session->result.limit.text[0] ||
		recording_add_info(session->recording, "limit.reached", reached, ret_problem));
}

/* All that were lost so far, in all files. */
uint64_t session_lost(const struct session *session)
{
	uint64_t lost = losses_total(session->losses) + session->size_limit.lost;

	return session->sections ? lost + section_rows_lost(session->sections) : lost;
}

/* What a file says of itself when it has all of its events. */
static bool session_note_end(const struct session *session, struct recording *recording,
			     uint64_t lost, struct problem *ret_problem)
{
	return recording_flush(recording, ret_problem) &&
	       stack_info_note(recording, session->user_stacks, ret_problem) &&
	       probe_info_note_end(recording, programs_probes(session->programs), ret_problem) &&
	       session_info_note_end(recording, session->programs, lost,
				     session_info_own_cpu_ns() - session->file_cpu_ns, ret_problem);
}

bool session_close_recording(struct session *session, struct problem *ret_problem)
{
	struct dz_writer_totals totals;
	bool closed;

	if (!session_count_sections(session, ret_problem) ||
	    !losses_collect(session->losses, session->recording, ret_problem) ||
	    !session_note_full(session, ret_problem) ||
	    !session_note_end(session, session->recording,
			      session_lost(session) - session->file_lost, ret_problem))
		return false;
	memcpy(session->result.path, session->recording->output.file.path,
	       sizeof(session->result.path));
	session->recording_is_open = false;
	session->file_cpu_ns = session_info_own_cpu_ns();
	session->file_lost = session_lost(session);
	closed = recording_close(session->recording, &totals, ret_problem);
	if (!closed)
		return false;
	session->result.event_count += totals.events;
	session->result.bytes += totals.bytes;
	return true;
}

static bool session_open_next(struct session *session, struct recording *ret_next,
			      struct problem *ret_problem)
{
	struct output output;

	if (!output_helper_next(session->maker, &output, ret_problem))
		return false;
	if (ret_problem->text[0])
		message("%s", ret_problem->text);
	if (recording_open_made(&output, NULL, ret_next, ret_problem))
		return true;
	output_helper_discard(session->maker);
	return false;
}

/* The next file is there before the present one is closed. If that fails nothing more is to be
 * recorded, but there always is a writer. */
bool session_change_file(struct session *session, struct problem *ret_problem)
{
	struct recording *next = &session->recordings[session->recording == session->recordings];
	bool closed;

	if (!session_open_next(session, next, ret_problem))
		return false;
	closed = session_close_recording(session, ret_problem);
	if (!closed && session->recording_is_open)
		recording_abandon(session->recording);
	session_use_recording(session, next);
	if (closed)
		return session_begin_recording(session, ret_problem) &&
		       session_info_note_privileges(session->recording, ret_problem);
	translator_use(session->translator, next->writer);
	output_helper_discard(session->maker);
	return false;
}

/* What there is for the present file is still recorded. */
void session_stop_rotating(struct session *session)
{
	if (session->size_limit.next.begin)
		session->size_limit.bytes_max = 0;
	session->is_stopping = true;
}

/* The present file has its size, in the middle of reading events: those that wait for their stacks
 * go to the next one, steps to that of their section. */
void session_begin_next(void *context)
{
	struct session *session = context;

	if (session->sections && section_rows_release(session->sections, UINT64_MAX) != DZ_OK)
		session_stop_rotating(session);
	else if (!session_change_file(session, &session->rotation))
		session_stop_rotating(session);
}

/* The writer of the recording is another one then. */
static bool session_next_piece(struct session *session, struct problem *ret_problem)
{
	uint64_t lost = session->sections ? section_rows_lost(session->sections) : 0;

	recording_note_loss(session->recording, "section", lost - session->sections_lost);
	session->sections_lost = lost;
	if (!recording_next_piece(session->recording, ret_problem))
		return false;
	translator_use(session->translator, session->recording->writer);
	return true;
}

/* As long as it waits to be written, the window is what it was when it was asked for. */
static void session_expire_window(struct session *session, uint64_t now_ns)
{
	flight_window_expire(session->window, session->ordered_ns ? session->ordered_ns : now_ns);
}

/* All that is known by now is in pieces that have ended. */
static bool session_complete_window(struct session *session, struct problem *ret_problem)
{
	if (session->sections)
		section_rows_forget(session->sections);
	if (!session_count_sections(session, ret_problem) ||
	    !losses_collect(session->losses, session->recording, ret_problem) ||
	    !session_next_piece(session, ret_problem))
		return false;
	session_expire_window(session, clock_boottime_ns());
	return true;
}

static bool session_note_drops(const struct session *session, struct recording *file,
			       struct problem *ret_problem)
{
	struct flight_drop drop;

	for (size_t i = 0; flight_window_drop(session->window, i, &drop); i++) {
		const struct dz_lost row = {
			.time = drop.first_ns,
			.last = drop.last_ns,
			.kind = dz_writer_text(file->writer, drop.kind),
			.reason = dz_writer_text(file->writer, "window is full"),
			.cpu = UINT64_MAX, /* -1: any */
			.count = drop.count,
		};
		enum dz_status status = dz_writer_add(file->writer, DZ_KIND_LOST, &row);

		if (status != DZ_OK)
			return recording_problem(file, status, ret_problem);
	}
	return true;
}

static bool session_fill_file(struct session *session, struct recording *file,
			      struct problem *ret_problem)
{
	const struct flight_mark since = flight_window_since(session->window);
	enum dz_status status = flight_window_copy(session->window, file->writer);

	session->file_cpu_ns = since.cpu_ns;
	return (status == DZ_OK || recording_problem(file, status, ret_problem)) &&
	       session_note_start(session, file, ret_problem) &&
	       session_info_note_privileges(file, ret_problem) &&
	       recording_add_info_number(file, "recorder.start_cpu_ns",
					 session->result.start_cpu_ns, ret_problem) &&
	       recording_add_info_number(file, "flight.since_ns", since.clock.boottime_ns,
					 ret_problem) &&
	       session_note_drops(session, file, ret_problem) &&
	       session_note_end(session, file, flight_window_lost(session->window), ret_problem);
}

/* Writes a window that is complete to a file that has been made, and closes that. */
static bool session_write_window(struct session *session, const struct output *output,
				 struct problem *ret_problem)
{
	const struct flight_mark since = flight_window_since(session->window);
	struct recording *file = &session->recordings[1];
	struct dz_writer_totals totals;

	if (!recording_open_made(output, &since.clock, file, ret_problem))
		return false;
	session->result.file_count++;
	if (!output_publish(&file->output, ret_problem) ||
	    !session_fill_file(session, file, ret_problem)) {
		session->result.file_count--;
		recording_abandon(file);
		return false;
	}
	if (!recording_close(file, &totals, ret_problem)) {
		session->result.file_count--;
		return false;
	}
	memcpy(session->result.path, output->file.path, sizeof(session->result.path));
	session->result.event_count = totals.events;
	session->result.bytes = totals.bytes;
	session->result.lost_count = flight_window_lost(session->window);
	return true;
}

/* To the next file. */
static bool session_write_next(struct session *session, struct problem *ret_problem)
{
	struct output output;

	if (!output_helper_next(session->maker, &output, ret_problem))
		return false;
	if (!session_has_space(session, &output, flight_window_bytes(session->window), ret_problem))
		(void)output_close(&output);
	else if (session_write_window(session, &output, ret_problem))
		return true;
	output_helper_discard(session->maker);
	return false;
}

/* Where it cannot be written, that is said, and recording goes on: the next time it may be. */
static bool session_carry_out_order(struct session *session, struct problem *ret_problem)
{
	const struct session_result *result = &session->result;
	struct problem problem;

	if (!session_complete_window(session, ret_problem))
		return false;
	session->ordered_ns = 0;
	if (!session_write_next(session, &problem))
		message("the window is not written: %s", problem.text);
	else if (!session->options->quiet)
		message("%s: %s events, %s lost, %s", result->path,
			quantity_exact(result->event_count).text,
			quantity_exact(result->lost_count).text,
			quantity_of_bytes(result->bytes).text);
	return true;
}

bool session_finish_window(struct session *session, struct problem *ret_problem)
{
	if (!session_complete_window(session, ret_problem) ||
	    !session_has_space(session, &session->last_output, flight_window_bytes(session->window),
			       ret_problem))
		return false;
	session->last_output_is_open = false;
	return session_write_window(session, &session->last_output, ret_problem);
}

bool session_tick_window(struct session *session, struct problem *ret_problem)
{
	const uint64_t now_ns = clock_boottime_ns();

	session_expire_window(session, now_ns);
	if (session->ordered_ns &&
	    now_ns - session->ordered_ns >= SESSION_POLL_NS + USER_STACKS_WAIT_NS)
		return session_carry_out_order(session, ret_problem);
	return !flight_window_is_due(session->window, now_ns) ||
	       session_next_piece(session, ret_problem);
}
