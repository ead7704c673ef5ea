/* analyze/json/json_value.h - JSON values made of what a file holds
 *
 * Every function takes the object over which it writes from the caller (borrowed), and returns
 * false without memory. Text that is no UTF-8 is written with U+FFFD for each wrong byte, and
 * beside it a member NAME_hex holds the bytes as they are.
 */
#ifndef ANALYZE_JSON_JSON_VALUE_H
#define ANALYZE_JSON_JSON_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

/* A whole number; what JSON readers cannot hold in 63 bits becomes the largest that they can. */
bool json_value_uint(json_t *object, const char *name, uint64_t value);
bool json_value_int(json_t *object, const char *name, int64_t value);
bool json_value_bool(json_t *object, const char *name, bool value);

/* A static or otherwise trusted text. */
bool json_value_word(json_t *object, const char *name, const char *word);

/* Text from a file. */
bool json_value_text(json_t *object, const char *name, struct trace_text text);

/* "0x7ffd5c3e": addresses do not fit into the numbers of JSON */
bool json_value_hex(json_t *object, const char *name, uint64_t value);

/* Takes `value` over, which may be NULL for lack of memory. */
bool json_value_set(json_t *object, const char *name, json_t *value);

/* [{"pid":..,"comm":..}], parent first. NULL without memory. */
json_t *json_value_ancestors(const struct trace_file *file, const struct dz_task *task);

/* An array of frames, leaf first. NULL without memory. */
json_t *json_value_stack(const struct trace_file *file, uint64_t stack);

/* {"kind":..,"signal_sender":{..},"mechanism":..,"culprit":{..},"text":..}. NULL without memory. */
json_t *json_value_cause(const struct cause *cause);

/* Who sent a signal: {"pid":..,"tid":..,"comm":..,"uid":..}. NULL without memory. */
json_t *json_value_sender(const struct cause_signal *signal);

/* Writes an object as one line of ASCII without control characters; false without memory or if the
 * stream reports an error. */
bool json_value_write(FILE *out, const json_t *object);

/* The same without the end of the line, for what is inside of another object; and without the
 * braces as well, for an object to which more is added than memory should hold. */
bool json_value_write_part(FILE *out, const json_t *object);
bool json_value_write_members(FILE *out, const json_t *object);

#endif
