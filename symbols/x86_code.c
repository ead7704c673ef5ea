/* symbols/x86_code.c - machine code around a return address and at the start of a function */
#include "symbols/x86_code.h"

#include "base/cursor.h"

#define WORD_BYTES 8u
#define CALL_REL32 0xe8
#define GROUP_5    0xff /* its operation 2 is an indirect call */

#define DEPTH_MAX_BYTES (1u << 20)

static uint64_t little_endian(const uint8_t *bytes, size_t size_bytes)
{
	struct cursor cursor = cursor_over(bytes, size_bytes);

	return cursor_unsigned(&cursor, (unsigned int)size_bytes);
}

/* One instruction, as far as it matters for the stack. */
struct instruction {
	uint8_t rex; /* 0: none */
	bool has_word_prefix;
	bool is_two_byte; /* opcode 0f xx */
	uint8_t opcode;
	uint8_t modrm; /* if has_modrm */
	bool has_modrm;
	uint32_t immediate;
	size_t immediate_bytes;
};

/* What follows an opcode. */
enum operands {
	OPERANDS_UNKNOWN, /* of a kind that is not followed: jumps, returns, pops and rare ones */
	OPERANDS_NONE,
	OPERANDS_BYTE,
	OPERANDS_WORD, /* 4 bytes, 2 with the prefix 66 */
	OPERANDS_FULL, /* the same, 8 bytes with REX.W */
	OPERANDS_MODRM,
	OPERANDS_MODRM_BYTE,
	OPERANDS_MODRM_WORD,
	OPERANDS_GROUP_3, /* MODRM, and an immediate for the operations 0 and 1 */
};

struct opcodes {
	uint8_t first;
	uint8_t last;
	uint8_t operands; /* enum operands */
};

/* Opcodes of one byte from 0x40; those below are arithmetic. */
static const struct opcodes one_byte[] = {
	{0x50, 0x57, OPERANDS_NONE},       /* push */
	{0x63, 0x63, OPERANDS_MODRM},      /* movslq */
	{0x68, 0x68, OPERANDS_WORD},       /* push */
	{0x69, 0x69, OPERANDS_MODRM_WORD}, /* imul */
	{0x6a, 0x6a, OPERANDS_BYTE},       /* push */
	{0x6b, 0x6b, OPERANDS_MODRM_BYTE}, /* imul */
	{0x70, 0x7f, OPERANDS_BYTE},       /* conditional jump */
	{0x80, 0x80, OPERANDS_MODRM_BYTE}, {0x81, 0x81, OPERANDS_MODRM_WORD},
	{0x83, 0x83, OPERANDS_MODRM_BYTE}, {0x84, 0x8b, OPERANDS_MODRM}, /* test, xchg, mov */
	{0x8d, 0x8d, OPERANDS_MODRM},                                    /* lea */
	{0x90, 0x90, OPERANDS_NONE},       {0x98, 0x99, OPERANDS_NONE},  /* nop, cltq, cltd */
	{0xa8, 0xa8, OPERANDS_BYTE},       {0xa9, 0xa9, OPERANDS_WORD},  /* test */
	{0xb0, 0xb7, OPERANDS_BYTE},       {0xb8, 0xbf, OPERANDS_FULL},  /* mov */
	{0xc0, 0xc1, OPERANDS_MODRM_BYTE},                               /* shifts */
	{0xc6, 0xc6, OPERANDS_MODRM_BYTE}, {0xc7, 0xc7, OPERANDS_MODRM_WORD},
	{0xd0, 0xd3, OPERANDS_MODRM},                                    /* shifts */
	{0xe8, 0xe8, OPERANDS_WORD},                                     /* call */
	{0xf6, 0xf7, OPERANDS_GROUP_3},    {0xfe, 0xff, OPERANDS_MODRM}, /* inc, dec, call, push */
};

/* Opcodes 0f xx. */
static const struct opcodes two_byte[] = {
	{0x05, 0x05, OPERANDS_NONE},                                     /* syscall */
	{0x10, 0x17, OPERANDS_MODRM},      {0x1e, 0x1f, OPERANDS_MODRM}, /* mov; endbr64, nop */
	{0x28, 0x2f, OPERANDS_MODRM},      {0x40, 0x6f, OPERANDS_MODRM}, /* mov, cmov, vectors */
	{0x70, 0x70, OPERANDS_MODRM_BYTE}, {0x74, 0x76, OPERANDS_MODRM},
	{0x7e, 0x7f, OPERANDS_MODRM},      {0x80, 0x8f, OPERANDS_WORD},  /* conditional jump */
	{0x90, 0x9f, OPERANDS_MODRM},                                    /* set */
	{0xa2, 0xa2, OPERANDS_NONE},       {0xa3, 0xa3, OPERANDS_MODRM}, /* cpuid, bt */
	{0xa4, 0xa4, OPERANDS_MODRM_BYTE}, {0xac, 0xac, OPERANDS_MODRM_BYTE},
	{0xaf, 0xb1, OPERANDS_MODRM},      {0xb6, 0xb7, OPERANDS_MODRM},
	{0xba, 0xba, OPERANDS_MODRM_BYTE}, {0xbc, 0xc1, OPERANDS_MODRM},
	{0xc2, 0xc2, OPERANDS_MODRM_BYTE}, {0xc4, 0xc6, OPERANDS_MODRM_BYTE},
	{0xd0, 0xfe, OPERANDS_MODRM},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum operands look_up(const struct opcodes *table, size_t count, uint8_t opcode)
{
	for (size_t i = 0; i < count; i++)
		if (opcode >= table[i].first && opcode <= table[i].last)
			return (enum operands)table[i].operands;
	return OPERANDS_UNKNOWN;
}

static enum operands operands_of(const struct instruction *instruction)
{
	static const uint8_t arithmetic[] = {OPERANDS_MODRM,   OPERANDS_MODRM,  OPERANDS_MODRM,
					     OPERANDS_MODRM,   OPERANDS_BYTE,   OPERANDS_WORD,
					     OPERANDS_UNKNOWN, OPERANDS_UNKNOWN};

	if (instruction->is_two_byte)
		return look_up(two_byte, COUNT(two_byte), instruction->opcode);
	if (instruction->opcode < 0x40)
		return (enum operands)arithmetic[instruction->opcode & 7];
	return look_up(one_byte, COUNT(one_byte), instruction->opcode);
}

static bool is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e || byte == 0x64 ||
	       byte == 0x65;
}

static void take_opcode(struct cursor *cursor, struct instruction *instruction)
{
	uint8_t byte = cursor_u8(cursor);

	while (is_prefix(byte) && !cursor->failed) {
		instruction->has_word_prefix |= byte == 0x66;
		byte = cursor_u8(cursor);
	}
	if ((byte & 0xf0) == 0x40) {
		instruction->rex = byte;
		byte = cursor_u8(cursor);
	}
	if (byte == 0x0f) {
		instruction->is_two_byte = true;
		byte = cursor_u8(cursor);
	}
	instruction->opcode = byte;
}

/* Takes ModRM, and the SIB byte and the displacement behind it. ModRM has the addressing mode in
 * bits 7-6, the operation in bits 5-3 and the register in bits 2-0. Register 4 stands for a SIB
 * byte, whose bits 2-0 are the register then. Register 5 without displacement stands for a
 * displacement of 4 bytes. */
static void take_modrm(struct cursor *cursor, struct instruction *instruction)
{
	static const size_t displacement_bytes[] = {0, 1, 4, 0};
	uint8_t modrm = cursor_u8(cursor);
	unsigned int mode = modrm >> 6;
	uint8_t base = modrm & 7;

	instruction->has_modrm = true;
	instruction->modrm = modrm;
	if (mode != 3 && base == 4)
		base = cursor_u8(cursor) & 7;
	cursor_take(cursor, mode == 0 && base == 5 ? 4 : displacement_bytes[mode]);
}

static unsigned int operation_of(const struct instruction *instruction)
{
	return instruction->modrm >> 3 & 7;
}

/* Whether these bytes are one indirect call, without a prefix. */
static bool is_indirect_call(const uint8_t *bytes, size_t size_bytes)
{
	struct cursor cursor = cursor_over(bytes, size_bytes);
	struct instruction instruction = {.opcode = cursor_u8(&cursor)};

	take_modrm(&cursor, &instruction);
	return !cursor.failed && cursor_left(&cursor) == 0 && instruction.opcode == GROUP_5 &&
	       operation_of(&instruction) == 2;
}

enum code_call x86_call_before(const uint8_t *bytes, size_t size_bytes, int64_t *ret_distance)
{
	const uint8_t *end = bytes + size_bytes;

	if (size_bytes >= 5 && end[-5] == CALL_REL32) {
		*ret_distance = (int32_t)(uint32_t)little_endian(end - 4, 4);
		return CODE_CALL_DIRECT;
	}
	for (size_t length = 2; length <= X86_CALL_MAX_BYTES && length <= size_bytes; length++) {
		if (is_indirect_call(end - length, length))
			return CODE_CALL_INDIRECT;
	}
	return CODE_CALL_NONE;
}

static size_t immediate_bytes_of(const struct instruction *instruction, enum operands operands)
{
	size_t word_bytes =
		instruction->has_word_prefix && instruction->opcode != CALL_REL32 ? 2 : 4;

	switch (operands) {
	case OPERANDS_BYTE:
	case OPERANDS_MODRM_BYTE:
		return 1;
	case OPERANDS_WORD:
	case OPERANDS_MODRM_WORD:
		return word_bytes;
	case OPERANDS_FULL:
		return instruction->rex & 8 ? 8 : word_bytes;
	case OPERANDS_GROUP_3:
		if (instruction->modrm >> 3 & 6)
			return 0;
		return instruction->opcode & 1 ? word_bytes : 1;
	case OPERANDS_UNKNOWN:
	case OPERANDS_NONE:
	case OPERANDS_MODRM:
		break;
	}
	return 0;
}

/* Returns false if the instruction is not whole or of a kind that is not followed. */
static bool take_instruction(struct cursor *cursor, struct instruction *ret_instruction)
{
	struct instruction instruction = {.rex = 0};
	enum operands operands;
	const uint8_t *immediate;

	take_opcode(cursor, &instruction);
	operands = operands_of(&instruction);
	if (operands == OPERANDS_UNKNOWN)
		return false;
	if (operands >= OPERANDS_MODRM)
		take_modrm(cursor, &instruction);
	instruction.immediate_bytes = immediate_bytes_of(&instruction, operands);
	immediate = cursor_take(cursor, instruction.immediate_bytes);
	if (cursor->failed)
		return false;
	if (instruction.immediate_bytes > 0 && instruction.immediate_bytes <= 4)
		instruction.immediate =
			(uint32_t)little_endian(immediate, instruction.immediate_bytes);
	*ret_instruction = instruction;
	return true;
}

#define STACK_POINTER 4u
#define FRAME_POINTER 5u

/* Whether the second operand is the register itself: not memory, nor r12 or r13. */
static bool is_register(const struct instruction *instruction, unsigned int number)
{
	return instruction->has_modrm && instruction->modrm >> 6 == 3 &&
	       (instruction->modrm & 7) == number && !(instruction->rex & 1);
}

static bool is_push(const struct instruction *instruction)
{
	if (instruction->is_two_byte)
		return false;
	return (instruction->opcode & 0xf8) == 0x50 || instruction->opcode == 0x68 ||
	       instruction->opcode == 0x6a ||
	       (instruction->opcode == GROUP_5 && operation_of(instruction) == 6);
}

/* sub $IMMEDIATE,%rsp */
static bool is_subtraction(const struct instruction *instruction)
{
	return !instruction->is_two_byte &&
	       (instruction->opcode == 0x81 || instruction->opcode == 0x83) &&
	       operation_of(instruction) == 5 && is_register(instruction, STACK_POINTER);
}

/* mov %rsp,%rbp in both encodings */
static bool is_frame_pointer_set(const struct instruction *instruction)
{
	if (instruction->is_two_byte || instruction->rex & 5)
		return false;
	return (instruction->opcode == 0x89 && instruction->modrm == 0xe5) ||
	       (instruction->opcode == 0x8b && instruction->modrm == 0xec);
}

/* The first operand is a destination too, except of 89, and is not the operation of a group. */
static bool changes_stack_pointer(const struct instruction *instruction)
{
	uint8_t opcode = instruction->opcode;
	bool has_first = opcode < 0x40 || opcode == 0x63 || (opcode >= 0x84 && opcode <= 0x8d);

	if (instruction->is_two_byte || !instruction->has_modrm)
		return false;
	if (opcode == GROUP_5 && operation_of(instruction) > 2)
		return true; /* jumps */
	return is_register(instruction, STACK_POINTER) ||
	       (has_first && opcode != 0x89 && operation_of(instruction) == STACK_POINTER &&
		!(instruction->rex & 4));
}

static void grow(struct x86_prologue *prologue, uint32_t size_bytes)
{
	prologue->depth_bytes += size_bytes;
	prologue->saved_bytes += size_bytes;
}

/* Returns false if the prologue cannot be followed further. */
static bool apply(struct x86_prologue *prologue, const struct instruction *instruction)
{
	if (is_push(instruction)) {
		grow(prologue, WORD_BYTES);
		if (instruction->opcode == (0x50 | FRAME_POINTER) && !(instruction->rex & 1) &&
		    !prologue->saved) {
			prologue->saved = true;
			prologue->saved_bytes = 0;
		}
		return prologue->depth_bytes <= DEPTH_MAX_BYTES;
	}
	if (is_subtraction(instruction)) {
		if (instruction->immediate > DEPTH_MAX_BYTES ||
		    (instruction->immediate_bytes == 1 && instruction->immediate > INT8_MAX))
			return false;
		grow(prologue, instruction->immediate);
		return prologue->depth_bytes <= DEPTH_MAX_BYTES;
	}
	if (is_frame_pointer_set(instruction)) {
		prologue->has_frame_pointer = prologue->saved && prologue->saved_bytes == 0;
		return !prologue->has_frame_pointer;
	}
	return !changes_stack_pointer(instruction);
}

struct x86_prologue x86_prologue_read(const uint8_t *bytes, size_t size_bytes)
{
	struct cursor cursor = cursor_over(bytes, size_bytes);
	struct x86_prologue prologue = {.depth_bytes = 0};
	struct instruction instruction;

	while (cursor_left(&cursor) > 0) {
		if (!take_instruction(&cursor, &instruction) || !apply(&prologue, &instruction))
			return prologue;
	}
	prologue.complete = true;
	return prologue;
}
