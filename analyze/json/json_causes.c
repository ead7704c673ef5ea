/* analyze/json/json_causes.c - JSON of causes that are equal in every respect, in bounded memory
 *
 * Most ends are ordinary exits, whose causes differ in code and stack alone. Causes are compared
 * byte by byte, so that a new member of struct cause needs no change here. Bytes between members
 * that differ are no error: the text is made again.
 */
#include "analyze/json/json_causes.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 4096u

/* Places that a cause can be in. */
#define TRIES 8u

/* Longer texts are not kept. */
#define TEXT_MAX_BYTES 8192u

struct place {
	struct cause cause;
	uint64_t hash; /* of the cause: most comparisons end here */
	char *text;    /* allocated; NULL: free */
	size_t size;
};

struct json_causes {
	struct place places[PLACES];
};

struct json_causes *json_causes_new(void)
{
	return calloc(1, sizeof(struct json_causes));
}

static bool has_own_records(const struct cause *cause)
{
	return cause->generated.file || cause->delivery.file || cause->oom.file ||
	       cause->handled.delivery.file || cause->child.file;
}

static uint64_t hash(const struct cause *cause)
{
	uint64_t sum = cause->user.stack;

	sum = sum * 31 + cause->exit_code;
	sum = sum * 31 + cause->kind;
	return (sum * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

struct trace_text json_causes_find(const struct json_causes *causes, const struct cause *cause)
{
	uint64_t sum;

	if (!causes || has_own_records(cause))
		return (struct trace_text){NULL, 0};
	sum = hash(cause);
	for (size_t i = 0; i < TRIES; i++) {
		const struct place *place = &causes->places[(sum + i) % PLACES];

		if (!place->text)
			break;
		if (place->hash == sum && memcmp(&place->cause, cause, sizeof(*cause)) == 0)
			return (struct trace_text){place->text, place->size};
	}
	return (struct trace_text){NULL, 0};
}

/* Returns a free place for a cause, or else the first one. */
static struct place *choose_place(struct json_causes *causes, uint64_t sum)
{
	for (size_t i = 0; i < TRIES; i++)
		if (!causes->places[(sum + i) % PLACES].text)
			return &causes->places[(sum + i) % PLACES];
	return &causes->places[sum % PLACES];
}

void json_causes_add(struct json_causes *causes, const struct cause *cause, struct trace_text text)
{
	struct place *place;
	char *copy;

	if (!causes || has_own_records(cause) || text.size > TEXT_MAX_BYTES)
		return;
	copy = malloc(text.size);
	if (!copy)
		return;
	memcpy(copy, text.bytes, text.size);
	place = choose_place(causes, hash(cause));
	free(place->text);
	*place = (struct place){.hash = hash(cause), .text = copy, .size = text.size};
	memcpy(&place->cause, cause, sizeof(*cause));
}

void json_causes_free(struct json_causes *causes)
{
	for (size_t i = 0; causes && i < PLACES; i++)
		free(causes->places[i].text);
	free(causes);
}
