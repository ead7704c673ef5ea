/* record/output/size_limit.c - keeps a file below its size limit */
#include "record/output/size_limit.h"

#include <string.h>

#include "text/quantity.h"

/* Space reserved for an event with its strings and stacks, before compression: a sixteenth of the
 * file, within bounds. With --max-size 1M it is 64 KiB. A larger event uses the space at the end.
 */
#define SIZE_LIMIT_RECORD_PART 16u
#define SIZE_LIMIT_RECORD_MIN  16384u
#define SIZE_LIMIT_RECORD_MAX  1048576u

/* Returns the size of the file if it was closed after one more event. */
static uint64_t size_limit_needed(const struct size_limit *limit)
{
	const struct dz_writer *writer = limit->recording->writer;

	return dz_writer_totals(writer).bytes + dz_writer_closing_bytes(writer) + limit->end_bytes +
	       limit->record_bytes;
}

/* Pending data is counted uncompressed. If that does not fit, flushes it to know its real size. */
static bool size_limit_has_space(const struct size_limit *limit)
{
	if (size_limit_needed(limit) <= limit->bytes_max)
		return true;
	/* An error is final: the next record that is added reports it. */
	if (dz_writer_flush(limit->recording->writer, clock_boottime_ns()) != DZ_OK)
		return true;
	return size_limit_needed(limit) <= limit->bytes_max;
}

bool size_limit_begin(struct size_limit *limit, struct recording *recording, uint64_t end_bytes,
		      struct problem *ret_problem)
{
	uint64_t part = limit->bytes_max / SIZE_LIMIT_RECORD_PART;

	limit->recording = recording;
	limit->end_bytes = end_bytes;
	limit->record_bytes = part < SIZE_LIMIT_RECORD_MIN ? SIZE_LIMIT_RECORD_MIN : part;
	if (limit->record_bytes > SIZE_LIMIT_RECORD_MAX)
		limit->record_bytes = SIZE_LIMIT_RECORD_MAX;
	limit->is_full = false;
	if (!limit->bytes_max || size_limit_has_space(limit))
		return true;
	return problem_set(ret_problem, "%s: no space for events with %s %s: use at least %s",
			   recording->output.file.path, limit->option,
			   quantity_of_bytes(limit->bytes_max).text,
			   quantity_of_bytes(size_limit_needed(limit) + limit->record_bytes).text);
}

bool size_limit_admits(struct size_limit *limit, enum dz_kind kind, uint64_t time_ns)
{
	struct size_limit_loss *loss = &limit->losses[kind];

	if (!limit->bytes_max)
		return true;
	if (limit->next.begin && (kind == DZ_KIND_STEP || kind == DZ_KIND_SECTION_HISTOGRAM))
		return true;
	if (!limit->is_full && size_limit_has_space(limit))
		return true;
	if (!limit->next.begin)
		limit->is_full = true;
	else if (limit->next.begin(limit->next.context))
		return true;
	if (loss->count == 0 || time_ns < loss->first_ns)
		loss->first_ns = time_ns;
	if (loss->count == 0 || time_ns > loss->last_ns)
		loss->last_ns = time_ns;
	loss->count++;
	limit->lost++;
	return false;
}

bool size_limit_note_losses(struct size_limit *limit, struct problem *ret_problem)
{
	const struct dz_kind_schema *kinds;
	size_t count;

	kinds = dz_schema_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		const struct size_limit_loss *loss = &limit->losses[kinds[i].kind];
		struct dz_lost row = {
			.time = loss->first_ns, .last = loss->last_ns, .cpu = UINT64_MAX};
		enum dz_status status;

		if (loss->count == 0)
			continue;
		row.kind = dz_writer_text(limit->recording->writer, kinds[i].name);
		row.reason = dz_writer_text(limit->recording->writer, "file is full");
		row.count = loss->count;
		status = dz_writer_add(limit->recording->writer, DZ_KIND_LOST, &row);
		if (status != DZ_OK)
			return recording_problem(limit->recording, status, ret_problem);
	}
	memset(limit->losses, 0, sizeof(limit->losses));
	return true;
}
