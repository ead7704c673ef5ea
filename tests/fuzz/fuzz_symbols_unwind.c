/* tests/fuzz/fuzz_symbols_unwind.c - any bytes as registers, stack and ELF file of a process
 *
 * Input: 17 registers of 8 bytes, 512 bytes of stack, and the file, which is mapped at 0x10000. */
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
#define FILE_ADDRESS    UINT64_C(0x10000)

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
		FILE_ADDRESS + unwind_input->registers.value[16] % 65536;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.file = data + REGISTERS_BYTES + STACK_BYTES};
	struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
		.open = open_input,
		.open_context = &input,
	};
	struct file_identity identity = {.inode = 1};
	struct mapping mapping = {.start = FILE_ADDRESS, .end = FILE_ADDRESS + 65536};
	struct unwind_input unwind_input = {.layout = registers_native()};
	struct module_cache *cache;
	struct mappings mappings;

	if (size < REGISTERS_BYTES + STACK_BYTES)
		return 0;
	input.file_size = size - REGISTERS_BYTES - STACK_BYTES;
	set_registers(&unwind_input, data);
	unwind_input.stack = (struct stack_copy){.address = STACK_ADDRESS,
						 .bytes = data + REGISTERS_BYTES,
						 .size_bytes = STACK_BYTES};
	mappings_init(&mappings, 1);
	mapping.file = mapped_file_new(&identity, "/fuzz", 0);
	unwind_input.mappings = &mappings;
	if (mapping.file && mappings_add(&mappings, &mapping) == SYMBOLS_OK &&
	    module_cache_new(&options, &cache) == SYMBOLS_OK) {
		unwind_and_name(cache, &unwind_input);
		module_cache_free(cache);
	}
	mapped_file_release(mapping.file);
	mappings_release(&mappings);
	return 0;
}
