/* analyze/json/json_causes.h - JSON of causes that are equal in every respect, in bounded memory */
#ifndef ANALYZE_JSON_JSON_CAUSES_H
#define ANALYZE_JSON_JSON_CAUSES_H

#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

struct json_causes;

/* Returns an empty table, NULL on allocation failure. NULL is a table that keeps nothing. */
struct json_causes *json_causes_new(void);

/* Finds the text that was added for an equal cause. It is valid until the next json_causes_add().
 * `bytes` is NULL if there is none. */
struct trace_text json_causes_find(const struct json_causes *causes, const struct cause *cause);

/* Adds copies of a cause and its text. Keeps nothing of a cause that was joined with
 * signals, which differs from all others, and nothing on allocation failure. */
void json_causes_add(struct json_causes *causes, const struct cause *cause, struct trace_text text);

/* Frees a table. NULL is allowed. */
void json_causes_free(struct json_causes *causes);

#endif
