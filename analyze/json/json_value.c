/* analyze/json/json_value.c - JSON of the contents of a file: tasks, stacks, senders and causes */
#include "analyze/json/json_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "abi/signal.h"
#include "abi/system_call.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/task_text.h"
#include "analyze/json/json_causes.h"
#include "analyze/trace/ancestors.h"
#include "analyze/trace/call_chain.h"
#include "analyze/trace/container.h"

/* The buffer is written when it has this size. */
#define BUFFER_BYTES ((size_t)64 << 10)

#define NS_PER_SECOND UINT64_C(1000000000)

/* A user id that is unknown. */
#define UNKNOWN_ID UINT32_MAX

/* What the texts in the cache are of. A system call is added to SENDER, a kind and a signal to
 * CULPRIT. */
enum {
	OF_FILE,
	OF_CGROUP,
	OF_ANCESTORS,
	OF_SYSTEM_CALL,
	OF_FRAME,
	OF_STACK,
	OF_SENDER,
	OF_CULPRIT,
	OF_COUNT,
};

struct json_writer json_writer_new(FILE *out)
{
	return (struct json_writer){
		.out = out,
		.cache = json_cache_new(),
		.causes = json_causes_new(),
		.second = UINT64_MAX,
	};
}

/* Writes all but the last byte, which the next comma depends on. */
bool json_writer_continue(struct json_writer *writer)
{
	struct buffer *buffer = &writer->buffer;

	if (buffer->failed)
		return false;
	if (buffer->size < BUFFER_BYTES)
		return true;
	fwrite(buffer->data, 1, buffer->size - 1, writer->out);
	buffer->data[0] = buffer->data[buffer->size - 1];
	buffer->size = 1;
	return !ferror(writer->out);
}

bool json_writer_flush(struct json_writer *writer)
{
	struct buffer *buffer = &writer->buffer;
	bool ok = !buffer->failed;

	if (ok && buffer->size > 0)
		fwrite(buffer->data, 1, buffer->size, writer->out);
	buffer_clear(buffer);
	return ok && !ferror(writer->out);
}

void json_writer_release(struct json_writer *writer)
{
	buffer_release(&writer->buffer);
	json_cache_free(writer->cache);
	json_causes_free(writer->causes);
	writer->cache = NULL;
	writer->causes = NULL;
}

/* Appends the text of a key, if it is known. Returns false if not, with the place where the caller
 * then starts in *ret_start. */
static bool recall(struct json_writer *writer, const struct json_cache_key *key, size_t *ret_start)
{
	struct trace_text text = json_cache_find(writer->cache, key);

	*ret_start = writer->buffer.size;
	if (!text.bytes)
		return false;
	json_text_raw(&writer->buffer, text);
	return true;
}

/* Keeps the text that the caller has appended since recall(). */
static void remember(struct json_writer *writer, const struct json_cache_key *key, size_t start)
{
	const struct buffer *buffer = &writer->buffer;

	if (!buffer->failed)
		json_cache_add(writer->cache, key,
			       (struct trace_text){(const char *)buffer->data + start,
						   buffer->size - start});
}

void json_value_start(struct json_writer *writer, enum json_member_id member)
{
	json_text_comma(&writer->buffer);
	json_text_raw(&writer->buffer, json_members[member].start);
}

void json_value_uint(struct json_writer *writer, enum json_member_id member, uint64_t value)
{
	json_value_start(writer, member);
	json_text_uint(&writer->buffer, value);
}

void json_value_bool(struct json_writer *writer, enum json_member_id member, bool value)
{
	json_value_start(writer, member);
	json_text_bool(&writer->buffer, value);
}

void json_value_word(struct json_writer *writer, enum json_member_id member, const char *word)
{
	json_value_start(writer, member);
	json_text_word(&writer->buffer, word);
}

void json_value_text(struct json_writer *writer, enum json_member_id member, struct trace_text text)
{
	json_text_member(&writer->buffer, json_members[member].name, text);
}

void json_value_string(struct json_writer *writer, enum json_member_id member,
		       const struct trace_file *file, uint64_t id)
{
	if (id != 0 && id != DZ_ID_DAMAGED)
		json_value_text(writer, member, trace_text(file, id));
}

static void put_boot(struct json_writer *writer, const struct trace_file *file)
{
	const uint8_t *id = dz_reader_header(file->reader)->boot_id;
	char text[40];
	size_t used = 0;
	bool is_known = false;

	for (size_t i = 0; i < 16; i++) {
		is_known |= id[i] != 0;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%02x",
					 i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
	}
	if (is_known)
		json_value_word(writer, JSON_MEMBER_BOOT, text);
}

void json_value_file(struct json_writer *writer, const struct trace_file *file)
{
	const struct json_cache_key key = {file, 0, OF_FILE};
	struct dz_bytes host;
	size_t start;

	if (recall(writer, &key, &start))
		return;
	host = dz_reader_info(file->reader, "host.name");
	if (host.size > 0)
		json_value_text(writer, JSON_MEMBER_HOST,
				(struct trace_text){(const char *)host.data, host.size});
	put_boot(writer, file);
	json_value_text(writer, JSON_MEMBER_FILE,
			call_base_name((struct trace_text){file->path, strlen(file->path)}));
	remember(writer, &key, start);
}

void json_value_time(struct json_writer *writer, enum json_member_id member, uint64_t unix_ns)
{
	uint64_t second = unix_ns / NS_PER_SECOND;
	uint32_t rest = (uint32_t)(unix_ns % NS_PER_SECOND);
	char digits[] = ".000000000Z\"";
	time_t seconds = (time_t)second;
	struct tm date;

	if (second != writer->second) {
		if (!gmtime_r(&seconds, &date) ||
		    strftime(writer->date, sizeof(writer->date), "%Y-%m-%dT%H:%M:%S", &date) == 0)
			return;
		writer->second = second;
	}
	for (size_t i = 9; i >= 1; i--) {
		digits[i] = (char)('0' + rest % 10);
		rest /= 10;
	}
	json_value_start(writer, member);
	buffer_put_u8(&writer->buffer, '"');
	buffer_put(&writer->buffer, writer->date, strlen(writer->date));
	buffer_put(&writer->buffer, digits, sizeof(digits) - 1);
}

void json_value_origin(struct json_writer *writer, const struct trace_file *file, uint64_t unix_ns)
{
	json_value_time(writer, JSON_MEMBER_TIME, unix_ns);
	json_value_file(writer, file);
}

/* Appends the number of a process, and its number in its pid namespace if that is another one. */
static void put_pids(struct json_writer *writer, const struct dz_task *task)
{
	json_value_uint(writer, JSON_MEMBER_TASK_PID, task->pid);
	if (task->ns_pid != 0 && task->ns_pid != task->pid)
		json_value_uint(writer, JSON_MEMBER_TASK_NS_PID, task->ns_pid);
}

static void put_ancestor(struct json_writer *writer, const struct trace_file *file,
			 const struct dz_task *task)
{
	json_text_comma(&writer->buffer);
	buffer_put_u8(&writer->buffer, '{');
	put_pids(writer, task);
	json_value_string(writer, JSON_MEMBER_TASK_COMM, file, task->comm);
	json_value_string(writer, JSON_MEMBER_TASK_CMDLINE, file, task->command_line);
	buffer_put_u8(&writer->buffer, '}');
}

/* The ancestors of a task are those of its parent, and the parent. */
static void put_ancestors(struct json_writer *writer, enum json_member_id member,
			  const struct trace_file *file, const struct dz_task *task)
{
	/* Id 0 is no task, and the COMMAND has no ancestors. */
	const struct json_cache_key key = {file, trace_is_command(file, task) ? 0 : task->parent,
					   OF_ANCESTORS};
	struct ancestor_list ancestors;
	size_t start;

	json_value_start(writer, member);
	if (recall(writer, &key, &start))
		return;
	ancestors = ancestors_of(file, task);
	buffer_put_u8(&writer->buffer, '[');
	for (size_t i = 0; i < ancestors.count; i++)
		put_ancestor(writer, file, ancestors.tasks[i]);
	buffer_put_u8(&writer->buffer, ']');
	remember(writer, &key, start);
}

static void put_cgroup(struct json_writer *writer, const struct trace_file *file, uint64_t id)
{
	const struct json_cache_key key = {file, id, OF_CGROUP};
	struct container container;
	struct trace_text path;
	size_t start;

	if (id == 0 || id == DZ_ID_DAMAGED || recall(writer, &key, &start))
		return;
	path = trace_text(file, id);
	container = container_find(path);
	json_value_text(writer, JSON_MEMBER_CGROUP, path);
	if (container.id.size > 0)
		json_value_text(writer, JSON_MEMBER_CONTAINER, container.id);
	if (container.pod[0] != '\0')
		json_value_word(writer, JSON_MEMBER_POD, container.pod);
	if (container.unit.size > 0)
		json_value_text(writer, JSON_MEMBER_UNIT, container.unit);
	remember(writer, &key, start);
}

void json_value_task(struct json_writer *writer, const struct trace_file *file,
		     const struct dz_task *task)
{
	const struct dz_task *parent = dz_reader_task(file->reader, task->parent);

	json_value_uint(writer, JSON_MEMBER_PID, task->pid);
	json_value_uint(writer, JSON_MEMBER_TID, task->tid);
	json_value_string(writer, JSON_MEMBER_COMM, file, task->comm);
	if (parent)
		json_value_uint(writer, JSON_MEMBER_PPID, parent->pid);
	if (task->uid != UNKNOWN_ID)
		json_value_uint(writer, JSON_MEMBER_UID, task->uid);
	json_value_string(writer, JSON_MEMBER_CMDLINE, file, task->command_line);
	if (task->ns_pid != 0)
		json_value_uint(writer, JSON_MEMBER_NS_PID, task->ns_pid);
	put_cgroup(writer, file, task->cgroup);
	put_ancestors(writer, JSON_MEMBER_ANCESTORS, file, task);
}

void json_value_system_call(struct json_writer *writer, uint32_t machine, int64_t number)
{
	const struct json_cache_key key = {NULL, (uint64_t)number,
					   OF_SYSTEM_CALL + (uint64_t)machine * OF_COUNT};
	size_t start;

	if (number < 0 || number > INT32_MAX || recall(writer, &key, &start))
		return;
	json_value_word(writer, JSON_MEMBER_SYSTEM_CALL_NAME,
			system_call_name(machine, (int32_t)number).text);
	remember(writer, &key, start);
}

static void put_module(struct json_writer *writer, const struct trace_file *file,
		       const struct dz_frame *frame)
{
	const struct dz_module *module = dz_reader_module(file->reader, frame->module);
	struct trace_text build_id;

	json_value_text(writer, JSON_MEMBER_MODULE, trace_text(file, module ? module->path : 0));
	build_id = trace_text(file, module ? module->build_id : 0);
	if (build_id.size == 0)
		return;
	json_value_start(writer, JSON_MEMBER_BUILD_ID);
	json_text_bytes(&writer->buffer, build_id);
}

static void put_source(struct json_writer *writer, const struct trace_file *file,
		       const struct dz_frame *frame)
{
	struct trace_text source = trace_text(file, frame->file);

	if (frame->inlined)
		json_value_bool(writer, JSON_MEMBER_INLINED, true);
	if (source.size == 0)
		return;
	json_value_text(writer, JSON_MEMBER_FRAME_FILE, source);
	json_value_uint(writer, JSON_MEMBER_LINE, frame->line);
}

/* Appends the members of a frame. The symbol as the symbol table spells it is there if it is not
 * shown like this. */
static void put_frame(struct json_writer *writer, const struct trace_file *file,
		      const struct dz_frame *frame)
{
	char name[CALL_NAME_MAX];
	struct trace_text symbol = {name, call_frame_name(file, frame, name)};
	struct trace_text raw = trace_text(file, frame ? frame->symbol : 0);

	if (frame && frame->symbol == 0)
		symbol.size = 0;
	json_value_text(writer, JSON_MEMBER_SYMBOL, symbol);
	if (!frame)
		return;
	if (raw.size > 0 && trace_text_compare(raw, symbol) != 0)
		json_value_text(writer, JSON_MEMBER_RAW_SYMBOL, raw);
	put_module(writer, file, frame);
	json_value_uint(writer, JSON_MEMBER_OFFSET, frame->offset);
	put_source(writer, file, frame);
}

/* Appends a frame of a stack. */
static void put_call(struct json_writer *writer, const struct trace_file *file,
		     const struct dz_stack *link)
{
	const struct json_cache_key key = {file, link ? link->frame : 0, OF_FRAME};
	size_t start;

	json_text_comma(&writer->buffer);
	if (recall(writer, &key, &start))
		return;
	buffer_put_u8(&writer->buffer, '{');
	put_frame(writer, file, link ? dz_reader_frame(file->reader, link->frame) : NULL);
	buffer_put_u8(&writer->buffer, '}');
	remember(writer, &key, start);
}

void json_value_stack(struct json_writer *writer, const struct trace_file *file, uint64_t stack)
{
	const struct json_cache_key key = {file, stack, OF_STACK};
	size_t start;

	if (recall(writer, &key, &start))
		return;
	buffer_put_u8(&writer->buffer, '[');
	for (size_t i = 0; stack != 0 && i < CALL_CHAIN_MAX; i++) {
		const struct dz_stack *link = dz_reader_stack(file->reader, stack);

		put_call(writer, file, link);
		stack = link ? link->caller : 0;
	}
	buffer_put_u8(&writer->buffer, ']');
	remember(writer, &key, start);
}

static void put_sender(struct json_writer *writer, const struct cause_signal *signal,
		       const struct dz_task *task)
{
	const struct trace_file *file = signal->file;
	struct system_call_name call = task_text_sending_call(signal);

	if (call.text[0] != '\0')
		json_value_word(writer, JSON_MEMBER_FUNCTION, call.text);
	put_pids(writer, task);
	json_value_uint(writer, JSON_MEMBER_TASK_TID, task->tid);
	json_value_string(writer, JSON_MEMBER_TASK_COMM, file, task->comm);
	if (task->uid != UNKNOWN_ID)
		json_value_uint(writer, JSON_MEMBER_TASK_UID, task->uid);
	json_value_string(writer, JSON_MEMBER_TASK_CGROUP, file, task->cgroup);
	put_ancestors(writer, JSON_MEMBER_TASK_ANCESTORS, file, task);
}

void json_value_sender(struct json_writer *writer, const struct cause_signal *signal)
{
	const struct json_cache_key key = {
		signal->file, signal->row.task,
		OF_SENDER + (signal->row.system_call * 2 + signal->row.compat) * OF_COUNT};
	const struct dz_task *task;
	size_t start;

	if (recall(writer, &key, &start))
		return;
	task = dz_reader_task(signal->file->reader, signal->row.task);
	buffer_put_u8(&writer->buffer, '{');
	if (task)
		put_sender(writer, signal, task);
	buffer_put_u8(&writer->buffer, '}');
	remember(writer, &key, start);
}

static void put_delivered_sender(struct json_writer *writer, const struct dz_delivery *row)
{
	buffer_put_u8(&writer->buffer, '{');
	json_value_uint(writer, JSON_MEMBER_TASK_PID, row->sender_pid);
	json_value_uint(writer, JSON_MEMBER_TASK_UID, row->sender_uid);
	buffer_put_u8(&writer->buffer, '}');
}

/* Appends a frame as a member. Appends nothing for NULL. */
static void put_place(struct json_writer *writer, enum json_member_id member,
		      const struct trace_file *file, const struct dz_frame *frame)
{
	if (!frame)
		return;
	json_value_start(writer, member);
	buffer_put_u8(&writer->buffer, '{');
	put_frame(writer, file, frame);
	buffer_put_u8(&writer->buffer, '}');
}

/* Appends the mechanism and the culprit, if they are in the stack. They depend on the kind, the
 * signal and the stack alone. */
static void put_culprit(struct json_writer *writer, const struct cause *cause)
{
	struct cause storage;
	const struct cause *first = cause_at_fault(cause, &storage);
	const uint64_t what = OF_CULPRIT + (first->signal * UINT64_C(64) + first->kind) * OF_COUNT;
	const struct json_cache_key key = {first->user.file, first->user.stack, what};
	struct culprit culprit;
	size_t start;

	if (recall(writer, &key, &start))
		return;
	culprit = culprit_find(first);
	if (culprit.how)
		json_value_word(writer, JSON_MEMBER_MECHANISM, culprit.how);
	put_place(writer, JSON_MEMBER_CULPRIT, first->user.file, culprit.frame);
	put_place(writer, JSON_MEMBER_CALLER, first->user.file, culprit.caller);
	remember(writer, &key, start);
}

static void put_cause(struct json_writer *writer, const struct cause *cause)
{
	struct buffer *out = &writer->buffer;
	char *text = cause_text_string(cause);

	out->failed |= !text;
	buffer_put_u8(out, '{');
	json_value_word(writer, JSON_MEMBER_KIND, cause_kind_name(cause->kind));
	if (cause_sender(cause)) {
		json_value_start(writer, JSON_MEMBER_SIGNAL_SENDER);
		json_value_sender(writer, &cause->generated);
	} else if (cause->kind == CAUSE_SIGNAL) {
		json_value_start(writer, JSON_MEMBER_SIGNAL_SENDER);
		put_delivered_sender(writer, &cause->delivery.row);
	}
	put_culprit(writer, cause);
	if (text)
		json_value_word(writer, JSON_MEMBER_TEXT, text);
	buffer_put_u8(out, '}');
	free(text);
}

void json_value_cause(struct json_writer *writer, const struct cause *cause)
{
	struct trace_text known = json_causes_find(writer->causes, cause);
	size_t start = writer->buffer.size;

	if (known.bytes) {
		json_text_raw(&writer->buffer, known);
		return;
	}
	put_cause(writer, cause);
	if (!writer->buffer.failed)
		json_causes_add(writer->causes, cause,
				(struct trace_text){(const char *)writer->buffer.data + start,
						    writer->buffer.size - start});
}

void json_value_handled(struct json_writer *writer, const struct cause_handled *handled)
{
	uint32_t number = (uint32_t)handled->delivery.row.signal;

	buffer_put_u8(&writer->buffer, '{');
	json_value_uint(writer, JSON_MEMBER_HANDLED_SIGNAL, number);
	json_value_word(writer, JSON_MEMBER_HANDLED_NAME, signal_name(number).text);
	json_value_word(writer, JSON_MEMBER_KIND, cause_kind_name(handled->kind));
	json_value_uint(writer, JSON_MEMBER_NS, handled->before_ns);
	if (handled->kind == CAUSE_SIGNAL) {
		json_value_start(writer, JSON_MEMBER_SENDER);
		if (handled->generated.file)
			json_value_sender(writer, &handled->generated);
		else
			put_delivered_sender(writer, &handled->delivery.row);
	}
	buffer_put_u8(&writer->buffer, '}');
}
