/* tests/symbols/test_special_functions.c - symbols/special_functions.c and their use in unwind() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/special_functions.h"
#include "symbols/symbolizer.h"
#include "symbols/unwind.h"
#include "tests/symbols/made_elf.h"

#define FILE_ADDRESS  UINT64_C(0x7f0000000000)
#define STACK_ADDRESS UINT64_C(0x7ff000000000)
#define TEXT_OFFSET   (sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr))

static enum special_function_kind kind_of(const char *name)
{
	struct special_functions special_functions = {.count = 0};

	special_functions_note(&special_functions, name, 0x1000, 0x10);
	return special_functions_find(&special_functions, 0x100f);
}

static void test_functions_are_known_by_their_names(void **state)
{
	(void)state;
	assert_int_equal(kind_of("__restore_rt"), SPECIAL_FUNCTION_SIGNAL_RETURN);
	assert_int_equal(kind_of("runtime.sigreturn__sigaction.abi0"),
			 SPECIAL_FUNCTION_SIGNAL_RETURN);
	assert_int_equal(kind_of("runtime.systemstack.abi0"), SPECIAL_FUNCTION_STACK_SWITCH);
	assert_int_equal(kind_of("runtime.mcall"), SPECIAL_FUNCTION_STACK_SWITCH);
	assert_int_equal(kind_of("_start"), SPECIAL_FUNCTION_OUTERMOST);
	assert_int_equal(kind_of("runtime.goexit"), SPECIAL_FUNCTION_OUTERMOST);
	assert_int_equal(kind_of("runtime.goexit0"), SPECIAL_FUNCTION_NONE);
	assert_int_equal(kind_of("restore"), SPECIAL_FUNCTION_NONE);
	assert_int_equal(kind_of(""), SPECIAL_FUNCTION_NONE);
	assert_int_equal(kind_of("runtime.mcallx"), SPECIAL_FUNCTION_NONE);
}

static void test_only_addresses_within_count(void **state)
{
	struct special_functions special_functions = {.count = 0};

	(void)state;
	special_functions_note(&special_functions, "_start", 0x1000, 0x10);
	assert_int_equal(special_functions_find(&special_functions, 0xfff), SPECIAL_FUNCTION_NONE);
	assert_int_equal(special_functions_find(&special_functions, 0x1000),
			 SPECIAL_FUNCTION_OUTERMOST);
	assert_int_equal(special_functions_find(&special_functions, 0x1010), SPECIAL_FUNCTION_NONE);
}

static void test_functions_beyond_the_limit_are_ignored(void **state)
{
	struct special_functions special_functions = {.count = 0};

	(void)state;
	for (uint64_t i = 0; i < 2 * SPECIAL_FUNCTION_MAX; i++)
		special_functions_note(&special_functions, "_start", i * 0x10, 0x10);
	assert_int_equal(special_functions.count, SPECIAL_FUNCTION_MAX);
}

/* A file without call frame information: `first`, then `_start`, of 0x20 bytes each. */
static enum symbols_status open_made(void *context, pid_t pid, const struct mapping *mapping,
				     int *ret_fd)
{
	static const uint8_t code[0x40];
	const char *first = context;
	char strings[64] = "";
	Elf64_Sym symbols[2] = {{.st_name = 8}, {.st_name = 1}};
	struct made_elf elf;
	uint8_t *bytes;
	size_t size;

	(void)pid;
	(void)mapping;
	memcpy(strings + 1, "_start", 7);
	memcpy(strings + 8, first, strlen(first));
	for (size_t i = 0; i < 2; i++) {
		symbols[i].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
		symbols[i].st_shndx = 1;
		symbols[i].st_value = MADE_ELF_ADDRESS + TEXT_OFFSET + i * 0x20;
		symbols[i].st_size = 0x20;
	}
	made_elf_init(&elf);
	made_elf_add(&elf, ".text", SHT_PROGBITS, code, sizeof(code));
	made_elf_add(&elf, ".strtab", SHT_STRTAB, strings, sizeof(strings));
	made_elf_add(&elf, ".symtab", SHT_SYMTAB, symbols, sizeof(symbols))->sh_link = 2;
	bytes = made_elf_finish(&elf, &size);
	*ret_fd = memfd_create("made", MFD_CLOEXEC);
	assert_int_equal(write(*ret_fd, bytes, size), size);
	free(bytes);
	return SYMBOLS_OK;
}

/* Unwinds from the start of `first`, with the given words on the stack. */
static void follow(const char *first, const uint64_t *words, size_t count,
		   struct unwind_result *ret_result)
{
	char name[32];
	const struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
		.open = open_made,
		.open_context = name,
	};
	const struct file_identity identity = {.inode = 1};
	struct mapping mapping = {.start = FILE_ADDRESS, .end = FILE_ADDRESS + 4096};
	struct unwind_input input = {.layout = registers_native()};
	struct module_cache *cache;
	struct mappings mappings;

	strncpy(name, first, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(module_cache_new(&options, &cache), SYMBOLS_OK);
	mappings_init(&mappings, 1);
	mapping.file = mapped_file_new(&identity, "/made", 0);
	assert_int_equal(mappings_add(&mappings, &mapping), SYMBOLS_OK);
	mapped_file_release(mapping.file);
	registers_set(&input.registers, input.layout->instruction_pointer,
		      FILE_ADDRESS + TEXT_OFFSET);
	registers_set(&input.registers, input.layout->stack_pointer, STACK_ADDRESS);
	input.stack = (struct stack_copy){
		.address = STACK_ADDRESS,
		.bytes = (const uint8_t *)words,
		.size_bytes = count * sizeof(words[0]),
		.whole = true,
	};
	input.mappings = &mappings;
	unwind(cache, &input, ret_result);
	mappings_release(&mappings);
	module_cache_free(cache);
}

static void test_the_signal_return_path_leads_to_the_interrupted_code(void **state)
{
	static struct unwind_result result;
	/* uc_flags, uc_link, uc_stack; r8..r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip */
	uint64_t words[64] = {0};

	(void)state;
	words[5 + 15] = STACK_ADDRESS + 400;
	words[5 + 16] = FILE_ADDRESS + TEXT_OFFSET + 0x24;
	follow("__restore_rt", words, 64, &result);
	assert_int_equal(result.count, 2);
	assert_int_equal(result.frames[1].kind, UNWIND_FRAME_EXACT);
	assert_int_equal(result.frames[1].pc, FILE_ADDRESS + TEXT_OFFSET + 0x24);
	assert_int_equal(result.end, UNWIND_END_COMPLETE);
}

static void test_a_chain_stops_where_the_stack_is_switched(void **state)
{
	static struct unwind_result result;
	uint64_t words[64];

	(void)state;
	for (size_t i = 0; i < 64; i++)
		words[i] = FILE_ADDRESS + TEXT_OFFSET + 0x24;
	follow("runtime.systemstack", words, 64, &result);
	assert_int_equal(result.count, 1);
	assert_int_equal(result.end, UNWIND_END_NO_INFORMATION);
}

static void test_an_entry_point_ends_the_chain(void **state)
{
	static struct unwind_result result;
	const uint64_t words[1] = {0};

	(void)state;
	follow("runtime.mstart", words, 1, &result);
	assert_int_equal(result.count, 1);
	assert_int_equal(result.end, UNWIND_END_COMPLETE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_are_known_by_their_names),
		cmocka_unit_test(test_only_addresses_within_count),
		cmocka_unit_test(test_functions_beyond_the_limit_are_ignored),
		cmocka_unit_test(test_the_signal_return_path_leads_to_the_interrupted_code),
		cmocka_unit_test(test_a_chain_stops_where_the_stack_is_switched),
		cmocka_unit_test(test_an_entry_point_ends_the_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
