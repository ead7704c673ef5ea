/* analyze/counts/counts.c - numbers of exits of processes by keys, in bounded memory */
#define _GNU_SOURCE
#include "analyze/counts/counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/counts/cause_words.h"
#include "analyze/trace/call_chain.h"
#include "analyze/trace/container.h"
#include "analyze/trace/timestamp.h"
#include "base/array.h"
#include "base/buffer.h"

/* A power of two, so that the table is at most half full. */
#define SLOTS (2 * COUNTS_ROWS_MAX)

/* A value is stored as its size and its bytes. This size stands for an unknown value. */
#define UNKNOWN_SIZE UINT32_MAX

#define UNKNOWN_ID UINT32_MAX

struct counts {
	struct counts_request request;
	struct counts_row *rows;
	size_t count, capacity;
	size_t text_bytes;
	struct buffer key; /* of the exit that is being counted */
	uint64_t others[COUNTS_SIDES][CAUSE_CLASSES];
	uint64_t totals[COUNTS_SIDES];
	uint32_t slots[SLOTS]; /* 1 + number of a row; 0: free */
};

#define NAME_OF(NAME, name) #name,
static const char *const key_names[] = {COUNTS_KEYS(NAME_OF)};

const char *counts_key_name(enum counts_key key)
{
	return key_names[key];
}

/* Returns the key whose name is the first `size` bytes of `word`; COUNTS_KEY_COUNT: none. */
static enum counts_key find_key(const char *word, size_t size)
{
	for (size_t i = 0; i < COUNTS_KEY_COUNT; i++)
		if (strlen(key_names[i]) == size && memcmp(key_names[i], word, size) == 0)
			return (enum counts_key)i;
	return COUNTS_KEY_COUNT;
}

bool counts_parse_keys(const char *text, struct counts_request *ret_request)
{
	struct counts_request request = *ret_request;
	uint32_t seen = 0;

	request.key_count = 0;
	for (bool is_last = false; !is_last;) {
		size_t size = strcspn(text, ",");
		enum counts_key key = find_key(text, size);

		if (key == COUNTS_KEY_COUNT || seen & 1u << key)
			return false;
		seen |= 1u << key;
		request.keys[request.key_count++] = key;
		is_last = text[size] == '\0';
		text += size + 1;
	}
	*ret_request = request;
	return true;
}

struct counts *counts_new(const struct counts_request *request)
{
	struct counts *counts = calloc(1, sizeof(*counts));

	if (counts)
		counts->request = *request;
	return counts;
}

static void put_word(struct buffer *out, const char *word)
{
	buffer_put(out, word, strlen(word));
}

/* Appends a string of a file. Appends nothing if it is empty or unknown. */
static void put_string(struct buffer *out, const struct trace_file *file, uint64_t id)
{
	struct trace_text text = trace_text(file, id);

	buffer_put(out, text.bytes, text.size);
}

static void put_host(struct buffer *out, const struct trace_file *file)
{
	struct dz_bytes host = dz_reader_info(file->reader, "host.name");

	buffer_put(out, host.data, host.size);
}

static void put_boot(struct buffer *out, const struct trace_file *file)
{
	const uint8_t *id = dz_reader_header(file->reader)->boot_id;

	for (size_t i = 0; i < 16; i++) {
		char digits[4];

		snprintf(digits, sizeof(digits), "%s%02x",
			 i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
		put_word(out, digits);
	}
}

static void put_container(struct buffer *out, const struct visitor_event *event)
{
	struct container container = container_find(trace_text(event->file, event->task->cgroup));

	buffer_put(out, container.id.bytes, container.id.size);
}

/* Appends the name of the process, in which each run of digits can count as N. */
static void put_comm(struct buffer *out, const struct visitor_event *event, bool similar)
{
	struct trace_text name = trace_text(event->file, trace_process_comm(event->task));

	for (size_t i = 0; i < name.size; i++) {
		bool is_digit = name.bytes[i] >= '0' && name.bytes[i] <= '9';
		bool is_next = i > 0 && name.bytes[i - 1] >= '0' && name.bytes[i - 1] <= '9';

		if (!similar || !is_digit)
			buffer_put_u8(out, (uint8_t)name.bytes[i]);
		else if (!is_next)
			buffer_put_u8(out, 'N');
	}
}

static void put_cause(struct buffer *out, const struct cause *cause)
{
	size_t start;

	put_word(out, cause_class_word(cause_class(cause)));
	start = out->size;
	buffer_put_u8(out, ' ');
	cause_words_put(out, cause);
	if (out->size == start + 1)
		out->size = start;
}

/* "2026-11-28 14:00" */
static void put_hour(struct buffer *out, uint64_t unix_ns, bool utc)
{
	struct timestamp_text date = timestamp_date(unix_ns, utc);

	buffer_put(out, date.text, strnlen(date.text, strlen("2026-11-28 14")));
	put_word(out, ":00");
}

static void put_uid(struct buffer *out, const struct dz_task *task)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, task->uid);
	put_word(out, task->uid != UNKNOWN_ID ? number : "");
}

/* Appends the value of a key that is about the task. */
static void put_task_value(struct buffer *out, const struct visitor_event *event,
			   enum counts_key key, bool similar)
{
	if (!event->task)
		return;
	switch ((int)key) {
	case COUNTS_CGROUP:
		put_string(out, event->file, event->task->cgroup);
		return;
	case COUNTS_CONTAINER:
		put_container(out, event);
		return;
	case COUNTS_COMM:
		put_comm(out, event, similar);
		return;
	default:
		put_uid(out, event->task);
	}
}

static void put_value(struct buffer *out, const struct visitor_event *event,
		      const struct counts_request *request, enum counts_key key)
{
	switch ((int)key) {
	case COUNTS_HOST:
		put_host(out, event->file);
		return;
	case COUNTS_BOOT:
		put_boot(out, event->file);
		return;
	case COUNTS_FILE:
		put_word(out, call_base_name((struct trace_text){event->file->path,
								 strlen(event->file->path)})
				      .bytes);
		return;
	case COUNTS_CLASS:
		put_word(out, cause_class_word(cause_class(event->cause)));
		return;
	case COUNTS_CAUSE:
		put_cause(out, event->cause);
		return;
	case COUNTS_SENDER:
		cause_words_put_sender(out, event->cause);
		return;
	case COUNTS_HOUR:
		put_hour(out, event->unix_ns, request->utc);
		return;
	default:
		put_task_value(out, event, key, request->similar_names);
	}
}

/* Makes the values of an exit in `key`. An empty value is unknown. */
static void make_key(struct counts *counts, const struct visitor_event *event)
{
	struct buffer *out = &counts->key;

	buffer_clear(out);
	for (size_t i = 0; i < counts->request.key_count; i++) {
		size_t start = out->size;
		uint32_t size = 0;

		buffer_put(out, &size, sizeof(size));
		put_value(out, event, &counts->request, counts->request.keys[i]);
		if (out->failed)
			return;
		size = (uint32_t)(out->size - start - sizeof(size));
		if (size == 0)
			size = UNKNOWN_SIZE;
		memcpy(out->data + start, &size, sizeof(size));
	}
}

static uint64_t hash(const uint8_t *bytes, size_t size)
{
	uint64_t sum = size;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return (sum ^ sum >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 32;
}

/* Returns the slot of the row with this key, or the free one for it. */
static uint32_t *find_slot(struct counts *counts)
{
	size_t at = (size_t)hash(counts->key.data, counts->key.size) % SLOTS;

	while (counts->slots[at]) {
		size_t row = counts->slots[at] - 1;

		if (counts->rows[row].text_bytes == counts->key.size &&
		    memcmp(counts->rows[row].text, counts->key.data, counts->key.size) == 0)
			break;
		at = (at + 1) % SLOTS;
	}
	return &counts->slots[at];
}

/* Adds a row with the present key. Returns false on allocation failure. */
static bool add_row(struct counts *counts, enum cause_class class, uint32_t *slot)
{
	struct counts_row *rows = array_grow(counts->rows, &counts->capacity, counts->count + 1,
					     sizeof(*rows), ARRAY_NO_LIMIT);
	char *text = malloc(counts->key.size + 1);

	counts->rows = rows ? rows : counts->rows;
	if (!rows || !text) {
		free(text);
		return false;
	}
	memcpy(text, counts->key.data, counts->key.size);
	rows[counts->count] =
		(struct counts_row){.text = text, .text_bytes = counts->key.size, .class = class};
	counts->text_bytes += counts->key.size;
	*slot = (uint32_t)++counts->count;
	return true;
}

static void count_in_row(struct counts_row *row, size_t side, uint64_t unix_ns)
{
	if (row->counts[side]++ == 0)
		row->first_ns[side] = unix_ns;
	row->last_ns[side] = unix_ns;
}

static bool count(void *context, const struct visitor_event *event)
{
	struct counts_side *side = context;
	struct counts *counts = side->counts;
	const struct dz_exit *row = event->event->row;
	enum cause_class class;
	uint32_t *slot;

	if (!row || row->thread)
		return true;
	class = cause_class(event->cause);
	if (class == CAUSE_CLASS_CLEAN && counts->request.without_clean)
		return true;
	make_key(counts, event);
	if (counts->key.failed)
		return false;
	counts->totals[side->side]++;
	slot = find_slot(counts);
	if (*slot == 0 && (counts->count == COUNTS_ROWS_MAX ||
			   counts->text_bytes + counts->key.size > COUNTS_TEXT_BYTES)) {
		counts->others[side->side][class]++;
		return true;
	}
	if (*slot == 0 && !add_row(counts, class, slot))
		return false;
	count_in_row(&counts->rows[*slot - 1], side->side, event->unix_ns);
	return true;
}

struct visitor counts_visitor(struct counts_side *side)
{
	return (struct visitor){
		.context = side, .kinds = VISITOR_KIND(DZ_KIND_EXIT), .visit = count};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_texts(const struct counts_row *a, const struct counts_row *b)
{
	return trace_text_compare((struct trace_text){a->text, a->text_bytes},
				  (struct trace_text){b->text, b->text_bytes});
}

static int compare_rows(const void *left, const void *right)
{
	const struct counts_row *a = left, *b = right;
	int order = compare_numbers(b->counts[0], a->counts[0]);

	if (order == 0)
		order = (int)a->class - (int)b->class;
	if (order == 0)
		order = compare_numbers(a->first_ns[0], b->first_ns[0]);
	return order ? order : compare_texts(a, b);
}

size_t counts_sort(struct counts *counts)
{
	if (counts->count > 0)
		qsort(counts->rows, counts->count, sizeof(*counts->rows), compare_rows);
	return counts->count;
}

const struct counts_row *counts_row_at(const struct counts *counts, size_t number)
{
	return &counts->rows[number];
}

struct trace_text counts_value(const struct counts_row *row, size_t number)
{
	const char *at = row->text;
	uint32_t size;

	for (;; number--) {
		memcpy(&size, at, sizeof(size));
		at += sizeof(size);
		if (number == 0)
			break;
		at += size == UNKNOWN_SIZE ? 0 : size;
	}
	if (size == UNKNOWN_SIZE)
		return (struct trace_text){NULL, 0};
	return (struct trace_text){at, size};
}

uint64_t counts_others(const struct counts *counts, size_t side, enum cause_class class)
{
	return counts->others[side][class];
}

uint64_t counts_total(const struct counts *counts, size_t side)
{
	return counts->totals[side];
}

const struct counts_request *counts_request_of(const struct counts *counts)
{
	return &counts->request;
}

void counts_free(struct counts *counts)
{
	if (!counts)
		return;
	for (size_t i = 0; i < counts->count; i++)
		free(counts->rows[i].text);
	free(counts->rows);
	buffer_release(&counts->key);
	free(counts);
}
