/* flame/input/perf_layout.c - which fields the lines of a perf script output have */
#include "flame/input/perf_layout.h"

#include <string.h>

#include "flame/input/input_text.h"
#include "flame/input/perf_words.h"

/* Of a comm of the kernel, without its NUL. */
#define COMM_BYTES_MAX 15u
#define NONE           PERF_WORDS_MAX
#define ADDRESS_DIGITS 4u
/* perf prints a period in 10 columns after a space, and an id in 7. */
#define PERIOD_COLUMNS 11u
#define NS_PER_SECOND  UINT64_C(1000000000)

/* What was counted in the lines that may be headers. */
struct census {
	uint64_t headers;
	uint64_t times;
	uint64_t cpus;
	uint64_t pairs;
	uint64_t numbers; /* directly before the time or the CPU */
	uint64_t events;
	uint64_t least_numbers; /* before the event, in headers without time, CPU and pair */
	uint64_t wide_numbers;  /* in as many columns as a period */
	uint64_t with_frames;   /* that end in a module */
	uint64_t miscs;         /* that have the letters of -F misc before the event */
};

struct survey {
	struct census anchored;
	struct census first; /* the first lines of blocks */
	struct census other; /* all lines that are neither anchored nor look like frames */
	uint64_t frames;
	uint64_t addresses;
	uint64_t tabs;
	uint64_t modules;
	bool in_record; /* the last header is a PERF_RECORD_ line, which can have further lines */
};

static bool is_comment(const struct input_line *line)
{
	return line->size > 0 && line->text[0] == '#' && (line->size == 1 || line->text[1] == ' ');
}

/* A line of source code behind a sample, with its number: `|12   return`. */
static bool is_source_code(const struct input_line *line)
{
	return line->size > 1 && line->text[0] == '|' && line->text[1] >= '0' &&
	       line->text[1] <= '9';
}

bool perf_is_comment(const struct input_line *line)
{
	return is_comment(line) || is_source_code(line) ||
	       input_line_starts_with(line, "PERF_RECORD_FINISHED_ROUND");
}

static bool ends_in_module(const struct input_line *line)
{
	size_t depth = 0;

	if (line->size == 0 || line->text[line->size - 1] != ')')
		return false;
	for (size_t at = line->size; at > 0; at--) {
		depth += line->text[at - 1] == ')';
		if (line->text[at - 1] == '(' && --depth == 0)
			return at > 1 && text_is_space(line->text[at - 2]);
	}
	return false;
}

/* Whether the word is an argument of a system call, such as `fd: 0x3,`, which only looks like an
 * event. Branches start with 0x too, but have slashes. */
static bool is_argument(const struct perf_words *words, size_t at)
{
	const struct input_line *name = &words->items[at].text;
	const struct input_line *value = at + 1 < words->count ? &words->items[at + 1].text : NULL;

	return value && input_line_starts_with(value, "0x") &&
	       !memchr(value->text, '/', value->size) && !memchr(name->text, ':', name->size - 1);
}

/* Returns the index of the event behind the words at `after`, one of which can be a period. */
static size_t find_event(const struct perf_words *words, size_t after)
{
	if (after < words->count && words->items[after].form == PERF_WORD_NUMBER)
		after++;
	if (after < words->count && words->items[after].form == PERF_WORD_MISC)
		after++;
	return after < words->count && words->items[after].form == PERF_WORD_EVENT &&
			       !is_argument(words, after)
		       ? after
		       : NONE;
}

static bool is_record(const struct perf_words *words, size_t after)
{
	return after < words->count && words->items[after].form == PERF_WORD_RECORD;
}

static void count_anchored(struct census *census, const struct perf_words *words,
			   const struct perf_anchors *anchors)
{
	bool has_id = anchors->id < NONE;
	bool is_pair = has_id && words->items[anchors->id].form == PERF_WORD_PAIR;

	census->headers++;
	census->times += anchors->time < NONE;
	census->cpus += anchors->cpu < NONE;
	census->pairs += is_pair;
	census->numbers += has_id && !is_pair;
	census->events += find_event(words, anchors->after) < NONE;
}

/* Returns the index of the first word that is an event or an address, or of the end. */
static size_t end_of_numbers(const struct perf_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (words->items[i].form == PERF_WORD_EVENT ||
		    perf_word_is_wide_address(&words->items[i]))
			return i;
	return words->count;
}

static void count_first(struct census *census, const struct perf_words *words)
{
	size_t end = end_of_numbers(words);
	bool has_event = end < words->count && words->items[end].form == PERF_WORD_EVENT;
	uint64_t numbers = 0;

	census->miscs += end > 0 && words->items[end - 1].form == PERF_WORD_MISC;
	if (end > 0 && words->items[end - 1].form == PERF_WORD_MISC)
		end--;
	while (numbers < end && words->items[end - numbers - 1].form == PERF_WORD_NUMBER)
		numbers++;
	if (census->headers == 0 || numbers < census->least_numbers)
		census->least_numbers = numbers;
	census->headers++;
	census->events += has_event;
	if (numbers > 0 &&
	    words->items[end - 1].gap + words->items[end - 1].text.size >= PERIOD_COLUMNS)
		census->wide_numbers++;
}

static void count_frame(struct survey *survey, const struct input_line *line,
			const struct perf_words *words)
{
	bool has_address = perf_word_is_address(&words->items[0].text, ADDRESS_DIGITS);

	/* A line with two spaces and no address is the place of a frame in its source; one that
	 * looks like the first line of its block is a sample. */
	if (!has_address && line->text[0] != '\t' &&
	    (!ends_in_module(line) || survey->first.with_frames > 0))
		return;
	survey->frames++;
	survey->addresses += has_address;
	survey->tabs += line->text[0] == '\t';
	survey->modules += ends_in_module(line);
}

static void survey_line(struct survey *survey, const struct input_line *line, bool is_first)
{
	struct perf_words words;
	struct perf_anchors anchors;

	perf_words_split(&words, line);
	if (words.count == 0)
		return;
	perf_anchors_find(&words, &anchors);
	if (line->text[0] != '\t' && perf_anchors_any(&words, &anchors)) {
		survey->in_record = is_record(&words, anchors.after);
		if (!survey->in_record)
			count_anchored(&survey->anchored, &words, &anchors);
		return;
	}
	if (line->text[0] == '\t' || perf_word_is_wide_address(&words.items[0])) {
		if (!survey->in_record)
			count_frame(survey, line, &words);
		return;
	}
	/* Not `  prog.c:12`, the place of a frame. */
	if (words.count > 1 || words.items[0].gap != 2)
		count_first(&survey->other, &words);
	if (is_first) {
		count_first(&survey->first, &words);
		survey->first.with_frames += ends_in_module(line);
	} else if (!survey->in_record) {
		count_frame(survey, line, &words);
	}
}

static struct input_line take_line(struct input_line *rest)
{
	const char *end = memchr(rest->text, '\n', rest->size);
	struct input_line line = {
		.text = rest->text,
		.size = end ? (size_t)(end - rest->text) : rest->size,
	};

	rest->text += line.size + (end != NULL);
	rest->size -= line.size + (end != NULL);
	while (line.size > 0 &&
	       (text_is_space(line.text[line.size - 1]) || line.text[line.size - 1] == '\r'))
		line.size--;
	return line;
}

static void survey_text(struct survey *survey, const char *start, size_t size)
{
	struct input_line rest = {.text = start, .size = size};
	bool is_first = true;

	while (rest.size > 0) {
		struct input_line line = take_line(&rest);

		if (perf_is_comment(&line))
			continue;
		if (line.size > 0)
			survey_line(survey, &line, is_first);
		is_first = line.size == 0;
	}
}

static bool is_most(uint64_t part, uint64_t whole)
{
	return whole > 0 && part > whole / 2;
}

static void decide_anchored(struct perf_layout *layout, const struct census *census)
{
	layout->time = is_most(census->times, census->headers);
	layout->cpu = is_most(census->cpus, census->headers);
	layout->event = is_most(census->events, census->headers);
	if (is_most(census->pairs, census->headers))
		layout->ids = PERF_IDS_PAIR;
	/* A number before the time that only some headers have ends a comm, such as `Thread 7`. */
	else if (census->numbers + census->pairs == census->headers)
		layout->ids = PERF_IDS_ONE;
}

static void decide_first(struct perf_layout *layout, const struct census *census)
{
	layout->event = is_most(census->events, census->headers);
	layout->misc = census->miscs == census->headers;
	layout->period = census->least_numbers > 1 ||
			 (census->least_numbers == 1 && census->wide_numbers == census->headers);
	if (census->least_numbers > (layout->period ? 1u : 0u))
		layout->ids = PERF_IDS_ONE;
}

bool perf_layout_decide(const char *start, size_t size, struct perf_layout *ret_layout)
{
	struct perf_layout layout = {.ids = PERF_IDS_NONE};
	struct survey survey = {0};

	survey_text(&survey, start, size);
	layout.bare = survey.anchored.headers + survey.first.headers == 0;
	if (layout.bare && survey.frames == 0)
		return false;
	if (survey.anchored.headers > 0 && survey.anchored.headers >= survey.first.headers)
		decide_anchored(&layout, &survey.anchored);
	else if (!layout.bare)
		decide_first(&layout, survey.frames > 0 ? &survey.first : &survey.other);
	layout.chains = survey.frames > 0;
	layout.addresses = is_most(survey.addresses, survey.frames);
	layout.tabs = is_most(survey.tabs, survey.frames);
	layout.modules = survey.modules * 10 >= survey.frames * 9 && survey.frames > 0;
	*ret_layout = layout;
	return true;
}

bool perf_layout_is_anchored(const struct perf_layout *layout)
{
	return layout->time || layout->cpu || layout->ids == PERF_IDS_PAIR;
}

/* The text from a word to the end of the line, or from its start to a word. */
static struct input_line text_from(const struct input_line *line, const struct perf_words *words,
				   size_t word)
{
	const char *start =
		word < words->count ? words->items[word].text.text : line->text + line->size;

	return (struct input_line){.text = start,
				   .size = (size_t)(line->text + line->size - start)};
}

static struct input_line text_to(const struct input_line *line, const struct perf_words *words,
				 size_t word)
{
	const char *start = line->text;
	const char *end =
		word < words->count ? words->items[word].text.text : line->text + line->size;
	size_t first = 0;

	/* perf kvm puts the guest before the comm. */
	while (first < word && first < words->count &&
	       (input_line_starts_with(&words->items[first].text, "VM:") ||
		input_line_starts_with(&words->items[first].text, "VCPU:")))
		first++;
	if (first > 0 && first < words->count)
		start = words->items[first].text.text;
	while (start < end && text_is_space(*start))
		start++;
	while (end > start && text_is_space(end[-1]))
		end--;
	return (struct input_line){.text = start, .size = (size_t)(end - start)};
}

static uint32_t parse_id(const struct input_line *text)
{
	bool fits;
	uint64_t number = perf_word_number(text, &fits);

	return number <= UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

static void set_ids(struct perf_header *header, const struct input_line *word)
{
	const char *slash = memchr(word->text, '/', word->size);

	header->has_ids = true;
	header->pid = header->tid = parse_id(word);
	if (slash) {
		const struct input_line second = {
			.text = slash + 1,
			.size = (size_t)(word->text + word->size - slash - 1),
		};

		header->tid = parse_id(&second);
	}
}

static uint64_t parse_time(const struct input_line *word)
{
	const char *point = memchr(word->text, '.', word->size);
	bool fits;
	uint64_t seconds = perf_word_number(word, &fits);
	uint64_t ns = 0;
	uint64_t unit = NS_PER_SECOND;

	for (const char *at = point + 1; at < word->text + word->size && *at != ':'; at++) {
		unit /= 10;
		ns += (uint64_t)(*at - '0') * unit;
	}
	if (__builtin_mul_overflow(seconds, NS_PER_SECOND, &seconds) ||
	    __builtin_add_overflow(seconds, ns, &seconds))
		return UINT64_MAX;
	return seconds;
}

/* Without an event, a number is a period if nothing or an address follows it; otherwise it is the
 * address of a symbol. */
static bool is_period(const struct perf_layout *layout, const struct perf_words *words, size_t at,
		      size_t event)
{
	if (layout->event)
		return event > at && event < NONE;
	return at + 1 == words->count || (layout->misc && at + 2 == words->count) ||
	       (!layout->chains && perf_word_is_wide_address(&words->items[at + 1]));
}

/* Reads the fields from `at`: a period, an event, and what follows. */
static void read_tail(struct perf_header *header, const struct perf_layout *layout,
		      const struct input_line *line, const struct perf_words *words, size_t at)
{
	size_t event = layout->event ? find_event(words, at) : NONE;
	bool is_number = at < words->count && words->items[at].form == PERF_WORD_NUMBER;

	if (is_number && is_period(layout, words, at, event)) {
		bool fits;

		header->period = perf_word_number(&words->items[at].text, &fits);
		header->overflow = !fits;
		at++;
	}
	if (event < NONE) {
		header->event = words->items[event].text;
		header->event.size--;
		header->has_event = true;
		at = event + 1;
	}
	header->rest = text_from(line, words, at);
}

static bool parse_anchored(const struct perf_layout *layout, const struct input_line *line,
			   const struct perf_words *words, struct perf_header *header)
{
	struct perf_anchors anchors;
	size_t comm_end;

	perf_anchors_find(words, &anchors);
	if (layout->time ? anchors.time == NONE
			 : (layout->cpu ? anchors.cpu == NONE : anchors.id == NONE))
		return false;
	comm_end = anchors.cpu < NONE ? anchors.cpu : anchors.time;
	if (anchors.cpu < NONE && layout->cpu) {
		struct input_line digits = words->items[anchors.cpu].text;

		digits.text++;
		digits.size--;
		header->cpu = parse_id(&digits);
		header->has_cpu = true;
	}
	if (anchors.id < NONE && layout->ids != PERF_IDS_NONE) {
		set_ids(header, &words->items[anchors.id].text);
		comm_end = anchors.id;
	}
	if (anchors.time < NONE)
		header->time_ns = parse_time(&words->items[anchors.time].text);
	header->comm = text_to(line, words, comm_end);
	header->is_record = is_record(words, anchors.after);
	read_tail(header, layout, line, words, anchors.after);
	return true;
}

/* Numbers before the event, or before the end: an id, then a period. */
static void parse_first(const struct perf_layout *layout, const struct input_line *line,
			const struct perf_words *words, struct perf_header *header)
{
	size_t end = end_of_numbers(words);
	size_t at = end;

	if (layout->misc && at > 0 && words->items[at - 1].form == PERF_WORD_MISC)
		at--;
	if (layout->period && at > 0 && words->items[at - 1].form == PERF_WORD_NUMBER)
		at--;
	read_tail(header, layout, line, words, at);
	header->rest = text_from(line, words, end + header->has_event);
	if (layout->ids == PERF_IDS_ONE && at > 0 && words->items[at - 1].form == PERF_WORD_NUMBER)
		set_ids(header, &words->items[--at].text);
	header->comm = text_to(line, words, at);
	header->is_record = is_record(words, end);
}

bool perf_header_parse(const struct perf_layout *layout, const struct input_line *line,
		       struct perf_header *ret_header)
{
	struct perf_words words;

	*ret_header = (struct perf_header){.period = 1};
	if (line->size == 0 || line->text[0] == '\t')
		return false;
	perf_words_split(&words, line);
	if (words.count == 0)
		return false;
	if (perf_layout_is_anchored(layout))
		return parse_anchored(layout, line, &words, ret_header);
	parse_first(layout, line, &words, ret_header);
	/* Nearly any text has this form. What is longer than any comm is of another program. */
	return ret_header->comm.size <= COMM_BYTES_MAX;
}
