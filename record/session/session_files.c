/* record/session/session_files.c - files of a session: one, a rotation, or flight windows */
#include "record/session/session_files.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/common/message.h"
#include "record/output/disk_writer.h"
#include "record/output/free_space.h"
#include "record/probes/probe_info.h"
#include "record/probes/probe_programs.h"
#include "record/sections/section_info.h"
#include "record/session/profile_info.h"
#include "record/session/session_info.h"
#include "record/stacks/stack_info.h"
#include "text/quantity.h"

/* Bytes that a full file reserves for its last records: info about the recording and each probe,
 * and losses by CPU. */
#define SESSION_END_BYTES        12288u
#define SESSION_END_PROBE_BYTES  512u
#define SESSION_END_CPU_BYTES    256u
#define SESSION_END_CPUS_COUNTED 128u

/* What a flight window takes in a file beyond its own bytes: info records, names, and the index. */
#define SESSION_WINDOW_EXTRA_BYTES (UINT64_C(128) << 10)
/* Names that are tried in a directory for files of the same second. */
#define SESSION_NAMES_MAX 100000u

/* Makes a recording that was just created the current one. */
static void session_use_recording(struct session_file *file, struct recording *recording)
{
	struct output *output = &recording->output;

	output->bytes_max = file->options->max_bytes;
	if (live_keeps_no_file(file->live))
		file->min_free_bytes = 0;
	else if (!output->writer) /* the next ones are in the same directory */
		file->min_free_bytes = free_space_kept(&file->options->min_free, output->file.fd);
	recording->flush_ns = file->live || file->journal ? LIVE_FLUSH_NS : 0;
	file->recording = recording;
	file->recording_is_open = true;
	file->result.file_count++;
}

/* Whether the file system still has the space of --min-free after `bytes` more bytes. */
static bool session_has_space(const struct session_file *file, int fd, uint64_t bytes,
			      struct problem *ret_problem)
{
	uint64_t kept = file->min_free_bytes;

	return kept == 0 || !free_space_is_short(kept + bytes, fd) ||
	       problem_set(ret_problem,
			   "%s: file system has less than %s free: free some space, or use a "
			   "smaller --min-free",
			   file->path, quantity_of_bytes(kept + bytes).text);
}

/* Returns what copies the pieces of the window for the journal; NULL: nothing does. */
static struct piece_copy *session_piece_copy(struct session_file *file)
{
	if (!file->journal)
		return NULL;
	file->piece_copy = (struct piece_copy){
		.begin = live_send_copy,
		.context = file->journal,
		.fd = -1,
	};
	return &file->piece_copy;
}

/* The file is created now, while privileges allow it and the user can see a failure. */
static bool session_open_window(struct session_file *file, struct problem *ret_problem)
{
	const struct options *options = file->options;
	int fd = file->directory.fd;

	if (fd < 0) {
		if (!output_open(file->path, options->force, &file->window_output, ret_problem))
			return false;
		file->window_output_is_open = true;
		fd = file->window_output.file.fd;
	}
	file->min_free_bytes = free_space_kept(&options->min_free, fd);
	if (!session_has_space(file, fd, 0, ret_problem))
		return false;
	file->window = flight_window_new(options->flight_ns, options->flight_bytes);
	if (!file->window)
		return problem_set(ret_problem, "--flight: out of memory: use a smaller size");
	file->recording_is_open = recording_open_window(file->window, session_piece_copy(file),
							file->path, file->recording, ret_problem);
	if (file->journal)
		file->recording->flush_ns = LIVE_FLUSH_NS;
	return file->recording_is_open;
}

/* Creates the first file of a directory, under the first free name of this second. */
static bool session_open_in_directory(struct session_file *file, struct problem *ret_problem)
{
	const time_t now = time(NULL);
	struct output output;

	for (unsigned int number = 1; number < SESSION_NAMES_MAX; number++) {
		if (!file_directory_path(&file->directory, now, number, file->path,
					 sizeof(file->path)))
			return problem_set(ret_problem, "%s: name too long", file->directory.path);
		if (faccessat(AT_FDCWD, file->path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (output_open(file->path, false, &output, ret_problem)) {
			output.stream_id = file->directory.stream_id;
			return recording_open_made(&output, NULL, file->recording, ret_problem);
		}
		/* Another recorder may have taken the name meanwhile. */
		if (faccessat(AT_FDCWD, file->path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			return false;
	}
	return problem_set(ret_problem, "%s: no free name: remove old files", file->directory.path);
}

static bool session_open_first(struct session_file *file, struct problem *ret_problem)
{
	struct output output;

	if (live_keeps_no_file(file->live))
		return live_create(&output, ret_problem) &&
		       recording_open_made(&output, NULL, file->recording, ret_problem);
	return file->directory.fd >= 0 ? session_open_in_directory(file, ret_problem)
				       : recording_open(file->path, file->options->force,
							file->recording, ret_problem);
}

/* Sends the current file to the programs that read it. Takes ownership of reader_fd; -1: the file
 * is in memory, or cannot be read. */
static void session_send(struct session_file *file, int reader_fd)
{
	const struct output *output = &file->recording->output;

	file->shown_bytes = 0;
	if (file->journal)
		live_send(file->journal, output,
			  reader_fd >= 0 ? fcntl(reader_fd, F_DUPFD_CLOEXEC, 0) : -1);
	live_send(file->live, output, reader_fd);
}

bool session_open_recording(struct session_file *file, struct problem *ret_problem)
{
	if (file->options->flight_ns)
		return session_open_window(file, ret_problem);
	if (!session_open_first(file, ret_problem))
		return false;
	session_use_recording(file, file->recording);
	if (file->live || file->journal)
		session_send(file, live_keeps_no_file(file->live)
					   ? -1
					   : output_open_to_read(&file->recording->output));
	return session_has_space(file, file->recording->output.file.fd, 0, ret_problem);
}

static bool session_note_limits(const struct session_file *file, struct recording *recording,
				struct problem *ret_problem)
{
	const struct options *options = file->options;
	const struct {
		const char *key;
		uint64_t value;
	} limits[] = {
		{"limit.max_size", options->max_bytes},
		{"limit.min_free", file->min_free_bytes},
		{"limit.rotate", options->rotate_bytes},
		{"limit.rotate_count", options->rotate_count},
		{"limit.flight_ns", options->flight_ns},
		{"limit.flight_bytes", options->flight_bytes},
		{"recorder.file_number", file->result.file_count},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].value && !recording_add_info_number(recording, limits[i].key,
								  limits[i].value, ret_problem))
			return false;
	}
	return true;
}

/* The info records that come before the events of a file. */
static bool session_note_start(const struct session_file *file, const struct programs *programs,
			       struct recording *recording, struct problem *ret_problem)
{
	return session_info_note_start(recording, file->options, programs, ret_problem) &&
	       session_info_note_command(recording, file->options, &file->command, ret_problem) &&
	       probe_info_note_start(recording, programs_probes(programs), ret_problem) &&
	       section_info_note_start(recording, &file->options->section,
				       programs_sections(programs), ret_problem) &&
	       session_note_limits(file, recording, ret_problem);
}

/* Call after the first info records: they count as written. */
static bool session_begin_limits(struct session_file *file, const struct programs *programs,
				 struct problem *ret_problem)
{
	const struct probe_programs *probes = programs_probes(programs);
	uint64_t cpus = file->size_limit.bytes_max ? (uint64_t)sysconf(_SC_NPROCESSORS_CONF) : 0;
	uint64_t end_bytes = SESSION_END_BYTES;

	if (cpus > SESSION_END_CPUS_COUNTED)
		cpus = SESSION_END_CPUS_COUNTED;
	end_bytes += cpus * SESSION_END_CPU_BYTES;
	if (probes)
		end_bytes += probe_programs_list(probes)->count * SESSION_END_PROBE_BYTES;
	return size_limit_begin(&file->size_limit, file->recording, end_bytes, ret_problem);
}

/* A flight window gets its info records when it is written. */
bool session_begin_recording(struct session_file *file, const struct session_kernel *kernel,
			     struct session_convert *convert, struct problem *ret_problem)
{
	translator_use(convert->translator, file->recording->writer);
	if (convert->sections)
		section_rows_forget(convert->sections);
	if (file->window)
		return !file->window_output_is_open ||
		       output_publish(&file->window_output, ret_problem);
	return output_publish(&file->recording->output, ret_problem) &&
	       session_note_start(file, kernel->programs, file->recording, ret_problem) &&
	       session_begin_limits(file, kernel->programs, ret_problem);
}

bool session_pass_on(struct session_file *file, struct problem *ret_problem)
{
	return file->window || !file->disk_writer ||
	       output_pass_on(&file->recording->output, file->disk_writer, ret_problem);
}

bool session_await_disk(struct output *output, struct problem *ret_problem)
{
	enum disk_end end;

	if (!output->writer)
		return true;
	end = disk_writer_finish(output->writer);
	if (!output_check(output))
		return output_problem(output, ret_problem);
	if (end == DISK_END_NOT_WRITTEN)
		return problem_set(
			ret_problem, "%s: the disk does not answer: the last %s are not written",
			output->file.path,
			quantity_of_bytes(disk_writer_waiting_bytes(output->writer)).text);
	if (end == DISK_END_NOT_SYNCED)
		message("warning: %s: not synced: the disk does not answer", output->file.path);
	return true;
}

uint64_t session_cpu_ns(const struct session_file *file)
{
	return session_info_own_cpu_ns() +
	       (file->disk_writer ? disk_writer_cpu_ns(file->disk_writer) : 0);
}

bool session_check_closed(struct session_file *file, struct problem *ret_problem)
{
	struct output *closed = &file->recordings[file->recording == file->recordings].output;

	return file->window || output_check(closed) || output_problem(closed, ret_problem);
}

bool session_space_is_short(struct session_file *file)
{
	const struct output *output = &file->recording->output;

	if (!output->writer)
		return free_space_is_short(file->min_free_bytes, output->file.fd);
	return file->min_free_bytes &&
	       disk_writer_space(output->writer, output->number, clock_boottime_ns()) <
		       file->min_free_bytes;
}

bool session_count_sections(struct session_file *file, struct session_convert *convert,
			    struct problem *ret_problem)
{
	if (!convert->sections)
		return true;
	file->counts_ns = clock_boottime_ns();
	convert->status = section_rows_count(convert->sections, file->counts_ns);
	return convert->status == DZ_OK ||
	       recording_problem(file->recording, convert->status, ret_problem);
}

/* Writes what was lost to the size limit, and which limit ended the recording. */
static bool session_note_full(struct session_file *file, struct problem *ret_problem)
{
	const char *reached = file->size_limit.is_full ? "max-size" : "min-free";

	return size_limit_note_losses(&file->size_limit, ret_problem) &&
	       (!file->result.limit.text[0] ||
		recording_add_info(file->recording, "limit.reached", reached, ret_problem));
}

uint64_t session_lost(const struct session_file *file, const struct session_kernel *kernel,
		      const struct session_convert *convert)
{
	uint64_t lost = losses_total(kernel->losses) + file->size_limit.lost;

	return convert->sections ? lost + section_rows_lost(convert->sections) : lost;
}

/* The totals of the end of a file: lost events, and the CPU time that it took. */
struct session_end {
	uint64_t lost;
	uint64_t cpu_ns;
};

/* The info records that come after the events of a file. */
static bool session_note_end(const struct session_kernel *kernel,
			     const struct session_convert *convert, const struct session_end *end,
			     struct recording *recording, struct problem *ret_problem)
{
	return recording_flush(recording, ret_problem) &&
	       stack_info_note(recording, convert->user_stacks, ret_problem) &&
	       probe_info_note_end(recording, programs_probes(kernel->programs), ret_problem) &&
	       profile_info_note_end(recording, kernel->programs, ret_problem) &&
	       section_info_note_end(recording, programs_sections(kernel->programs), ret_problem) &&
	       session_info_note_end(recording, kernel->programs, end->lost, end->cpu_ns,
				     ret_problem);
}

bool session_collect_losses(const struct session_kernel *kernel,
			    const struct session_convert *convert, struct recording *recording,
			    struct problem *ret_problem)
{
	if (convert->user_stacks)
		losses_set_user_stacks(kernel->losses, user_stacks_lost(convert->user_stacks));
	return losses_collect(kernel->losses, recording, ret_problem);
}

/* What the filters excluded while this file was written. It is not known for a flight window. */
static bool session_note_skipped(struct session_file *file, const struct session_kernel *kernel,
				 struct problem *ret_problem)
{
	uint64_t now[EVENT_COUNTS], counts[EVENT_COUNTS];

	programs_counts(kernel->programs, now);
	for (size_t i = 0; i < EVENT_COUNTS; i++)
		counts[i] = now[i] - file->start_counts[i];
	memcpy(file->start_counts, now, sizeof(now));
	return session_info_note_skipped(file->recording, counts, ret_problem);
}

static bool session_write_end(struct session_file *file, const struct session_kernel *kernel,
			      struct session_convert *convert, struct problem *ret_problem)
{
	struct session_end end = {.cpu_ns = session_cpu_ns(file) - file->start_cpu_ns};

	losses_read_all(kernel->losses);
	if (!session_count_sections(file, convert, ret_problem) ||
	    !session_collect_losses(kernel, convert, file->recording, ret_problem) ||
	    !session_note_full(file, ret_problem))
		return false;
	end.lost = session_lost(file, kernel, convert) - file->start_lost;
	if (!session_note_skipped(file, kernel, ret_problem))
		return false;
	return session_note_end(kernel, convert, &end, file->recording, ret_problem);
}

/* Adds up what is in a file that is closed. */
static void session_count_totals(struct session_file *file, const struct dz_writer_totals *totals)
{
	file->result.event_count += totals->events;
	file->result.bytes += totals->bytes;
	for (size_t i = 0; i < sizeof(totals->rows) / sizeof(totals->rows[0]); i++)
		file->result.rows[i] += totals->rows[i];
}

bool session_close_recording(struct session_file *file, const struct session_kernel *kernel,
			     struct session_convert *convert, struct problem *ret_problem)
{
	struct dz_writer_totals totals;

	if (!session_write_end(file, kernel, convert, ret_problem))
		return false;
	memcpy(file->result.path, file->recording->output.file.path, sizeof(file->result.path));
	file->recording_is_open = false;
	file->start_cpu_ns = session_cpu_ns(file);
	file->start_lost = session_lost(file, kernel, convert);
	if (!recording_close(file->recording, &totals, ret_problem))
		return false;
	session_count_totals(file, &totals);
	return true;
}

uint64_t session_reserved_bytes(const struct session_file *file)
{
	const struct options *options = file->options;

	if (file->window)
		return flight_window_bytes(file->window) + SESSION_WINDOW_EXTRA_BYTES;
	return options->rotate_bytes ? options->rotate_bytes : options->max_bytes;
}

static bool session_open_next(const struct session_file *file, struct output_helper *helper,
			      struct recording *ret_next, struct problem *ret_problem)
{
	struct output output;

	if (live_keeps_no_file(file->live))
		return live_create(&output, ret_problem) &&
		       recording_open_made(&output, NULL, ret_next, ret_problem);
	if (!output_helper_next(helper, session_reserved_bytes(file), &output, ret_problem))
		return false;
	if (ret_problem->text[0])
		message("%s", ret_problem->text);
	if (!output_pass_on(&output, file->disk_writer, ret_problem))
		(void)output_close(&output);
	else if (recording_open_made(&output, NULL, ret_next, ret_problem))
		return true;
	output_helper_discard(helper);
	return false;
}

/* The next file exists before the current one is closed. If closing fails, nothing more may be
 * recorded, but the translator always has a writer. */
bool session_change_file(struct session_file *file, struct output_helper *helper,
			 const struct session_kernel *kernel, struct session_convert *convert,
			 struct problem *ret_problem)
{
	struct recording *next = &file->recordings[file->recording == file->recordings];
	bool closed;

	if (!session_open_next(file, helper, next, ret_problem))
		return false;
	closed = session_close_recording(file, kernel, convert, ret_problem);
	if (!closed && file->recording_is_open)
		recording_abandon(file->recording);
	session_use_recording(file, next);
	session_send(file, output_helper_take_reader(helper));
	if (closed)
		return session_begin_recording(file, kernel, convert, ret_problem) &&
		       session_info_note_privileges(file->recording, ret_problem);
	translator_use(convert->translator, next->writer);
	output_helper_discard(helper);
	return false;
}

/* Ends the current piece of the window; the next one has a new writer. */
static bool session_next_piece(struct session_file *file, struct session_convert *convert,
			       struct problem *ret_problem)
{
	uint64_t lost = convert->sections ? section_rows_lost(convert->sections) : 0;
	struct dz_writer_totals totals;

	recording_note_loss(file->recording, "section", lost - file->window_sections_lost);
	file->window_sections_lost = lost;
	if (!recording_flush(file->recording, ret_problem))
		return false;
	totals = dz_writer_totals(file->recording->writer);
	file->piece_events += totals.events;
	file->piece_bytes += totals.bytes;
	if (!recording_next_piece(file->recording, ret_problem))
		return false;
	translator_use(convert->translator, file->recording->writer);
	/* The program of --journal is woken by the file itself, which comes with the first event.
	 */
	file->shown_bytes = file->piece_copy.bytes;
	return true;
}

/* Beginning a piece takes a new writer. One without events goes on, with a later beginning. */
static bool session_pass_piece(struct session_file *file, struct session_convert *convert,
			       struct problem *ret_problem)
{
	const struct clock_reading now = clock_read();

	return recording_flush(file->recording, ret_problem) &&
	       (flight_window_go_on(file->window, &now) ||
		session_next_piece(file, convert, ret_problem));
}

void session_request_window(struct session_file *file, const char *reason)
{
	if (file->window_requested_ns != 0)
		return;
	file->window_requested_ns = clock_boottime_ns();
	file->window_reason = reason;
}

void session_watch_trigger(struct session_file *file, uint64_t now_ns)
{
	const struct trigger *trigger = &file->options->always_on.trigger;

	if (trigger->count && trigger_is_due(trigger, &file->trigger, now_ns))
		session_request_window(file, file->trigger.reason);
}

/* From the request until it is written, the window does not get older. */
static void session_expire_window(struct session_file *file, uint64_t now_ns)
{
	flight_window_expire(file->window,
			     file->window_requested_ns ? file->window_requested_ns : now_ns);
}

/* Puts everything that is known by now into pieces that have ended. */
static bool session_complete_window(struct session_file *file, const struct session_kernel *kernel,
				    struct session_convert *convert, struct problem *ret_problem)
{
	if (convert->sections)
		section_rows_forget(convert->sections);
	losses_read_all(kernel->losses);
	if (!session_count_sections(file, convert, ret_problem) ||
	    !session_collect_losses(kernel, convert, file->recording, ret_problem) ||
	    !session_next_piece(file, convert, ret_problem))
		return false;
	session_expire_window(file, clock_boottime_ns());
	return true;
}

static bool session_note_drops(const struct flight_window *window, struct recording *recording,
			       struct problem *ret_problem)
{
	struct flight_drop drop;

	for (size_t i = 0; flight_window_drop(window, i, &drop); i++) {
		const struct dz_lost row = {
			.time = drop.first_ns,
			.last = drop.last_ns,
			.kind = dz_writer_text(recording->writer, drop.kind),
			.reason = dz_writer_text(recording->writer, "window is full"),
			.cpu = UINT64_MAX, /* -1: any */
			.count = drop.count,
		};
		enum dz_status status = dz_writer_add(recording->writer, DZ_KIND_LOST, &row);

		if (status != DZ_OK)
			return recording_problem(recording, status, ret_problem);
	}
	return true;
}

/* Why this window was written. `trigger.left_out` counts the events since the window before that
 * wrote none, because of --cooldown or --max-windows. */
static bool session_note_reason(const struct session_file *file, struct recording *recording,
				struct problem *ret_problem)
{
	const struct trigger_state *state = &file->trigger;

	return recording_add_info(recording, "trigger.reason",
				  file->window_reason ? file->window_reason : "end", ret_problem) &&
	       (!state->event_ns || recording_add_info_number(recording, "trigger.time_ns",
							      state->event_ns, ret_problem)) &&
	       (!state->left_out || recording_add_info_number(recording, "trigger.left_out",
							      state->left_out, ret_problem));
}

/* Writes the window, which is complete, and its info records to a new file. */
static bool session_fill_recording(const struct session_file *file,
				   const struct session_kernel *kernel,
				   const struct session_convert *convert,
				   struct recording *recording, struct problem *ret_problem)
{
	const struct flight_mark since = flight_window_since(file->window);
	const struct session_end end = {.lost = flight_window_lost(file->window),
					.cpu_ns = session_info_own_cpu_ns() - since.cpu_ns};
	enum dz_status status = flight_window_copy(file->window, recording->writer);

	return (status == DZ_OK || recording_problem(recording, status, ret_problem)) &&
	       session_note_start(file, kernel->programs, recording, ret_problem) &&
	       session_info_note_privileges(recording, ret_problem) &&
	       recording_add_info_number(recording, "recorder.start_cpu_ns",
					 file->result.start_cpu_ns, ret_problem) &&
	       recording_add_info_number(recording, "flight.since_ns", since.clock.boottime_ns,
					 ret_problem) &&
	       session_note_reason(file, recording, ret_problem) &&
	       session_note_drops(file->window, recording, ret_problem) &&
	       session_note_end(kernel, convert, &end, recording, ret_problem);
}

/* Writes the window, which is complete, to a new file, and closes that. Takes ownership of
 * output. */
static bool session_write_window(struct session_file *file, const struct session_kernel *kernel,
				 const struct session_convert *convert, struct output *output,
				 struct problem *ret_problem)
{
	const struct flight_mark since = flight_window_since(file->window);
	struct recording *recording = &file->recordings[1];
	struct dz_writer_totals totals;

	if (!output_pass_on(output, file->disk_writer, ret_problem)) {
		(void)output_close(output);
		return false;
	}
	if (!recording_open_made(output, &since.clock, recording, ret_problem))
		return false;
	file->result.file_count++;
	if (!output_publish(&recording->output, ret_problem) ||
	    !session_fill_recording(file, kernel, convert, recording, ret_problem)) {
		file->result.file_count--;
		recording_abandon(recording);
		return false;
	}
	if (!recording_close(recording, &totals, ret_problem) ||
	    !session_await_disk(&recording->output, ret_problem)) {
		file->result.file_count--;
		return false;
	}
	memcpy(file->result.path, output->file.path, sizeof(file->result.path));
	file->result.event_count = totals.events;
	file->result.bytes = totals.bytes;
	memcpy(file->result.rows, totals.rows, sizeof(totals.rows));
	file->result.lost_count = flight_window_lost(file->window);
	return true;
}

/* Writes the window to the next file. */
static bool session_write_next(struct session_file *file, struct output_helper *helper,
			       const struct session_kernel *kernel,
			       const struct session_convert *convert, struct problem *ret_problem)
{
	struct output output;

	if (!output_helper_next(helper, session_reserved_bytes(file), &output, ret_problem))
		return false;
	if (ret_problem->text[0])
		message("%s", ret_problem->text);
	if (!session_has_space(file, output.file.fd, flight_window_bytes(file->window),
			       ret_problem))
		(void)output_close(&output);
	else if (session_write_window(file, kernel, convert, &output, ret_problem))
		return true;
	output_helper_discard(helper);
	return false;
}

/* A window that cannot be written is reported, and recording continues: the next request may
 * succeed. */
static bool session_write_requested(struct session_file *file, struct output_helper *helper,
				    const struct session_kernel *kernel,
				    struct session_convert *convert, struct problem *ret_problem)
{
	const struct session_result *result = &file->result;
	const uint64_t requested_ns = file->window_requested_ns;
	struct problem problem;

	if (!session_complete_window(file, kernel, convert, ret_problem))
		return false;
	file->window_requested_ns = 0;
	if (!session_write_next(file, helper, kernel, convert, &problem)) {
		/* A disk that is busy is waited for. */
		if (output_helper_is_late(helper))
			file->window_requested_ns = requested_ns;
		message("cannot write the flight window%s: %s",
			file->window_requested_ns ? " yet" : "", problem.text);
	} else if (!file->options->quiet)
		message("%s: %s events, %s lost, %s (%s)", result->path,
			quantity_exact(result->event_count).text,
			quantity_exact(result->lost_count).text,
			quantity_of_bytes(result->bytes).text, file->window_reason);
	if (file->trigger.event_ns)
		trigger_wrote(&file->trigger, clock_boottime_ns());
	return true;
}

bool session_finish_window(struct session_file *file, struct output_helper *helper,
			   const struct session_kernel *kernel, struct session_convert *convert,
			   struct problem *ret_problem)
{
	if (!session_complete_window(file, kernel, convert, ret_problem))
		return false;
	if (!file->window_output_is_open)
		return session_write_next(file, helper, kernel, convert, ret_problem);
	if (!session_has_space(file, file->window_output.file.fd, flight_window_bytes(file->window),
			       ret_problem))
		return false;
	file->window_output_is_open = false;
	return session_write_window(file, kernel, convert, &file->window_output, ret_problem);
}

void session_wake_readers(struct session_file *file, uint64_t now_ns)
{
	const uint64_t bytes =
		file->window ? file->piece_copy.bytes : file->recording->output.bytes;

	if ((!file->live && !file->journal) || bytes == file->shown_bytes)
		return;
	if (now_ns - file->grown_ns >= LIVE_QUIET_NS) {
		live_wake(file->live);
		live_wake(file->journal);
	}
	file->shown_bytes = bytes;
	file->grown_ns = now_ns;
}

bool session_tick_window(struct session_file *file, struct output_helper *helper,
			 const struct session_kernel *kernel, struct session_convert *convert,
			 struct problem *ret_problem)
{
	const uint64_t now_ns = clock_boottime_ns();

	session_watch_trigger(file, now_ns);
	session_expire_window(file, now_ns);
	if (file->window_requested_ns &&
	    now_ns - file->window_requested_ns >= SESSION_POLL_NS + USER_STACKS_WAIT_NS &&
	    (!output_helper_is_late(helper) || output_helper_has_answer(helper)))
		return session_write_requested(file, helper, kernel, convert, ret_problem);
	return !flight_window_is_due(file->window, now_ns) ||
	       session_pass_piece(file, convert, ret_problem);
}
