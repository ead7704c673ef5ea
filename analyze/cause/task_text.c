/* analyze/cause/task_text.c - tasks and stacks as text */
#include "analyze/cause/task_text.h"

#include <inttypes.h>
#include <string.h>

#include "analyze/trace/ancestors.h"
#include "analyze/trace/call_chain.h"
#include "text/escape.h"
#include "text/quantity.h"
#include "text/utf8.h"
#include <dz/enums.h>

/* Characters of a command line in the list of ancestors: longer ones would fill the screen. */
#define COMMAND_SHOWN 100u

void task_text_text(FILE *out, struct trace_text text)
{
	escape_write(out, ESCAPE_TERMINAL, text.bytes, text.size);
}

static size_t count_characters(const char *text, size_t size)
{
	size_t count = 0;

	while (size > 0) {
		size_t length;

		utf8_step(text, size, &length);
		text += length;
		size -= length;
		count++;
	}
	return count;
}

/* Writes at most `most` characters and sets *ret_used to their number. Returns false if the text
 * has more. */
static bool write_up_to(FILE *out, struct trace_text text, size_t most, size_t *ret_used)
{
	struct escape escape;
	char piece[ESCAPE_PIECE_MAX];
	size_t length;

	*ret_used = 0;
	escape_begin(&escape, ESCAPE_TERMINAL, text.bytes, text.size);
	while ((length = escape_next(&escape, piece)) > 0) {
		size_t characters = count_characters(piece, length);

		if (characters > most - *ret_used)
			return false;
		fwrite(piece, 1, length, out);
		*ret_used += characters;
	}
	return true;
}

void task_text_column(FILE *out, struct trace_text text, size_t width)
{
	size_t used;

	(void)write_up_to(out, text, SIZE_MAX, &used);
	if (used < width)
		fprintf(out, "%*s", (int)(width - used), "");
}

void task_text_count(FILE *out, uint64_t count, const char *thing)
{
	fprintf(out, "%s %s%s", quantity_exact(count).text, thing, count == 1 ? "" : "s");
}

void task_text_task(FILE *out, const struct trace_file *file, const struct dz_task *task)
{
	if (!task) {
		fputc('?', out);
		return;
	}
	task_text_text(out, trace_text(file, trace_process_comm(task)));
	fprintf(out, "[%" PRIu64, task->pid);
	if (task->ns_pid != 0 && task->ns_pid != task->pid)
		fprintf(out, "/%" PRIu64, task->ns_pid);
	fputc(']', out);
}

void task_text_tid(FILE *out, const struct cause_thread *thread)
{
	fprintf(out, "[%" PRIu32, thread->tid);
	if (thread->ns_tid != 0 && thread->ns_tid != thread->tid)
		fprintf(out, "/%" PRIu32, thread->ns_tid);
	fputc(']', out);
}

void task_text_command_line(FILE *out, const struct trace_file *file, const struct dz_task *task,
			    const char *indent)
{
	if (task->command_line == 0)
		return;
	fprintf(out, "%scommand: ", indent);
	task_text_text(out, trace_text(file, task->command_line));
	fputc('\n', out);
}

static void write_started(FILE *out, const struct trace_file *file, const struct dz_task *task)
{
	struct trace_text command_line = trace_text(file, task->command_line);
	size_t used;

	task_text_task(out, file, task);
	if (command_line.size > 0)
		fputs(": ", out);
	if (!write_up_to(out, command_line, COMMAND_SHOWN, &used))
		fputs(" ...", out);
	fputc('\n', out);
}

/* Kinds whose name is not a word that has a plural. */
static const struct {
	const char *kind;
	const char *noun;
	const char *rest;
} nouns[] = {
	{"runq", "wait", " for a CPU"},
	{"runq_holder", "task", " that held a CPU"},
	{"cpu", "sum", " of samples"},
	{"offcpu", "blocked time", ""},
};

static bool write_noun(FILE *out, uint64_t count, struct trace_text kind)
{
	for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++) {
		if (strlen(nouns[i].kind) != kind.size ||
		    memcmp(nouns[i].kind, kind.bytes, kind.size) != 0)
			continue;
		task_text_count(out, count, nouns[i].noun);
		fputs(nouns[i].rest, out);
		return true;
	}
	return false;
}

void task_text_events(FILE *out, uint64_t count, struct trace_text kind)
{
	bool is_plural = count != 1;

	if (write_noun(out, count, kind))
		return;
	fprintf(out, "%s ", quantity_exact(count).text);
	for (size_t i = 0; i < kind.size; i++) {
		const struct trace_text letter = {kind.bytes + i, 1};

		if (kind.bytes[i] == '_')
			fputc(' ', out);
		else if (kind.bytes[i] == 'y' && i + 1 == kind.size && is_plural)
			fputs("ie", out);
		else
			task_text_text(out, letter);
	}
	if (is_plural)
		fputc('s', out);
}

static bool has_command_line(const struct trace_file *file, const struct dz_task *task,
			     const struct ancestor_list *ancestors)
{
	bool found = trace_text(file, task->command_line).size > 0;

	for (size_t i = 0; i < ancestors->count; i++)
		found |= trace_text(file, ancestors->tasks[i]->command_line).size > 0;
	return found;
}

bool task_text_ancestor_lines(FILE *out, const char *label, const struct trace_file *file,
			      const struct dz_task *task)
{
	struct ancestor_list ancestors = ancestors_of(file, task);

	if (!task || !has_command_line(file, task, &ancestors))
		return false;
	fprintf(out, "    %s: ", label);
	write_started(out, file, task);
	for (size_t i = 0; i < ancestors.count; i++) {
		fprintf(out, "%*s", (int)strlen("    : ") + (int)strlen(label), "<- ");
		write_started(out, file, ancestors.tasks[i]);
	}
	return true;
}

void task_text_ancestors(FILE *out, const struct trace_file *file, const struct dz_task *task)
{
	struct ancestor_list ancestors = ancestors_of(file, task);

	for (size_t i = 0; i < ancestors.count; i++) {
		if (i > 0)
			fputs(" <- ", out);
		task_text_task(out, file, ancestors.tasks[i]);
	}
}

static void write_name(FILE *out, const struct trace_file *file, const struct dz_frame *frame)
{
	char name[CALL_NAME_MAX];
	size_t size = call_frame_name(file, frame, name);

	task_text_text(out, (struct trace_text){name, size});
}

void task_text_stack(FILE *out, const struct trace_file *file, uint64_t stack, size_t frames)
{
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count; i++) {
		if (i > 0)
			fputs(" <- ", out);
		if (i == frames) {
			fputs("...", out);
			return;
		}
		write_name(out, file, chain.frames[i]);
	}
}

static void write_place(FILE *out, const struct trace_file *file, const struct dz_frame *frame)
{
	struct trace_text module = call_frame_module(file, frame);
	struct trace_text source = trace_text(file, frame->file);

	if (frame->symbol != 0 && frame->type != DZ_FRAME_TYPE_MARKER && !frame->inlined)
		fprintf(out, "+0x%" PRIx64, frame->offset);
	if (module.size > 0) {
		fputs(" (", out);
		task_text_text(out, module);
		fputc(')', out);
	}
	if (source.size > 0) {
		fputs(" at ", out);
		task_text_text(out, source);
		fprintf(out, ":%" PRIu64, frame->line);
	}
	if (frame->inlined)
		fputs(" [inlined]", out);
}

void task_text_stack_lines(FILE *out, const struct trace_file *file, uint64_t stack,
			   const char *indent)
{
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count; i++) {
		fputs(indent, out);
		write_name(out, file, chain.frames[i]);
		if (chain.frames[i])
			write_place(out, file, chain.frames[i]);
		fputc('\n', out);
	}
}
