/* analyze/replay/loss.c - sums of lost events */
#include "analyze/replay/loss.h"

#include <inttypes.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "text/quantity.h"

static struct trace_text cut(struct trace_text text)
{
	return (struct trace_text){text.bytes,
				   text.size < LOSS_TEXT_BYTES ? text.size : LOSS_TEXT_BYTES};
}

static void keep(char place[static LOSS_TEXT_BYTES], struct trace_text *text)
{
	memcpy(place, text->bytes, text->size);
	text->bytes = place;
}

static struct loss_entry *find_entry(struct loss *loss, const struct loss_entry *key)
{
	struct loss_entry *entry;

	for (size_t i = 0; i < loss->count; i++) {
		entry = &loss->entries[i];
		if (trace_text_compare(entry->kind, key->kind) == 0 &&
		    trace_text_compare(entry->reason, key->reason) == 0)
			return entry;
	}
	if (loss->count == LOSS_ENTRIES_MAX)
		return &loss->entries[LOSS_ENTRIES_MAX - 1];
	entry = &loss->entries[loss->count++];
	*entry = *key;
	keep(entry->texts[0], &entry->kind);
	keep(entry->texts[1], &entry->reason);
	entry->count = 0;
	return entry;
}

static bool visit(void *context, const struct visitor_event *event)
{
	const struct dz_lost *row = event->event->row;
	struct loss_entry key;
	struct loss_entry *entry;

	if (!row)
		return true;
	key = (struct loss_entry){
		.kind = cut(trace_text(event->file, row->kind)),
		.reason = cut(trace_text(event->file, row->reason)),
		.first_ns = event->unix_ns,
		.last_ns = dz_reader_realtime_ns(event->file->reader, row->last),
	};
	entry = find_entry(context, &key);
	if (__builtin_add_overflow(entry->count, row->count, &entry->count))
		entry->count = UINT64_MAX;
	if (key.first_ns < entry->first_ns)
		entry->first_ns = key.first_ns;
	if (key.last_ns > entry->last_ns)
		entry->last_ns = key.last_ns;
	return true;
}

struct visitor loss_visitor(struct loss *loss)
{
	return (struct visitor){
		.context = loss,
		.kinds = VISITOR_KIND(DZ_KIND_LOST),
		.visit = visit,
	};
}

void loss_write(const struct loss *loss, bool utc, FILE *out)
{
	for (size_t i = 0; i < loss->count; i++) {
		const struct loss_entry *entry = &loss->entries[i];

		fputs("lost: ", out);
		task_text_count(out, entry->count, "event");
		fputs(" of kind ", out);
		task_text_text(out, entry->kind);
		fputs(", ", out);
		task_text_text(out, entry->reason);
		fprintf(out, ", %s to ", timestamp_time(entry->first_ns, utc).text);
		fprintf(out, "%s\n", timestamp_time(entry->last_ns, utc).text);
	}
}
