/* analyze/json/json_causes.c - JSON of causes that are equal in every respect, in bounded memory
 *
 * Most ends are ordinary exits, whose causes differ in code and stack alone. Causes are compared
 * byte by byte, so that a new member of struct cause needs no change here. Bytes between members
 * that differ are no error: the text is made again. Causes with records in the middle of the
 * struct, its largest part, are not kept.
 */
#include "analyze/json/json_causes.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The records that were joined: from the first member to the one after the last. */
#define RECORDS_START offsetof(struct cause, handled)
#define RECORDS_END   offsetof(struct cause, thread)

#define BEFORE_BYTES RECORDS_START
#define AFTER_BYTES  (sizeof(struct cause) - RECORDS_END)

#define PLACES 4096u

/* Places that a cause can be in. */
#define TRIES 8u

/* Longer texts are not kept. */
#define TEXT_MAX_BYTES 8192u

struct place {
	char *text; /* allocated */
	size_t size;
	char before[BEFORE_BYTES], after[AFTER_BYTES]; /* of the cause */
};

struct json_causes {
	uint64_t hashes[PLACES]; /* of the causes; 0: the place is free */
	struct place places[PLACES];
};

struct json_causes *json_causes_new(void)
{
	return calloc(1, sizeof(struct json_causes));
}

/* A record without a file is zero. */
static bool has_records(const struct cause *cause)
{
	return cause->handled.delivery.file || cause->handled.generated.file ||
	       cause->handled.interrupted.file || cause->generated.file || cause->delivery.file ||
	       cause->second.file || cause->oom.file;
}

static uint64_t hash(const struct cause *cause)
{
	uint64_t sum = cause->user.stack;

	sum = sum * 31 + cause->exit_code;
	sum = sum * 31 + cause->kind;
	return (sum * UINT64_C(0x9e3779b97f4a7c15)) >> 32 | UINT64_C(1) << 32;
}

static bool is_equal(const struct place *place, const struct cause *cause)
{
	return memcmp(place->after, (const char *)cause + RECORDS_END, AFTER_BYTES) == 0 &&
	       memcmp(place->before, cause, BEFORE_BYTES) == 0;
}

struct trace_text json_causes_find(const struct json_causes *causes, const struct cause *cause)
{
	uint64_t sum;

	if (!causes || has_records(cause))
		return (struct trace_text){NULL, 0};
	sum = hash(cause);
	for (size_t i = 0; i < TRIES; i++) {
		size_t at = (sum + i) % PLACES;

		if (causes->hashes[at] == 0)
			break;
		if (causes->hashes[at] == sum && is_equal(&causes->places[at], cause))
			return (struct trace_text){causes->places[at].text,
						   causes->places[at].size};
	}
	return (struct trace_text){NULL, 0};
}

/* Returns a free place for a cause, or else the first one. */
static size_t choose_place(const struct json_causes *causes, uint64_t sum)
{
	for (size_t i = 0; i < TRIES; i++)
		if (causes->hashes[(sum + i) % PLACES] == 0)
			return (sum + i) % PLACES;
	return sum % PLACES;
}

void json_causes_add(struct json_causes *causes, const struct cause *cause, struct trace_text text)
{
	struct place *place;
	char *copy;
	size_t at;

	if (!causes || has_records(cause) || text.size > TEXT_MAX_BYTES)
		return;
	copy = malloc(text.size);
	if (!copy)
		return;
	memcpy(copy, text.bytes, text.size);
	at = choose_place(causes, hash(cause));
	place = &causes->places[at];
	free(place->text);
	place->text = copy;
	place->size = text.size;
	memcpy(place->before, cause, BEFORE_BYTES);
	memcpy(place->after, (const char *)cause + RECORDS_END, AFTER_BYTES);
	causes->hashes[at] = hash(cause);
}

void json_causes_free(struct json_causes *causes)
{
	for (size_t i = 0; causes && i < PLACES; i++)
		free(causes->places[i].text);
	free(causes);
}
