/* flame/input/input_pprof_raw.c - text of pprof -raw: samples, then locations */
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/input_limit.h"
#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/input/stack_builder.h"

#define LOCATIONS_MAX ((size_t)1 << 24)
#define COLUMNS_MAX   16u

/* Numbers of locations follow each other, so a number is not much larger than what was read. */
#define LOCATIONS_FREE     ((size_t)1 << 18)
#define LOCATIONS_FOR_READ 16u

/* Functions at one address. Each sample names the address, and has all of them. */
#define FUNCTIONS_MAX 256u

/* Frames of all samples: those free, and those for each byte that was read. */
#define FRAMES_FREE     (UINT64_C(1) << 24)
#define FRAMES_FOR_READ 2u

/* Bytes of the names of these frames, likewise. */
#define NAMES_FREE     (UINT64_C(1) << 28)
#define NAMES_FOR_READ 256u

struct sample {
	uint64_t weight;
	size_t first; /* in reader.places */
	size_t count;
};

/* The functions at one address: inlined ones first. */
struct location {
	size_t first; /* in reader.functions */
	size_t count;
	size_t name_bytes; /* of all of them */
};

struct function {
	size_t name; /* offset in reader.names */
	size_t size;
};

/* The samples come first, so they are kept until the functions are known. */
struct reader {
	const struct input_options *options;
	struct input_report *report;
	struct sample *samples;
	size_t sample_count;
	size_t sample_capacity;
	uint64_t *places; /* numbers of locations, the leaf first */
	size_t place_count;
	size_t place_capacity;
	struct location *locations; /* by number */
	size_t location_capacity;
	size_t location_count;
	size_t location_lines; /* that were read */
	struct function *functions;
	size_t function_count;
	size_t function_capacity;
	struct buffer names;
	size_t column; /* of the value that is drawn */
	size_t location;
	enum { PART_HEAD, PART_COLUMNS, PART_SAMPLES, PART_LOCATIONS, PART_REST } part;
};

/* `samples/count cpu/nanoseconds[dflt]`: the column that --perf-event names, or the default one, or
 * the last. */
static void choose_column(struct reader *reader, struct input_line line)
{
	size_t column = 0;
	bool chosen = false;

	for (text_trim(&line); line.size > 0 && column < COLUMNS_MAX; column++) {
		struct input_line word = text_take_word(&line);
		struct input_line name = {.text = word.text, .size = text_find(&word, "/")};
		bool is_default = text_ends_with(&word, "[dflt]");
		struct input_line unit = word;

		text_advance(&unit, name.size);
		unit.size -= is_default ? strlen("[dflt]") : 0;
		if (chosen && !(is_default && !reader->options->event))
			continue;
		if (reader->options->event && !text_is(&name, reader->options->event))
			continue;
		chosen = is_default || reader->options->event;
		reader->column = column;
		reader->report->unit = text_is(&unit, "/nanoseconds") ? "ns"
				       : text_is(&unit, "/bytes")     ? "bytes"
								      : NULL;
		input_event_set(reader->report, &name);
	}
}

static enum flame_status add_place(struct reader *reader, uint64_t number)
{
	uint64_t *grown = array_grow(reader->places, &reader->place_capacity,
				     reader->place_count + 1, sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return FLAME_NO_MEMORY;
	reader->places = grown;
	grown[reader->place_count++] = number;
	return FLAME_OK;
}

/* `          5   50000000: 1 2 3`. Lines with labels of a sample are ignored. */
static enum flame_status add_sample(struct reader *reader, struct input_line line,
				    const struct line_reader *lines)
{
	struct sample sample = {.first = reader->place_count};
	struct sample *grown;
	bool in_places = false;
	bool valid = true;

	if (text_find(&line, ":[") < line.size)
		return FLAME_OK;
	for (size_t column = 0; line.size > 0 && valid; column++) {
		struct input_line word = text_take_word(&line);
		bool is_last = text_ends_with(&word, ":");
		uint64_t number = 0;

		word.size -= is_last;
		valid = text_parse_number(&word, &number);
		if (in_places && valid && add_place(reader, number) != FLAME_OK)
			return FLAME_NO_MEMORY;
		if (!in_places && column == reader->column)
			sample.weight = number;
		in_places = in_places || is_last;
	}
	sample.count = reader->place_count - sample.first;
	if (!valid || !in_places) {
		input_complain(reader->report, lines, "not a sample");
		return FLAME_OK;
	}
	grown = array_grow(reader->samples, &reader->sample_capacity, reader->sample_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);
	if (!grown)
		return FLAME_NO_MEMORY;
	reader->samples = grown;
	grown[reader->sample_count++] = sample;
	return FLAME_OK;
}

static struct input_line without_last_words(struct input_line text, unsigned words)
{
	for (; words > 0; words--) {
		struct input_line before = text;

		while (before.size > 0 && before.text[before.size - 1] != ' ')
			before.size--;
		text_trim(&before);
		if (before.size > 0)
			text = before;
	}
	return text;
}

/* `main.work /a.go:3:0 s=1` without the place. */
static enum flame_status add_function(struct reader *reader, struct input_line name,
				      const struct line_reader *lines)
{
	struct location *location = &reader->locations[reader->location];
	struct function *grown;

	if (location->count == FUNCTIONS_MAX) {
		input_complain(reader->report, lines, "more than 256 functions at one address");
		return FLAME_OK;
	}
	text_trim(&name);
	if (text_find(&name, " /") < name.size)
		name.size = text_find(&name, " /");
	else
		name = without_last_words(name, 2);
	grown = array_grow(reader->functions, &reader->function_capacity,
			   reader->function_count + 1, sizeof(*grown), ARRAY_NO_LIMIT);
	if (!grown)
		return FLAME_NO_MEMORY;
	reader->functions = grown;
	grown[reader->function_count] = (struct function){reader->names.size, name.size};
	buffer_put(&reader->names, name.text, name.size);
	location->name_bytes += name.size;
	if (location->count == 0)
		location->first = reader->function_count;
	location->count++;
	reader->function_count++;
	return reader->names.failed ? FLAME_NO_MEMORY : FLAME_OK;
}

static enum flame_status open_location(struct reader *reader, uint64_t number)
{
	struct location *grown = array_grow(reader->locations, &reader->location_capacity,
					    (size_t)number + 1, sizeof(*grown), LOCATIONS_MAX);

	if (!grown)
		return FLAME_NO_MEMORY;
	reader->locations = grown;
	while (reader->location_count <= number)
		grown[reader->location_count++] = (struct location){0};
	reader->location = (size_t)number;
	grown[number] = (struct location){0};
	return FLAME_OK;
}

/* `     1: 0x45 M=1 main.work /a.go:3 s=1`, or a further function of the same address. */
static enum flame_status read_location(struct reader *reader, struct input_line line,
				       const struct line_reader *lines)
{
	struct input_line rest = line;
	struct input_line word = text_take_word(&rest);
	uint64_t number;
	enum flame_status status;

	reader->location_lines++;
	if (word.size < 2 || !text_ends_with(&word, ":")) {
		if (reader->location_count > 0)
			return add_function(reader, line, lines);
		input_complain(reader->report, lines, "not a location");
		return FLAME_OK;
	}
	word.size--;
	if (!text_parse_number(&word, &number) || number >= LOCATIONS_MAX ||
	    number >= LOCATIONS_FREE + reader->location_lines * LOCATIONS_FOR_READ) {
		input_complain(reader->report, lines, "not a location");
		return FLAME_OK;
	}
	status = open_location(reader, number);
	text_take_word(&rest); /* the address */
	if (input_line_starts_with(&rest, "M="))
		text_take_word(&rest);
	if (input_line_starts_with(&rest, "[F]"))
		text_take_word(&rest);
	return status == FLAME_OK && rest.size > 0 ? add_function(reader, rest, lines) : status;
}

static enum flame_status take_line(void *context, const struct input_line *line,
				   const struct line_reader *lines)
{
	struct reader *reader = context;
	if (text_is(line, "Samples:")) {
		reader->part = PART_COLUMNS;
	} else if (text_is(line, "Locations")) {
		reader->part = PART_LOCATIONS;
	} else if (text_is(line, "Mappings")) {
		reader->part = PART_REST;
	} else if (reader->part == PART_COLUMNS) {
		choose_column(reader, *line);
		reader->part = PART_SAMPLES;
	} else if (reader->part == PART_SAMPLES) {
		return add_sample(reader, *line, lines);
	} else if (reader->part == PART_LOCATIONS) {
		return read_location(reader, *line, lines);
	} else {
		reader->report->ignored_lines++;
	}
	return FLAME_OK;
}

static enum flame_status add_frames(const struct reader *reader, uint64_t place,
				    struct stack_builder *frames)
{
	static const struct input_line unknown = {.text = "[unknown]", .size = 9};
	const struct location *location =
		place < reader->location_count ? &reader->locations[place] : NULL;
	enum flame_status status = FLAME_OK;

	if (!location || location->count == 0)
		return stack_builder_add(frames, &unknown, FRAME_TYPE_UNKNOWN);
	for (size_t i = 0; i < location->count && status == FLAME_OK; i++) {
		const struct function *function = &reader->functions[location->first + i];
		const struct input_line name = {
			.text = function->size ? (const char *)reader->names.data + function->name
					       : "",
			.size = function->size,
		};

		status = stack_builder_add(frames, &name,
					   i + 1 < location->count ? FRAME_TYPE_INLINED
								   : FRAME_TYPE_AUTO);
	}
	return status;
}

/* In the samples that were passed. */
struct passed {
	uint64_t frames;
	uint64_t name_bytes;
};

/* Adds the frames of a sample to *passed. Returns false if all together are too many. */
static bool count_frames(const struct reader *reader, const struct sample *sample,
			 uint64_t read_bytes, struct passed *passed)
{
	for (size_t i = 0; i < sample->count; i++) {
		const uint64_t place = reader->places[sample->first + i];

		if (place >= reader->location_count)
			continue;
		passed->frames += reader->locations[place].count;
		passed->name_bytes += reader->locations[place].name_bytes;
	}
	return passed->frames <= input_limit(read_bytes, FRAMES_FOR_READ, FRAMES_FREE) &&
	       passed->name_bytes <= input_limit(read_bytes, NAMES_FOR_READ, NAMES_FREE);
}

static enum flame_status pass_samples(const struct reader *reader, const struct line_reader *lines,
				      const struct stack_sink *sink)
{
	struct stack_builder frames = {0};
	struct passed passed = {0};
	enum flame_status status = FLAME_OK;

	for (size_t i = 0; i < reader->sample_count && status == FLAME_OK; i++) {
		const struct sample *sample = &reader->samples[i];
		struct stack stack = {.weight = sample->weight, .side = reader->options->side};

		if (!count_frames(reader, sample, lines->read_bytes, &passed)) {
			input_complain(reader->report, lines,
				       "more frames in the samples than the file may have");
			break;
		}
		for (size_t j = 0; j < sample->count && status == FLAME_OK; j++)
			status = add_frames(reader, reader->places[sample->first + j], &frames);
		stack_builder_reverse(&frames, 0);
		if (status == FLAME_OK)
			status = stack_builder_pass(&frames, sink, &stack);
	}
	stack_builder_release(&frames);
	return status;
}

enum flame_status input_pprof_raw_read(struct line_reader *lines,
				       const struct input_options *options,
				       const struct stack_sink *sink, struct input_report *report)
{
	struct reader reader = {.options = options, .report = report};
	enum flame_status status = input_take_lines(lines, take_line, &reader);
	if (status == FLAME_OK)
		status = pass_samples(&reader, lines, sink);
	free(reader.samples);
	free(reader.places);
	free(reader.locations);
	free(reader.functions);
	buffer_release(&reader.names);
	return status;
}
