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
#define RETURN_PATH   (TEXT_OFFSET + 0x60)

/* A CIE and the FDE of one function, .eh_frame with absolute addresses (x86-64 psABI 4.2.4). */
struct made_cfi {
	uint32_t cie_size, cie_id;
	uint8_t cie[24];
	uint32_t fde_size, fde_to_cie;
	uint64_t start, size;
	uint8_t fde[8]; /* no augmentation data, and no instructions */
};

#define MADE_CFI(from, bytes, ...)                                                                 \
	{                                                                                          \
		.cie_size = 28, .cie = {__VA_ARGS__}, .fde_size = 28, .fde_to_cie = 36,            \
		.start = MADE_ELF_ADDRESS + (from), .size = (bytes)                                \
	}

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

/* `first` has the return address on top of the stack. The return path of signals, a nameless one,
 * has rip at rsp + 16 and rsp at rsp + 24, and nothing for the byte before it. */
static const struct made_cfi made_cfi[] = {
	MADE_CFI(TEXT_OFFSET, 0x20, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0, 0x0c, 7, 8, 0x80 | 16, 1),
	MADE_CFI(RETURN_PATH, 0x10, 1, 'z', 'R', 'S', 0, 1, 0x78, 16, 1, 0, 0x0c, 7, 0, 0x11, 16,
		 0x7e, 0x11, 7, 0x7d),
};

/* A file with `first`, then `_start`, of 0x20 bytes each, and the return path. */
static enum symbols_status open_made(void *context, pid_t pid, const struct mapping *mapping,
				     int *ret_fd)
{
	static const uint8_t code[0x70];
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
	made_elf_add(&elf, ".eh_frame", SHT_PROGBITS, made_cfi, sizeof(made_cfi));
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

/* As in the 32-bit vDSO of Linux 7. */
static void test_a_return_path_may_begin_with_its_call_frame_information(void **state)
{
	static struct unwind_result result;
	const uint64_t words[8] = {[0] = FILE_ADDRESS + RETURN_PATH,
				   [1 + 2] = FILE_ADDRESS + TEXT_OFFSET + 0x24,
				   [1 + 3] = STACK_ADDRESS + 40};

	(void)state;
	follow("handler", words, 8, &result);
	assert_int_equal(result.count, 3);
	assert_int_equal(result.frames[1].kind, UNWIND_FRAME_SIGNAL);
	assert_int_equal(result.frames[1].pc, FILE_ADDRESS + RETURN_PATH);
	assert_int_equal(result.frames[1].lookup_address, MADE_ELF_ADDRESS + RETURN_PATH);
	assert_int_equal(result.frames[2].kind, UNWIND_FRAME_EXACT);
	assert_int_equal(result.frames[2].pc, FILE_ADDRESS + TEXT_OFFSET + 0x24);
	assert_int_equal(result.end, UNWIND_END_COMPLETE);
}

/* Only signal handlers return to the first byte of what has information. */
static void test_the_code_behind_a_call_has_no_information(void **state)
{
	static struct unwind_result result;
	const uint64_t words[8] = {[0] = FILE_ADDRESS + TEXT_OFFSET};

	(void)state;
	follow("handler", words, 8, &result);
	assert_int_equal(result.count, 2);
	assert_int_equal(result.frames[1].kind, UNWIND_FRAME_RETURN);
	assert_int_equal(result.end, UNWIND_END_NO_INFORMATION);
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
		cmocka_unit_test(test_a_return_path_may_begin_with_its_call_frame_information),
		cmocka_unit_test(test_the_code_behind_a_call_has_no_information),
		cmocka_unit_test(test_a_chain_stops_where_the_stack_is_switched),
		cmocka_unit_test(test_an_entry_point_ends_the_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
