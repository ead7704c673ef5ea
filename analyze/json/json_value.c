/* analyze/json/json_value.c - JSON values for the contents of a file */
#include "analyze/json/json_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/ancestors.h"
#include "analyze/trace/call_chain.h"
#include "text/utf8.h"

#define NAME_MAX_BYTES 80u

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

bool json_value_set(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new_nocheck(object, name, value) == 0;
}

bool json_value_int(json_t *object, const char *name, int64_t value)
{
	return json_value_set(object, name, json_integer(value));
}

bool json_value_uint(json_t *object, const char *name, uint64_t value)
{
	return json_value_int(object, name, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

bool json_value_bool(json_t *object, const char *name, bool value)
{
	return json_value_set(object, name, json_boolean(value));
}

bool json_value_word(json_t *object, const char *name, const char *word)
{
	return json_value_set(object, name, json_string(word));
}

bool json_value_hex(json_t *object, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_value_word(object, name, text);
}

static bool set_bytes(json_t *object, const char *name, struct trace_text text)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = malloc(text.size * 2 + 1);
	bool ok;

	if (!hex)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = (uint8_t)text.bytes[i];

		hex[2 * i] = digits[byte >> 4];
		hex[2 * i + 1] = digits[byte & 15];
	}
	ok = json_value_set(object, name, json_stringn_nocheck(hex, text.size * 2));
	free(hex);
	return ok;
}

/* Copies text with every invalid byte replaced, and returns the bytes written to `out`, which must
 * have room for three for each byte of the text. */
static size_t repair(struct trace_text text, char *out)
{
	size_t used = 0;

	for (size_t at = 0; at < text.size;) {
		size_t length;
		bool valid = utf8_step(text.bytes + at, text.size - at, &length) != UTF8_INVALID;
		const char *from = valid ? text.bytes + at : replacement;
		size_t size = valid ? length : sizeof(replacement) - 1;

		memcpy(out + used, from, size);
		used += size;
		at += length;
	}
	return used;
}

static bool is_utf8(struct trace_text text)
{
	for (size_t at = 0; at < text.size;) {
		size_t length;

		if (utf8_step(text.bytes + at, text.size - at, &length) == UTF8_INVALID)
			return false;
		at += length;
	}
	return true;
}

bool json_value_text(json_t *object, const char *name, struct trace_text text)
{
	json_t *plain = json_stringn(text.size > 0 ? text.bytes : "", text.size);
	char bytes_name[NAME_MAX_BYTES];
	char *repaired;
	size_t size;
	bool ok;

	/* json_stringn() returns NULL both for invalid UTF-8 and on allocation failure. */
	if (plain || is_utf8(text))
		return json_value_set(object, name, plain);
	repaired = malloc(text.size * 3 + 1);
	if (!repaired)
		return false;
	size = repair(text, repaired);
	snprintf(bytes_name, sizeof(bytes_name), "%s_hex", name);
	ok = json_value_set(object, name, json_stringn(repaired, size)) &&
	     set_bytes(object, bytes_name, text);
	free(repaired);
	return ok;
}

/* Sets the number of a process, and its number in its pid namespace if that is another one. */
static bool set_pids(json_t *object, const struct dz_task *task)
{
	return json_value_uint(object, "pid", task->pid) &&
	       (task->ns_pid == 0 || task->ns_pid == task->pid ||
		json_value_uint(object, "ns_pid", task->ns_pid));
}

static bool set_ancestor(json_t *object, const struct trace_file *file, const struct dz_task *task)
{
	return set_pids(object, task) &&
	       json_value_text(object, "comm", trace_text(file, task->comm)) &&
	       (task->command_line == 0 ||
		json_value_text(object, "cmdline", trace_text(file, task->command_line)));
}

json_t *json_value_ancestors(const struct trace_file *file, const struct dz_task *task)
{
	struct ancestor_list ancestors = ancestors_of(file, task);
	json_t *array = json_array();

	for (size_t i = 0; array && i < ancestors.count; i++) {
		json_t *object = json_object();

		if (object && set_ancestor(object, file, ancestors.tasks[i]) &&
		    json_array_append_new(array, object) == 0)
			continue;
		json_decref(array);
		return NULL;
	}
	return array;
}

static bool set_module(json_t *object, const struct trace_file *file, const struct dz_frame *frame)
{
	const struct dz_module *module = dz_reader_module(file->reader, frame->module);
	struct trace_text build_id;

	if (!json_value_text(object, "module", call_frame_module(file, frame)))
		return false;
	build_id = trace_text(file, module ? module->build_id : 0);
	return build_id.size == 0 || set_bytes(object, "build_id", build_id);
}

static bool set_source(json_t *object, const struct trace_file *file, const struct dz_frame *frame)
{
	struct trace_text source = trace_text(file, frame->file);

	if (frame->inlined && !json_value_bool(object, "inlined", true))
		return false;
	return source.size == 0 || (json_value_text(object, "file", source) &&
				    json_value_uint(object, "line", frame->line));
}

/* Sets the symbol as the symbol table spells it, if this is not how it is shown. */
static bool set_raw_symbol(json_t *object, const struct trace_file *file,
			   const struct dz_frame *frame, struct trace_text shown)
{
	struct trace_text raw = trace_text(file, frame->symbol);

	if (raw.size == 0 ||
	    (raw.size == shown.size && memcmp(raw.bytes, shown.bytes, raw.size) == 0))
		return true;
	return json_value_text(object, "raw_symbol", raw);
}

static bool set_frame(json_t *object, const struct trace_file *file, const struct dz_frame *frame)
{
	char name[CALL_NAME_MAX];
	struct trace_text symbol = {name, call_frame_name(file, frame, name)};

	if (!frame)
		return json_value_text(object, "symbol", symbol);
	if (frame->symbol == 0)
		symbol.size = 0;
	return json_value_text(object, "symbol", symbol) &&
	       set_raw_symbol(object, file, frame, symbol) && set_module(object, file, frame) &&
	       json_value_uint(object, "offset", frame->offset) && set_source(object, file, frame);
}

json_t *json_value_stack(const struct trace_file *file, uint64_t stack)
{
	struct call_chain chain;
	json_t *array = json_array();

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; array && i < chain.count; i++) {
		json_t *object = json_object();

		if (object && set_frame(object, file, chain.frames[i]) &&
		    json_array_append_new(array, object) == 0)
			continue;
		json_decref(array);
		return NULL;
	}
	return array;
}

static bool set_sender(json_t *object, const struct cause_signal *signal,
		       const struct dz_task *task)
{
	const struct trace_file *file = signal->file;
	struct system_call_name call = task_text_sending_call(signal);

	if (call.text[0] != '\0' && !json_value_word(object, "function", call.text))
		return false;
	return set_pids(object, task) && json_value_uint(object, "tid", task->tid) &&
	       json_value_text(object, "comm", trace_text(file, task->comm)) &&
	       json_value_uint(object, "uid", task->uid) &&
	       json_value_text(object, "cgroup", trace_text(file, task->cgroup)) &&
	       json_value_set(object, "ancestors", json_value_ancestors(file, task));
}

json_t *json_value_sender(const struct cause_signal *signal)
{
	const struct dz_task *task = dz_reader_task(signal->file->reader, signal->row.task);
	json_t *object = json_object();

	if (object && (!task || set_sender(object, signal, task)))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *delivered_sender(const struct dz_delivery *row)
{
	json_t *object = json_object();

	if (object && json_value_uint(object, "pid", row->sender_pid) &&
	    json_value_uint(object, "uid", row->sender_uid))
		return object;
	json_decref(object);
	return NULL;
}

/* Sets a frame as a member. Sets nothing for NULL. */
static bool set_place(json_t *object, const char *name, const struct trace_file *file,
		      const struct dz_frame *frame)
{
	json_t *place;

	if (!frame)
		return true;
	place = json_object();
	if (place && set_frame(place, file, frame))
		return json_value_set(object, name, place);
	json_decref(place);
	return false;
}

/* Sets the mechanism and the culprit, if they are in the stack. */
static bool set_culprit(json_t *object, const struct cause *cause)
{
	struct cause first = cause_at_fault(cause);
	struct culprit culprit = culprit_find(&first);

	if (culprit.how && !json_value_word(object, "mechanism", culprit.how))
		return false;
	return set_place(object, "culprit", first.user.file, culprit.frame) &&
	       set_place(object, "caller", first.user.file, culprit.caller);
}

static bool set_cause(json_t *object, const struct cause *cause)
{
	char *text = cause_text_string(cause);
	bool ok = text && json_value_word(object, "kind", cause_kind_name(cause->kind));

	if (ok && cause_sender(cause))
		ok = json_value_set(object, "signal_sender", json_value_sender(&cause->generated));
	else if (ok && cause->kind == CAUSE_SIGNAL)
		ok = json_value_set(object, "signal_sender",
				    delivered_sender(&cause->delivery.row));
	ok = ok && set_culprit(object, cause) &&
	     json_value_text(object, "text", (struct trace_text){text, strlen(text)});
	free(text);
	return ok;
}

json_t *json_value_cause(const struct cause *cause)
{
	json_t *object = json_object();

	if (object && set_cause(object, cause))
		return object;
	json_decref(object);
	return NULL;
}

/* Sets the sender of a handled signal, if a process sent it. */
static bool set_handled_sender(json_t *object, const struct cause_handled *handled)
{
	if (handled->kind != CAUSE_SIGNAL)
		return true;
	return json_value_set(object, "sender",
			      handled->generated.file ? json_value_sender(&handled->generated)
						      : delivered_sender(&handled->delivery.row));
}

json_t *json_value_handled(const struct cause_handled *handled)
{
	uint32_t number = (uint32_t)handled->delivery.row.signal;
	json_t *object = json_object();

	if (object && json_value_uint(object, "signal", number) &&
	    json_value_word(object, "signal_name", signal_name(number).text) &&
	    json_value_word(object, "kind", cause_kind_name(handled->kind)) &&
	    json_value_uint(object, "ns", handled->before_ns) &&
	    set_handled_sender(object, handled))
		return object;
	json_decref(object);
	return NULL;
}

/* Collects the output of jansson, which comes a few bytes at a time. */
struct line {
	FILE *out;
	size_t used;
	char bytes[4096];
};

/* jansson does not escape DEL, a control character for terminals. */
static void flush_line(struct line *line)
{
	const char *part = line->bytes;
	size_t size = line->used;

	while (size > 0) {
		const char *del = memchr(part, 0x7f, size);
		size_t plain = del ? (size_t)(del - part) : size;

		fwrite(part, 1, plain, line->out);
		if (del)
			fputs("\\u007f", line->out);
		part += plain + (del ? 1 : 0);
		size -= plain + (del ? 1 : 0);
	}
	line->used = 0;
}

static int add_part(const char *part, size_t size, void *context)
{
	struct line *line = context;

	while (size > 0) {
		size_t room = sizeof(line->bytes) - line->used;
		size_t taken = size < room ? size : room;

		memcpy(line->bytes + line->used, part, taken);
		line->used += taken;
		part += taken;
		size -= taken;
		if (line->used == sizeof(line->bytes))
			flush_line(line);
	}
	return 0;
}

static bool dump(FILE *out, const json_t *object, size_t flags, const char *end)
{
	struct line line;

	line.out = out;
	line.used = 0;
	if (json_dump_callback(object, add_part, &line, JSON_ENSURE_ASCII | JSON_COMPACT | flags) !=
	    0)
		return false;
	add_part(end, strlen(end), &line);
	flush_line(&line);
	return !ferror(out);
}

bool json_value_write(FILE *out, const json_t *object)
{
	return dump(out, object, 0, "\n");
}

bool json_value_write_part(FILE *out, const json_t *object)
{
	return dump(out, object, 0, "");
}

bool json_value_write_members(FILE *out, const json_t *object)
{
	return dump(out, object, JSON_EMBED, "");
}
