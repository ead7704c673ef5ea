/* tests/fuzz/fuzz_symbols_unwind.c - any bytes as registers, stack and ELF file of a process
 *
 * Input: 17 registers of 8 bytes, 512 bytes of stack, the last 128 of which are on two other
 * stacks, and the file, which is mapped at 0x10000 and, as a memfd, at 0x30000. Code made at run
 * time is at 0x20000. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/symbolizer.h"
#include "symbols/unwind.h"

#define REGISTERS_BYTES (17 * sizeof(uint64_t))
#define STACK_BYTES     512u
#define STACK_ADDRESS   UINT64_C(0x7ff000000000)
#define OTHER_BYTES     64u
#define OTHER_ADDRESS   UINT64_C(0xc000000000)
#define FILE_ADDRESS    UINT64_C(0x10000)
#define MADE_ADDRESS    UINT64_C(0x20000)
#define MEMFD_ADDRESS   UINT64_C(0x30000)
#define MAPPING_BYTES   65536u

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *file;
	size_t file_size;
};

static enum symbols_status open_input(void *context, pid_t pid, const struct mapping *mapping,
				      int *ret_fd)
{
	const struct input *input = context;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	(void)pid;
	(void)mapping;
	if (fd < 0)
		return SYMBOLS_IO;
	if (write(fd, input->file, input->file_size) != (ssize_t)input->file_size) {
		close(fd);
		return SYMBOLS_IO;
	}
	*ret_fd = fd;
	return SYMBOLS_OK;
}

/* The stack pointer is in the copy and the leaf in the file; the other registers are any values. */
static void set_registers(struct unwind_input *unwind_input, const uint8_t *data)
{
	for (unsigned int i = 0; i < 17; i++) {
		uint64_t value;

		memcpy(&value, data + i * sizeof(value), sizeof(value));
		registers_set(&unwind_input->registers, i, value);
	}
	unwind_input->registers.value[7] = STACK_ADDRESS + unwind_input->registers.value[7] % 64;
	unwind_input->registers.value[16] =
		FILE_ADDRESS + unwind_input->registers.value[16] % (3 * MAPPING_BYTES);
}

static void unwind_and_name(struct module_cache *cache, const struct unwind_input *unwind_input)
{
	static struct unwind_result result;

	unwind(cache, unwind_input, &result);
	for (size_t i = 0; i < result.count; i++) {
		struct symbol symbol;

		symbolizer_name(&result.frames[i], NULL, &symbol);
		if (i > 0 && !result.frames[i].mapping)
			abort(); /* a frame outside of executable mappings */
	}
}

static bool map_file(struct mappings *mappings, struct mapped_file *file)
{
	static const struct {
		uint64_t address;
		enum mapping_kind kind;
	} parts[] = {
		{FILE_ADDRESS, MAPPING_FILE},
		{MADE_ADDRESS, MAPPING_ANONYMOUS},
		{MEMFD_ADDRESS, MAPPING_MEMFD},
	};
	bool done = file != NULL;

	for (size_t i = 0; done && i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct mapping mapping = {
			.start = parts[i].address,
			.end = parts[i].address + MAPPING_BYTES,
			.kind = parts[i].kind,
			.file = parts[i].kind == MAPPING_ANONYMOUS ? NULL : file,
		};

		done = mappings_add(mappings, &mapping) == SYMBOLS_OK;
	}
	return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.file = data + REGISTERS_BYTES + STACK_BYTES};
	struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
		.open = open_input,
		.open_context = &input,
	};
	struct file_identity identity = {.inode = 1};
	struct mapped_file *file;
	struct unwind_input unwind_input = {.layout = registers_native()};
	struct module_cache *cache;
	struct mappings mappings;

	if (size < REGISTERS_BYTES + STACK_BYTES)
		return 0;
	input.file_size = size - REGISTERS_BYTES - STACK_BYTES;
	set_registers(&unwind_input, data);
	unwind_input.stack = (struct stack_copy){.address = STACK_ADDRESS,
						 .bytes = data + REGISTERS_BYTES,
						 .size_bytes = STACK_BYTES - 2 * OTHER_BYTES};
	for (size_t i = 0; i < UNWIND_OTHERS_MAX; i++)
		unwind_input.others[i] = (struct other_stack){
			.frame_pointer = i == 0 ? OTHER_ADDRESS : 0,
			.copy = {.address = OTHER_ADDRESS + i * 4096,
				 .bytes = data + REGISTERS_BYTES + STACK_BYTES -
					  (i + 1) * OTHER_BYTES,
				 .size_bytes = OTHER_BYTES},
		};
	mappings_init(&mappings, 1);
	file = mapped_file_new(&identity, "/fuzz", 0);
	unwind_input.mappings = &mappings;
	if (map_file(&mappings, file) && module_cache_new(&options, &cache) == SYMBOLS_OK) {
		unwind_and_name(cache, &unwind_input);
		module_cache_free(cache);
	}
	mapped_file_release(file);
	mappings_release(&mappings);
	return 0;
}
