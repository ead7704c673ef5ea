/* analyze/perfetto/perfetto_writer.c - packets of a Perfetto trace, and names that are written once
 */
#include "analyze/perfetto/perfetto_writer.h"

#include <pb_encode.h>
#include <string.h>

#include "text/escape.h"

/* sequence_flags */
#define CLEARED 1u
#define NEEDED  2u

enum clock_number {
	CLOCK_NUMBER_REALTIME = 1,
	CLOCK_NUMBER_MONOTONIC = 3,
	CLOCK_NUMBER_BOOTTIME = 6,
};

typedef perfetto_protos_InternedData interned_data;
typedef perfetto_protos_TracePacket trace_packet;

static bool write_bytes(pb_ostream_t *stream, const pb_byte_t *bytes, size_t count)
{
	return fwrite(bytes, 1, count, stream->state) == count;
}

static void put_packet(struct perfetto_writer *writer, trace_packet *packet, uint32_t flags)
{
	perfetto_protos_Trace trace = {.packet = packet};
	pb_ostream_t stream = {.callback = write_bytes, .state = writer->out, .max_size = SIZE_MAX};

	if (perfetto_writer_failed(writer))
		return;
	packet->trusted_packet_sequence_id = (uint32_t)(writer->seed >> 32) | 1;
	packet->sequence_flags = flags;
	/* Only the stream can fail, and it remembers. */
	(void)pb_encode(&stream, &perfetto_protos_Trace_msg, &trace);
}

void perfetto_writer_packet(struct perfetto_writer *writer, trace_packet *packet)
{
	put_packet(writer, packet, NEEDED);
}

void perfetto_writer_interned(struct perfetto_writer *writer, interned_data *interned)
{
	perfetto_writer_packet(writer, &(trace_packet){.interned_data = interned});
}

/* The finalizer of splitmix64: one to one, so that no two numbers meet. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

uint64_t perfetto_writer_uuid(const struct perfetto_writer *writer, char kind, uint64_t number)
{
	uint64_t value = mix(writer->seed ^ ((uint64_t)(unsigned char)kind << 56 | number));

	return value != 0 ? value : 1;
}

/* Appends the escaped text, and returns where it begins. */
static size_t add_text(struct buffer *out, struct trace_text text)
{
	size_t start = out->size;
	char piece[ESCAPE_PIECE_MAX];
	struct escape escape;
	size_t size;

	escape_begin(&escape, ESCAPE_TERMINAL, text.bytes, text.size);
	while ((size = escape_next(&escape, piece)) > 0)
		buffer_put(out, piece, size);
	buffer_put_u8(out, 0);
	return start;
}

char *perfetto_writer_text(struct perfetto_writer *writer, struct trace_text text)
{
	buffer_clear(&writer->text);
	(void)add_text(&writer->text, text);
	writer->out_of_memory |= writer->text.failed;
	return writer->text.failed ? NULL : (char *)writer->text.data;
}

uint64_t perfetto_writer_number(struct perfetto_writer *writer, enum perfetto_set set,
				const void *bytes, size_t size, bool *ret_is_new)
{
	size_t before = writer->sets[set].count;
	uint32_t number;

	*ret_is_new = false;
	if (!byte_set_add(&writer->sets[set], bytes, size, &number)) {
		writer->out_of_memory = true;
		return 0;
	}
	*ret_is_new = writer->sets[set].count > before;
	return (uint64_t)number + 1;
}

uint64_t perfetto_writer_name(struct perfetto_writer *writer, enum perfetto_set set,
			      struct trace_text text)
{
	static const size_t places[] = {
		[PERFETTO_EVENT_NAMES] = offsetof(interned_data, event_names),
		[PERFETTO_FUNCTIONS] = offsetof(interned_data, function_names),
		[PERFETTO_BUILD_IDS] = offsetof(interned_data, build_ids),
		[PERFETTO_PATHS] = offsetof(interned_data, mapping_paths),
		[PERFETTO_SOURCES] = offsetof(interned_data, source_paths),
	};
	interned_data interned = {0};
	perfetto_protos_InternedName name, *place = &name;
	bool is_new;

	name.iid = perfetto_writer_number(writer, set, text.bytes, text.size, &is_new);
	if (!is_new)
		return name.iid;
	name.name = perfetto_writer_text(writer, text);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the field is a pointer */
	memcpy((char *)&interned + places[set], &place, sizeof(place));
	perfetto_writer_interned(writer, &interned);
	return name.iid;
}

static void write_words(struct perfetto_writer *writer)
{
#define WORD(NAME, text) text,
	static const char *const categories[] = {PERFETTO_CATEGORIES(WORD)};
	static const char *const keys[] = {PERFETTO_KEYS(WORD)};
#undef WORD
	perfetto_protos_InternedName name;

	for (size_t i = 0; i < PERFETTO_CATEGORY_COUNT; i++) {
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): the encoder only reads it */
		name = (perfetto_protos_InternedName){i + 1, (char *)(uintptr_t)categories[i]};
		perfetto_writer_interned(writer, &(interned_data){.event_categories = &name});
	}
	for (size_t i = 0; i < PERFETTO_KEY_COUNT; i++) {
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): as above */
		name = (perfetto_protos_InternedName){i + 1, (char *)(uintptr_t)keys[i]};
		perfetto_writer_interned(writer, &(interned_data){.debug_annotation_names = &name});
	}
}

static uint64_t half_of(const uint8_t *bytes)
{
	uint64_t half = 0;

	for (size_t i = 0; i < sizeof(half); i++)
		half = half << 8 | bytes[i];
	return half;
}

void perfetto_writer_begin(struct perfetto_writer *writer, const struct dz_file_header *header,
			   FILE *out)
{
	perfetto_protos_TracePacketDefaults defaults = {CLOCK_NUMBER_BOOTTIME};
	perfetto_protos_TraceUuid uuid = {.msb = (int64_t)half_of(header->uuid),
					  .lsb = (int64_t)half_of(header->uuid + 8)};

	*writer = (struct perfetto_writer){.out = out};
	writer->seed = mix((uint64_t)uuid.msb ^ mix((uint64_t)uuid.lsb));
	put_packet(writer, &(trace_packet){.trace_packet_defaults = &defaults}, CLEARED);
	perfetto_writer_packet(writer, &(trace_packet){.trace_uuid = &uuid});
	write_words(writer);
}

void perfetto_writer_clock(struct perfetto_writer *writer, const struct dz_clock *clock)
{
	perfetto_protos_ClockSnapshot_Clock clocks[] = {
		{CLOCK_NUMBER_BOOTTIME, clock->time},
		{CLOCK_NUMBER_REALTIME, clock->realtime},
		{CLOCK_NUMBER_MONOTONIC, clock->monotonic},
	};
	perfetto_protos_ClockSnapshot snapshot = {
		.clocks_count = sizeof(clocks) / sizeof(clocks[0]),
		.clocks = clocks,
		.primary_trace_clock = CLOCK_NUMBER_BOOTTIME,
	};
	trace_packet packet = {0};

	packet.clock_snapshot = &snapshot;
	packet.has_timestamp = true;
	packet.timestamp = clock->time;
	perfetto_writer_packet(writer, &packet);
}

static void add_value(struct perfetto_event *event, const struct perfetto_value *value)
{
	if (event->value_count < PERFETTO_VALUES_MAX)
		event->values[event->value_count++] = *value;
}

void perfetto_event_text(struct perfetto_event *event, enum perfetto_key key,
			 struct trace_text text)
{
	if (text.size > 0)
		add_value(event, &(struct perfetto_value){.key = key, .text = text});
}

void perfetto_event_word(struct perfetto_event *event, enum perfetto_key key, const char *word)
{
	if (word)
		perfetto_event_text(event, key, (struct trace_text){word, strlen(word)});
}

void perfetto_event_number(struct perfetto_event *event, enum perfetto_key key, uint64_t number)
{
	add_value(event, &(struct perfetto_value){.key = key, .number = number});
}

/* Makes the annotations. Texts are appended to the buffer, which can move: so they are set last. */
static void make_annotations(struct perfetto_writer *writer, const struct perfetto_event *event,
			     perfetto_protos_DebugAnnotation *out)
{
	size_t starts[PERFETTO_VALUES_MAX];

	buffer_clear(&writer->text);
	for (size_t i = 0; i < event->value_count; i++) {
		const struct perfetto_value *value = &event->values[i];

		out[i] = (perfetto_protos_DebugAnnotation){.name_iid = value->key + 1u};
		if (value->text.size > 0)
			starts[i] = add_text(&writer->text, value->text);
		else if (value->is_signed)
			out[i].has_int_value = true, out[i].int_value = (int64_t)value->number;
		else
			out[i].has_uint_value = true, out[i].uint_value = value->number;
	}
	writer->out_of_memory |= writer->text.failed;
	for (size_t i = 0; i < event->value_count; i++)
		if (event->values[i].text.size > 0 && !writer->text.failed)
			out[i].string_value = (char *)writer->text.data + starts[i];
}

static void set_name(struct perfetto_writer *writer, const struct perfetto_event *event,
		     perfetto_protos_TrackEvent *out)
{
	struct trace_text name = event->name;

	if (event->type == PERFETTO_END || event->type == PERFETTO_COUNTER)
		return;
	if (name.size == 0)
		name = (struct trace_text){"?", 1};
	out->has_category_iids = true;
	out->category_iids = event->category + 1u;
	out->has_name_iid = true;
	out->name_iid = perfetto_writer_name(writer, PERFETTO_EVENT_NAMES, name);
}

void perfetto_writer_event(struct perfetto_writer *writer, const struct perfetto_event *event)
{
	perfetto_protos_DebugAnnotation annotations[PERFETTO_VALUES_MAX];
	perfetto_protos_TrackEvent out = {
		.type = event->type,
		.track_uuid = event->track,
		.debug_annotations_count = (pb_size_t)event->value_count,
		.debug_annotations = annotations,
		.has_counter_value = event->type == PERFETTO_COUNTER,
		.counter_value = (int64_t)(event->count < INT64_MAX ? event->count : INT64_MAX),
		.has_flow_ids = event->flow != 0 && !event->ends_flow,
		.flow_ids = event->flow,
		.has_terminating_flow_ids = event->flow != 0 && event->ends_flow,
		.terminating_flow_ids = event->flow,
		.has_callstack_iid = event->stack != 0,
		.callstack_iid = event->stack,
	};
	trace_packet packet = {0};

	set_name(writer, event, &out);
	make_annotations(writer, event, annotations);
	packet.track_event = &out;
	packet.has_timestamp = true;
	packet.timestamp = event->time_ns;
	perfetto_writer_packet(writer, &packet);
}

bool perfetto_writer_failed(const struct perfetto_writer *writer)
{
	return writer->out_of_memory || ferror(writer->out);
}

void perfetto_writer_release(struct perfetto_writer *writer)
{
	for (size_t i = 0; i < PERFETTO_SETS; i++)
		byte_set_release(&writer->sets[i]);
	buffer_release(&writer->text);
	free(writer->stack_numbers);
}
