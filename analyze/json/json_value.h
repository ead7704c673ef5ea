/* analyze/json/json_value.h - JSON of the contents of a file: tasks, stacks, senders and causes
 *
 * Text is appended to the buffer of a writer. On allocation failure, the buffer has `failed` set.
 */
#ifndef ANALYZE_JSON_JSON_VALUE_H
#define ANALYZE_JSON_JSON_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/cause/cause.h"
#include "analyze/json/json_cache.h"
#include "analyze/json/json_members.h"
#include "analyze/json/json_text.h"
#include "analyze/trace/trace.h"

struct json_causes;

/* Text that waits to be written, and what is kept to make it fast. */
struct json_writer {
	FILE *out;
	struct buffer buffer;
	struct json_cache *cache;   /* private; NULL: none */
	struct json_causes *causes; /* private; NULL: none */
	uint64_t second;            /* private: Unix time of `date` */
	char date[20];              /* private: "2026-11-29T15:07:24" */
};

/* Makes a writer with an empty buffer. Borrows `out`. */
struct json_writer json_writer_new(FILE *out);

/* Writes the buffer, if it is large. Returns false on allocation failure, and if the stream reports
 * an error. */
bool json_writer_continue(struct json_writer *writer);

/* Writes the whole buffer. Returns as json_writer_continue(). */
bool json_writer_flush(struct json_writer *writer);

/* Frees what the writer allocated. Can be called more than once, also for a writer that is all
 * zero. */
void json_writer_release(struct json_writer *writer);

/* Starts a member of the table: a comma if needed, and its name. */
void json_value_start(struct json_writer *writer, enum json_member_id member);

/* Appends members of the table. For text, a member of type JSON_TYPE_BYTES. */
void json_value_uint(struct json_writer *writer, enum json_member_id member, uint64_t value);
void json_value_bool(struct json_writer *writer, enum json_member_id member, bool value);
void json_value_word(struct json_writer *writer, enum json_member_id member, const char *word);
void json_value_text(struct json_writer *writer, enum json_member_id member,
		     struct trace_text text);

/* Appends a string of a file as a member of type JSON_TYPE_BYTES. Appends nothing for 0. */
void json_value_string(struct json_writer *writer, enum json_member_id member,
		       const struct trace_file *file, uint64_t id);

/* Appends a time in UTC: "2026-11-29T15:07:24.381958198Z". */
void json_value_time(struct json_writer *writer, enum json_member_id member, uint64_t unix_ns);

/* Appends the members host, boot and file. */
void json_value_file(struct json_writer *writer, const struct trace_file *file);

/* Appends the members time, host, boot and file. */
void json_value_origin(struct json_writer *writer, const struct trace_file *file, uint64_t unix_ns);

/* Appends the members of the task of an event, from pid to ancestors. */
void json_value_task(struct json_writer *writer, const struct trace_file *file,
		     const struct dz_task *task);

/* Appends member system_call_name for a number that is not negative. `machine` is as for
 * system_call_name(). */
void json_value_system_call(struct json_writer *writer, uint32_t machine, int64_t number);

/* Appends an array of frames, leaf first. */
void json_value_stack(struct json_writer *writer, const struct trace_file *file, uint64_t stack);

/* Appends {"kind":..,"signal_sender":{..},"mechanism":..,"culprit":{..},"text":..}. */
void json_value_cause(struct json_writer *writer, const struct cause *cause);

/* Appends a handled signal: {"signal":15,"signal_name":..,"kind":..,"ns":..,"sender":{..}}. */
void json_value_handled(struct json_writer *writer, const struct cause_handled *handled);

/* Appends the sender of a signal: {"pid":..,"tid":..,"comm":..,"uid":..}. */
void json_value_sender(struct json_writer *writer, const struct cause_signal *signal);

#endif
