/* analyze/report/recorded_command.c - the COMMAND that a recording was made of */
#include "analyze/report/recorded_command.h"

#include <stdbool.h>
#include <string.h>

#include "text/quantity.h"

#define RECORDER "diag-record"

uint64_t recorded_command_pid(const struct trace_file *file)
{
	struct dz_bytes value = dz_reader_info(file->reader, "command.pid");
	char digits[24];
	uint64_t pid;

	if (value.size == 0 || value.size >= sizeof(digits))
		return 0;
	memcpy(digits, value.data, value.size);
	digits[value.size] = '\0';
	return quantity_parse_count(digits, UINT32_MAX, &pid) ? pid : 0;
}

const struct trace_file *recorded_command_file(const struct trace *trace)
{
	const struct trace_file *file;

	for (size_t i = 0; (file = trace_file(trace, i)); i++)
		if (file->reader &&
		    (recorded_command_pid(file) != 0 || recorded_command_words(file).size > 0))
			return file;
	return NULL;
}

struct trace_text recorded_command_words(const struct trace_file *file)
{
	struct dz_bytes words = dz_reader_info(file->reader, "command.arguments");

	if (words.size == 0)
		words = dz_reader_info(file->reader, "filter.command");
	return (struct trace_text){words.data ? (const char *)words.data : "", words.size};
}

static bool is_recorder(const struct trace_file *file, const struct dz_task *task)
{
	struct trace_text comm = trace_text(file, trace_process_comm(task));

	return comm.size == strlen(RECORDER) && memcmp(comm.bytes, RECORDER, comm.size) == 0;
}

struct ancestor_list recorded_command_ancestors(const struct trace_file *file,
						const struct dz_task *task)
{
	struct ancestor_list ancestors = ancestors_of(file, task);
	uint64_t command = recorded_command_pid(file);

	if (task && command != 0 && task->pid == command)
		ancestors.count = 0;
	for (size_t i = 0; i < ancestors.count; i++) {
		if (is_recorder(file, ancestors.tasks[i]))
			ancestors.count = i;
		else if (command != 0 && ancestors.tasks[i]->pid == command)
			ancestors.count = i + 1;
	}
	return ancestors;
}
