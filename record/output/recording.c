/* record/output/recording.c - a file that is being recorded, or the pieces of a flight window */
#include "record/output/recording.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* A killed recorder loses events younger than this plus the time between two ticks. */
#define RECORDING_FLUSH_NS 400000000u
/* A machine that crashes loses events younger than this. */
#define RECORDING_SYNC_NS 5000000000u

#define RECORDING_LEVEL 3 /* of zstd */

#if defined(__x86_64__)
#define RECORDING_ARCH DZ_ARCH_X86_64
#elif defined(__aarch64__)
#define RECORDING_ARCH DZ_ARCH_AARCH64
#endif

/* Parses a UUID. Returns false if the text is not one. */
static bool recording_parse_uuid(const char *text, uint8_t out[16])
{
	for (size_t i = 0; i < 16; i++) {
		char digits[3] = "";

		if (*text == '-')
			text++;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return false;
		memcpy(digits, text, 2);
		out[i] = (uint8_t)strtoul(digits, NULL, 16);
		text += 2;
	}
	return true;
}

static void recording_read_boot_id(uint8_t out[16])
{
	char text[64] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) > 0)
		(void)recording_parse_uuid(text, out);
	(void)close(fd);
}

static bool recording_fill_header(const struct clock_reading *clock, uint64_t stream_id,
				  struct dz_file_header *header)
{
	bool done;

	*header = (struct dz_file_header){
		.version_major = DZ_VERSION_MAJOR,
		.version_minor = DZ_VERSION_MINOR,
		.arch = RECORDING_ARCH,
		.page_bytes = (uint32_t)sysconf(_SC_PAGESIZE),
		.cpu_count = (uint32_t)sysconf(_SC_NPROCESSORS_CONF),
		.boottime_ns = clock->boottime_ns,
		.monotonic_ns = clock->monotonic_ns,
		.realtime_ns = clock->realtime_ns,
	};
	recording_read_boot_id(header->boot_id);
	done = getrandom(header->uuid, sizeof(header->uuid), 0) == (ssize_t)sizeof(header->uuid);
	/* The first half is the file id, which stays random. */
	if (stream_id)
		memcpy(header->uuid + sizeof(header->uuid) / 2, &stream_id, sizeof(stream_id));
	return done;
}

static bool recording_note_clock(struct recording *recording, const struct clock_reading *clock,
				 struct problem *ret_problem)
{
	const struct dz_clock row = {
		.time = clock->boottime_ns,
		.realtime = clock->realtime_ns,
		.monotonic = clock->monotonic_ns,
	};
	enum dz_status status = dz_writer_add(recording->writer, DZ_KIND_CLOCK, &row);

	if (status != DZ_OK)
		return recording_problem(recording, status, ret_problem);
	recording->clock = *clock;
	recording->generation = dz_writer_generation(recording->writer);
	return true;
}

static bool recording_start(struct recording *recording, const struct clock_reading *begin,
			    struct problem *ret_problem)
{
	struct clock_reading clock = clock_read();
	struct dz_sink sink = recording->window ? flight_window_sink(recording->window)
						: output_sink(&recording->output);
	struct dz_file_header header;
	enum dz_status status;

	if (recording->copy)
		sink = piece_copy_begin(recording->copy, &sink);
	if (!recording_fill_header(begin ? begin : &clock, recording->output.stream_id, &header))
		return problem_set(ret_problem, "%s: cannot read random numbers: %s",
				   recording->output.file.path, strerror(errno));
	status = dz_writer_open(&sink, &header, RECORDING_LEVEL, &recording->writer);
	if (status != DZ_OK)
		return recording_problem(recording, status, ret_problem);
	recording->flushed_ns = recording->synced_ns = clock.boottime_ns;
	return recording_note_clock(recording, &clock, ret_problem);
}

bool recording_open(const char *path, bool force, struct recording *ret_recording,
		    struct problem *ret_problem)
{
	*ret_recording = (struct recording){0};
	if (!output_open(path, force, &ret_recording->output, ret_problem))
		return false;
	if (!recording_start(ret_recording, NULL, ret_problem)) {
		recording_discard(ret_recording);
		return false;
	}
	return true;
}

bool recording_open_made(const struct output *output, const struct clock_reading *begin,
			 struct recording *ret_recording, struct problem *ret_problem)
{
	*ret_recording = (struct recording){.output = *output};
	if (recording_start(ret_recording, begin, ret_problem))
		return true;
	recording_abandon(ret_recording);
	return false;
}

bool recording_open_window(struct flight_window *window, struct piece_copy *copy, const char *path,
			   struct recording *ret_recording, struct problem *ret_problem)
{
	const struct clock_reading now = clock_read();

	*ret_recording = (struct recording){
		.window = window, .copy = copy, .output.file = {.fd = -1, .directory_fd = -1}};
	(void)snprintf(ret_recording->output.file.path, sizeof(ret_recording->output.file.path),
		       "%s", path);
	if (!flight_window_begin(window, &now))
		return problem_set(ret_problem, "out of memory");
	if (recording_start(ret_recording, &now, ret_problem))
		return true;
	recording_abandon(ret_recording);
	return false;
}

/* Only a copy has the end of a file. */
static void recording_end_writer(struct recording *recording)
{
	if (recording->copy && recording->writer) {
		piece_copy_begin_end(recording->copy);
		/* Its reader notices if it has no end. */
		if (dz_writer_close(recording->writer) != DZ_OK)
			recording->writer = NULL;
		piece_copy_end(recording->copy);
	} else {
		dz_writer_abandon(recording->writer);
	}
	recording->writer = NULL;
}

bool recording_next_piece(struct recording *recording, struct problem *ret_problem)
{
	const struct clock_reading now = clock_read();
	enum dz_status status = dz_writer_flush(recording->writer, now.boottime_ns);

	if (status != DZ_OK)
		return recording_problem(recording, status, ret_problem);
	recording_end_writer(recording);
	if (!flight_window_begin(recording->window, &now))
		return problem_set(ret_problem, "out of memory");
	return recording_start(recording, &now, ret_problem);
}

void recording_note_loss(struct recording *recording, const char *kind, uint64_t count)
{
	if (recording->window)
		flight_window_note_loss(recording->window, kind, count);
}

bool recording_add_info(struct recording *recording, const char *key, const char *value,
			struct problem *ret_problem)
{
	const struct dz_info row = {
		.time = clock_boottime_ns(),
		.key = dz_writer_text(recording->writer, key),
		.value = dz_writer_text(recording->writer, value),
	};
	enum dz_status status = dz_writer_add(recording->writer, DZ_KIND_INFO, &row);

	return status == DZ_OK || recording_problem(recording, status, ret_problem);
}

bool recording_add_info_number(struct recording *recording, const char *key, uint64_t value,
			       struct problem *ret_problem)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	return recording_add_info(recording, key, text, ret_problem);
}

bool recording_problem(const struct recording *recording, enum dz_status status,
		       struct problem *ret_problem)
{
	if (recording->output.error)
		return output_problem(&recording->output, ret_problem);
	return problem_set(ret_problem, "%s: cannot write: %s", recording->output.file.path,
			   dz_status_phrase(status));
}

static bool recording_keep_clock(struct recording *recording, const struct clock_reading *now,
				 struct problem *ret_problem)
{
	if (recording->generation == dz_writer_generation(recording->writer) &&
	    !clock_has_moved(&recording->clock, now))
		return true;
	return recording_note_clock(recording, now, ret_problem);
}

bool recording_flush(struct recording *recording, struct problem *ret_problem)
{
	enum dz_status status;

	if (dz_writer_pending_bytes(recording->writer) == 0)
		return true;
	status = dz_writer_flush(recording->writer, clock_boottime_ns());
	return status == DZ_OK || recording_problem(recording, status, ret_problem);
}

static uint64_t recording_flush_interval(const struct recording *recording)
{
	return recording->flush_ns ? recording->flush_ns : RECORDING_FLUSH_NS;
}

/* Whether a sync of everything that was written has ended. */
static bool recording_is_synced(const struct recording *recording)
{
	return recording->window || (recording->synced_bytes == recording->output.bytes &&
				     output_is_synced(&recording->output));
}

bool recording_tick(struct recording *recording, struct problem *ret_problem)
{
	const struct clock_reading now = clock_read();

	if (now.boottime_ns - recording->flushed_ns >= recording_flush_interval(recording)) {
		if (!recording_keep_clock(recording, &now, ret_problem) ||
		    !recording_flush(recording, ret_problem))
			return false;
		recording->flushed_ns = now.boottime_ns;
	}
	if (!recording->window && !output_check(&recording->output))
		return output_problem(&recording->output, ret_problem);
	if (!recording_is_synced(recording) &&
	    now.boottime_ns - recording->synced_ns >= RECORDING_SYNC_NS) {
		if (!output_begin_sync(&recording->output))
			return output_problem(&recording->output, ret_problem);
		recording->synced_ns = now.boottime_ns;
		recording->synced_bytes = recording->output.bytes;
	}
	return true;
}

uint64_t recording_due_ns(const struct recording *recording)
{
	uint64_t due_ns = UINT64_MAX;

	if (dz_writer_pending_bytes(recording->writer) > 0)
		due_ns = recording->flushed_ns + recording_flush_interval(recording);
	if (!recording_is_synced(recording) && recording->synced_ns + RECORDING_SYNC_NS < due_ns)
		due_ns = recording->synced_ns + RECORDING_SYNC_NS;
	return due_ns;
}

void recording_note_clock_set(struct recording *recording)
{
	recording->flushed_ns = 0;
}

/* Writes the end of the file. If the disk fails, removes the end again: a file with a trailer must
 * be complete. */
static bool recording_finish(struct recording *recording, struct problem *ret_problem)
{
	const uint64_t bytes = recording->output.bytes;
	enum dz_status status = dz_writer_close(recording->writer);

	recording->writer = NULL;
	if (status != DZ_OK)
		return recording_problem(recording, status, ret_problem);
	/* Otherwise the process that writes the file does this when it closes it. */
	if (recording->output.writer || output_sync(&recording->output))
		return true;
	output_truncate(&recording->output, bytes);
	return output_problem(&recording->output, ret_problem);
}

bool recording_close(struct recording *recording, struct dz_writer_totals *ret_totals,
		     struct problem *ret_problem)
{
	bool complete = recording_flush(recording, ret_problem);

	if (complete)
		*ret_totals = dz_writer_totals(recording->writer);
	if (complete && !output_sync(&recording->output))
		complete = output_problem(&recording->output, ret_problem);
	if (!complete || !recording_finish(recording, ret_problem)) {
		recording_abandon(recording);
		return false;
	}
	ret_totals->bytes = recording->output.bytes;
	return output_close(&recording->output) || output_problem(&recording->output, ret_problem);
}

void recording_abandon(struct recording *recording)
{
	recording_end_writer(recording);
	(void)output_close(&recording->output);
}

void recording_discard(struct recording *recording)
{
	dz_writer_abandon(recording->writer);
	recording->writer = NULL;
	output_discard(&recording->output);
}
