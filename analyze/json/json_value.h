/* analyze/json/json_value.h - JSON values for the contents of a file
 *
 * Functions with an object add a member `name` to it. They borrow the object, and return false on
 * allocation failure. Text that is not UTF-8 is written with U+FFFD for each invalid byte, and the
 * member NAME_hex beside it has the original bytes. Functions that return json_t return a new
 * reference, NULL on allocation failure.
 */
#ifndef ANALYZE_JSON_JSON_VALUE_H
#define ANALYZE_JSON_JSON_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

/* An integer. An unsigned value above INT64_MAX becomes INT64_MAX. */
bool json_value_uint(json_t *object, const char *name, uint64_t value);
bool json_value_int(json_t *object, const char *name, int64_t value);
bool json_value_bool(json_t *object, const char *name, bool value);

/* Trusted text in UTF-8. */
bool json_value_word(json_t *object, const char *name, const char *word);

/* Text from a file. */
bool json_value_text(json_t *object, const char *name, struct trace_text text);

/* "0x7ffd5c3e": an address can exceed the range of JSON numbers. */
bool json_value_hex(json_t *object, const char *name, uint64_t value);

/* Any value. Takes ownership of `value`, also on failure. NULL counts as an allocation failure. */
bool json_value_set(json_t *object, const char *name, json_t *value);

/* [{"pid":..,"comm":..}], parent first. */
json_t *json_value_ancestors(const struct trace_file *file, const struct dz_task *task);

/* An array of frames, leaf first. */
json_t *json_value_stack(const struct trace_file *file, uint64_t stack);

/* {"kind":..,"signal_sender":{..},"mechanism":..,"culprit":{..},"text":..}. */
json_t *json_value_cause(const struct cause *cause);

/* A handled signal: {"signal":15,"signal_name":..,"kind":..,"ns":..,"sender":{..}}. */
json_t *json_value_handled(const struct cause_handled *handled);

/* The sender of a signal: {"pid":..,"tid":..,"comm":..,"uid":..}. */
json_t *json_value_sender(const struct cause_signal *signal);

/* Writes an object as one line of ASCII without control characters. Returns false on allocation
 * failure, and if the stream reports an error. */
bool json_value_write(FILE *out, const json_t *object);

/* As json_value_write(), but without the newline, for an object inside another one. The second
 * function also omits the braces, so that the caller can write more members, one at a time. */
bool json_value_write_part(FILE *out, const json_t *object);
bool json_value_write_members(FILE *out, const json_t *object);

#endif
