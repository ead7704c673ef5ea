/* analyze/perfetto/perfetto_stacks.c - call stacks of a Perfetto trace, each written once */
#include "analyze/perfetto/perfetto_stacks.h"

#include <pb_encode.h>
#include <string.h>

#include "analyze/trace/call_chain.h"
#include "base/array.h"

#define FRAMES_MAX (2u * CALL_CHAIN_MAX)

/* A build ID has at most this many bytes: that of SHA-512. */
#define BUILD_ID_BYTES_MAX 64u

/* A stack of a file. */
struct known_stack {
	uintptr_t file;
	uint64_t kernel_stack, user_stack;
};

struct frame_numbers {
	uint64_t ids[FRAMES_MAX]; /* the leaf first */
	size_t count;
};

typedef perfetto_protos_InternedData interned_data;

/* Without a build ID, 0. */
static uint64_t build_id_of(struct perfetto_writer *writer, const struct trace_file *file,
			    const struct dz_module *module)
{
	static const char digits[] = "0123456789abcdef";
	struct trace_text bytes = trace_text(file, module->build_id);
	char text[2 * BUILD_ID_BYTES_MAX];

	if (bytes.size == 0 || bytes.size > BUILD_ID_BYTES_MAX)
		return 0;
	for (size_t i = 0; i < bytes.size; i++) {
		text[2 * i] = digits[(unsigned char)bytes.bytes[i] >> 4];
		text[2 * i + 1] = digits[(unsigned char)bytes.bytes[i] & 15];
	}
	return perfetto_writer_name(writer, PERFETTO_BUILD_IDS,
				    (struct trace_text){text, 2 * bytes.size});
}

static uint64_t mapping_of(struct perfetto_writer *writer, const struct trace_file *file,
			   const struct dz_frame *frame)
{
	const struct dz_module *module = dz_reader_module(file->reader, frame->module);
	uint64_t key[2];
	perfetto_protos_Mapping mapping;
	bool is_new;

	if (!module)
		return 0;
	key[0] = build_id_of(writer, file, module);
	key[1] = perfetto_writer_name(writer, PERFETTO_PATHS, trace_text(file, module->path));
	mapping = (perfetto_protos_Mapping){
		.iid = perfetto_writer_number(writer, PERFETTO_MAPPINGS, key, sizeof(key), &is_new),
		.has_build_id = key[0] != 0,
		.build_id = key[0],
		.path_string_ids = key[1],
	};
	if (is_new)
		perfetto_writer_interned(writer, &(interned_data){.mappings = &mapping});
	return mapping.iid;
}

/* What makes a frame different from others. */
struct frame_key {
	uint64_t function, mapping, address, source, line;
};

static void write_frame(struct perfetto_writer *writer, uint64_t number,
			const struct frame_key *key)
{
	perfetto_protos_Frame frame = {
		.iid = number,
		.function_name_id = key->function,
		.has_mapping_id = key->mapping != 0,
		.mapping_id = key->mapping,
		.has_rel_pc = key->mapping != 0,
		.rel_pc = key->address,
		.has_source_path_iid = key->source != 0,
		.source_path_iid = key->source,
		.has_line_number = key->line != 0,
		.line_number = (uint32_t)key->line,
	};

	perfetto_writer_interned(writer, &(interned_data){.frames = &frame});
}

static uint64_t frame_of(struct perfetto_writer *writer, const struct trace_file *file,
			 const struct dz_frame *frame)
{
	char name[CALL_NAME_MAX];
	size_t size = call_frame_name(file, frame, name);
	struct frame_key key = {0};
	uint64_t number;
	bool is_new;

	key.function =
		perfetto_writer_name(writer, PERFETTO_FUNCTIONS, (struct trace_text){name, size});
	if (frame) {
		key.mapping = mapping_of(writer, file, frame);
		key.address = frame->module_offset;
		key.line = (uint32_t)frame->line;
	}
	if (frame && frame->file != 0)
		key.source = perfetto_writer_name(writer, PERFETTO_SOURCES,
						  trace_text(file, frame->file));
	number = perfetto_writer_number(writer, PERFETTO_FRAMES, &key, sizeof(key), &is_new);
	if (is_new)
		write_frame(writer, number, &key);
	return number;
}

static void add_frames(struct perfetto_writer *writer, const struct trace_file *file,
		       uint64_t stack, struct frame_numbers *numbers)
{
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count; i++)
		numbers->ids[numbers->count++] = frame_of(writer, file, chain.frames[i]);
}

/* Perfetto does not pack these numbers, so each has a tag. */
static bool encode_frames(pb_ostream_t *stream, const pb_field_t *field, void *const *argument)
{
	const struct frame_numbers *numbers = *argument;
	bool ok = true;

	for (size_t i = numbers->count; ok && i-- > 0;)
		ok = pb_encode_tag_for_field(stream, field) &&
		     pb_encode_varint(stream, numbers->ids[i]);
	return ok;
}

static uint64_t write_stack(struct perfetto_writer *writer, struct frame_numbers *numbers)
{
	perfetto_protos_Callstack stack = {
		.frame_ids = {.funcs.encode = encode_frames, .arg = numbers}};
	bool is_new;

	if (numbers->count == 0)
		return 0;
	stack.iid = perfetto_writer_number(writer, PERFETTO_STACKS, numbers->ids,
					   numbers->count * sizeof(numbers->ids[0]), &is_new);
	if (is_new)
		perfetto_writer_interned(writer, &(interned_data){.callstacks = &stack});
	return stack.iid;
}

uint64_t perfetto_stack(struct perfetto_writer *writer, const struct trace_file *file,
			uint64_t kernel_stack, uint64_t user_stack)
{
	struct known_stack key = {(uintptr_t)file, kernel_stack, user_stack};
	struct frame_numbers numbers = {.count = 0};
	uint64_t known, *grown;
	bool is_new;

	if (!file || (kernel_stack == 0 && user_stack == 0))
		return 0;
	known = perfetto_writer_number(writer, PERFETTO_KNOWN_STACKS, &key, sizeof(key), &is_new);
	if (!is_new)
		return known ? writer->stack_numbers[known - 1] : 0;
	grown = array_grow(writer->stack_numbers, &writer->stack_capacity, (size_t)known,
			   sizeof(*grown), ARRAY_NO_LIMIT);
	if (!grown) {
		writer->out_of_memory = true;
		return 0;
	}
	writer->stack_numbers = grown;
	add_frames(writer, file, kernel_stack, &numbers);
	add_frames(writer, file, user_stack, &numbers);
	grown[known - 1] = write_stack(writer, &numbers);
	return grown[known - 1];
}
