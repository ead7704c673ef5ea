/* symbols/unwind_by_code.c - the caller of code without call frame information
 *
 * Two places can have the return address: the word above the one that the frame pointer points to,
 * or the word that the first instructions of the function lead to. Either must be a return address
 * behind a call instruction. */
#include "symbols/unwind_by_code.h"

#include <elf.h>
#include <string.h>

#include "symbols/arm64_code.h"
#include "symbols/x86_code.h"

/* Steps for one read of a file. */
#define READ_STEPS 64u

#define RETURN_INSTRUCTION 0xc3

/* A return address on the stack and the caller's frame pointer. */
struct candidate {
	uint64_t slot; /* address of the return address */
	uint64_t return_address;
	uint64_t frame_pointer;
	enum unwind_evidence evidence;
	bool certain; /* the instructions prove where the return address is */
};

static bool read_code(struct walk *walk, uint64_t address, uint8_t *bytes, size_t size_bytes)
{
	if (walk->steps_left < READ_STEPS)
		return false;
	walk->steps_left -= READ_STEPS;
	return module_cache_read(walk->cache, walk->input->mappings, address, bytes, size_bytes);
}

/* Address in memory of the function that has the frame's instruction; 0: unknown. */
static uint64_t function_start(const struct unwind_frame *frame)
{
	struct function function;

	if (!frame->module || frame->module->status != SYMBOLS_OK ||
	    !module_find_function(frame->module, frame->lookup_address, &function))
		return 0;
	return frame->pc - (frame->kind != UNWIND_FRAME_EXACT) - function.offset_bytes;
}

/* Whether the stub at `target` calls the function of the frame: puts@plt and puts. */
static bool is_stub_for(struct walk *walk, uint64_t target, const struct unwind_frame *called)
{
	struct unwind_frame stub = {.pc = target};
	const struct mappings *mappings = walk->input->mappings;
	struct function at_target, function;
	size_t length;

	stub.mapping = mappings_find(mappings, target);
	if (!stub.mapping || !mapping_has_file(stub.mapping))
		return false;
	stub.module = module_cache_get(walk->cache, mappings->pid, stub.mapping);
	if (!stub.module || stub.module->status != SYMBOLS_OK ||
	    !module_find_function(stub.module, walk_link_address(stub.module, stub.mapping, target),
				  &at_target) ||
	    !module_find_function(called->module, called->lookup_address, &function))
		return false;
	length = strlen(function.name);
	return strncmp(at_target.name, function.name, length) == 0 &&
	       strcmp(at_target.name + length, "@plt") == 0;
}

static enum unwind_evidence check_target(struct walk *walk, uint64_t target,
					 const struct unwind_frame *called)
{
	uint64_t start = called ? function_start(called) : 0;

	/* Code that must not be executed, such as data. */
	if (called && called->kind == UNWIND_FRAME_UNMAPPED && target == called->pc)
		return UNWIND_EVIDENCE_CALLED;
	if (!mappings_find(walk->input->mappings, target))
		return UNWIND_EVIDENCE_NONE;
	if (start != 0 && (target == start || is_stub_for(walk, target, called)))
		return UNWIND_EVIDENCE_CALLED;
	return UNWIND_EVIDENCE_CALL;
}

/* The call instruction before an address, which is in `mapping`. */
struct call {
	enum code_call kind;
	uint64_t target; /* of a direct call */
};

/* Returns false if the code cannot be read. */
static bool read_call(struct walk *walk, const struct mapping *mapping, uint64_t return_address,
		      struct call *ret_call)
{
	uint8_t bytes[X86_CALL_MAX_BYTES];
	uint64_t room_bytes = return_address - mapping->start;
	size_t size_bytes = sizeof(bytes);
	int64_t distance = 0;

	if (size_bytes > room_bytes)
		size_bytes = (size_t)room_bytes;
	if (!read_code(walk, return_address - size_bytes, bytes, size_bytes))
		return false;
	ret_call->kind = walk->input->layout->elf_machine == EM_AARCH64
				 ? arm64_call_before(bytes, size_bytes, &distance)
				 : x86_call_before(bytes, size_bytes, &distance);
	ret_call->target = return_address + (uint64_t)distance;
	return true;
}

enum unwind_evidence unwind_check_return(struct walk *walk, uint64_t return_address,
					 const struct unwind_frame *called)
{
	const struct mapping *mapping = mappings_find(walk->input->mappings, return_address - 1);
	struct call call;

	if (!mapping)
		return UNWIND_EVIDENCE_NONE;
	if (!read_call(walk, mapping, return_address, &call))
		return UNWIND_EVIDENCE_UNKNOWN;
	switch (call.kind) {
	case CODE_CALL_NONE:
		break;
	case CODE_CALL_INDIRECT:
		return UNWIND_EVIDENCE_CALL;
	case CODE_CALL_DIRECT:
		return check_target(walk, call.target, called);
	}
	return UNWIND_EVIDENCE_NONE;
}

bool unwind_call_target(struct walk *walk, uint64_t return_address, uint64_t *ret_target)
{
	const struct mapping *mapping = mappings_find(walk->input->mappings, return_address - 1);
	struct call call;

	if (!mapping || !read_call(walk, mapping, return_address, &call) ||
	    call.kind != CODE_CALL_DIRECT)
		return false;
	*ret_target = call.target;
	return true;
}

static const char *name_at(struct walk *walk, uint64_t address)
{
	const struct mappings *mappings = walk->input->mappings;
	const struct mapping *mapping = mappings_find(mappings, address);
	const struct module *module =
		mapping ? module_cache_get(walk->cache, mappings->pid, mapping) : NULL;
	struct function function;

	if (!module || module->status != SYMBOLS_OK ||
	    !module_find_function(module, walk_link_address(module, mapping, address), &function))
		return NULL;
	return function.name;
}

/* Address in memory at which the call frame information of the frame's function starts; 0: it has
 * none. */
static uint64_t frame_entry_start(const struct unwind_frame *frame)
{
	uint64_t start;

	if (!frame->module || frame->module->status != SYMBOLS_OK ||
	    !module_find_entry(frame->module, frame->lookup_address, &start))
		return 0;
	return frame->pc - (frame->kind != UNWIND_FRAME_EXACT) - (frame->lookup_address - start);
}

uint64_t unwind_function_start(const struct unwind_frame *frame)
{
	uint64_t start = function_start(frame);

	return start != 0 ? start : frame_entry_start(frame);
}

/* The length of a name without what the compiler or linker has added: crash.cold, puts@plt. */
static size_t bare_length(const char *name)
{
	return strcspn(name, ".@");
}

static enum unwind_link compare_names(struct walk *walk, uint64_t target,
				      const struct unwind_frame *called)
{
	const char *at_target = name_at(walk, target);
	const char *name = name_at(walk, called->pc - (called->kind != UNWIND_FRAME_EXACT));
	size_t length;

	if (!at_target)
		return UNWIND_LINK_UNKNOWN;
	length = bare_length(at_target);
	if (name && length > 0 && length == bare_length(name) &&
	    memcmp(name, at_target, length) == 0)
		return UNWIND_LINK_PROVEN;
	return strstr(at_target, "@plt") ? UNWIND_LINK_UNKNOWN : UNWIND_LINK_OTHER;
}

enum unwind_link unwind_check_link(struct walk *walk, uint64_t return_address,
				   const struct unwind_frame *called)
{
	const struct mapping *mapping = mappings_find(walk->input->mappings, return_address - 1);
	uint64_t start = function_start(called);
	uint64_t entry_start = frame_entry_start(called);
	struct call call;

	if (!mapping || !read_call(walk, mapping, return_address, &call) ||
	    call.kind != CODE_CALL_DIRECT || (start == 0 && entry_start == 0))
		return UNWIND_LINK_UNKNOWN;
	if (call.target == start || call.target == entry_start)
		return UNWIND_LINK_PROVEN;
	return compare_names(walk, call.target, called);
}

static bool load_candidate(struct walk *walk, const struct unwind_frame *frame,
			   struct candidate *candidate)
{
	if (!walk_load_word(walk, candidate->slot, &candidate->return_address))
		return false;
	candidate->return_address &= walk->input->layout->code_address_mask;
	candidate->evidence = unwind_check_return(walk, candidate->return_address, frame);
	return candidate->evidence != UNWIND_EVIDENCE_NONE;
}

/* JIT compilers keep frame pointers, or have an option for it, and much other code without call
 * frame information does too. The frame pointer is used if it is in the copied stack, at or above
 * the stack pointer.
 *
 * Example: sp 0x1000, fp 0x1020, and the words at 0x1020 are 0x1060 and 0x401234, which is behind a
 * call. The caller has sp 0x1030, fp 0x1060 and pc 0x401234. */
static bool find_by_frame_pointer(struct walk *walk, const struct unwind_frame *frame,
				  struct candidate *ret_candidate)
{
	const struct register_layout *layout = walk->input->layout;
	uint64_t sp, fp;

	if (!registers_get(&walk->registers, layout->stack_pointer, &sp) ||
	    !registers_get(&walk->registers, layout->frame_pointer, &fp) || fp < sp ||
	    fp % walk_word_bytes(walk) != 0 ||
	    !walk_load_word(walk, fp, &ret_candidate->frame_pointer))
		return false;
	ret_candidate->slot = fp + walk_word_bytes(walk);
	return load_candidate(walk, frame, ret_candidate);
}

/* Interprets the function from its start up to the frame's instruction. */
static bool read_prologue(struct walk *walk, const struct unwind_frame *frame,
			  struct x86_prologue *ret_prologue)
{
	uint8_t bytes[X86_PROLOGUE_MAX_BYTES];
	uint64_t start = function_start(frame);
	size_t size_bytes = sizeof(bytes);
	bool is_cut = true;

	if (start == 0)
		return false;
	if (frame->pc - start <= size_bytes) {
		size_bytes = (size_t)(frame->pc - start);
		is_cut = false;
	}
	if (size_bytes > 0 && !read_code(walk, start, bytes, size_bytes))
		return false;
	*ret_prologue = x86_prologue_read(bytes, size_bytes);
	ret_prologue->complete &= !is_cut;
	return true;
}

static bool is_at_return(struct walk *walk, const struct unwind_frame *frame)
{
	uint8_t byte;

	return frame->kind == UNWIND_FRAME_EXACT && read_code(walk, frame->pc, &byte, 1) &&
	       byte == RETURN_INSTRUCTION;
}

/* Functions that keep no frame pointer, or have not set it yet. If all instructions before this one
 * are known, any call proves the return address, otherwise only a call of this function. */
static bool find_by_prologue(struct walk *walk, const struct unwind_frame *frame,
			     struct candidate *ret_candidate)
{
	const struct register_layout *layout = walk->input->layout;
	struct x86_prologue prologue;
	uint64_t sp;

	if (!registers_get(&walk->registers, layout->stack_pointer, &sp))
		return false;
	if (is_at_return(walk, frame))
		prologue = (struct x86_prologue){.complete = true};
	else if (!read_prologue(walk, frame, &prologue))
		return false;
	ret_candidate->certain = prologue.complete || prologue.has_frame_pointer;
	if (prologue.has_frame_pointer)
		return false;
	if (!registers_get(&walk->registers, layout->frame_pointer, &ret_candidate->frame_pointer))
		ret_candidate->frame_pointer = 0;
	if (prologue.saved &&
	    !walk_load_word(walk, sp + prologue.saved_bytes, &ret_candidate->frame_pointer))
		return false;
	ret_candidate->slot = sp + prologue.depth_bytes;
	return load_candidate(walk, frame, ret_candidate) &&
	       ret_candidate->evidence >=
		       (prologue.complete ? UNWIND_EVIDENCE_CALL : UNWIND_EVIDENCE_CALLED);
}

static bool find_caller(struct walk *walk, const struct unwind_frame *frame,
			struct candidate *ret_candidate)
{
	if (walk->input->layout->has_prologues && !unwind_frame_is_jit(frame) &&
	    find_by_prologue(walk, frame, ret_candidate))
		return true;
	return find_by_frame_pointer(walk, frame, ret_candidate);
}

/* A caller in JIT code is likely if its saved frame pointer is higher. Otherwise it may keep none,
 * or the register may not be a frame pointer. In both cases the rest of the call stack must prove
 * it: see settle(). */
static void note_evidence(struct walk *walk, const struct candidate *candidate, size_t count)
{
	if (candidate->evidence >= UNWIND_EVIDENCE_CALL)
		return;
	if (count < walk->likely_from)
		walk->likely_from = count;
	if (candidate->frame_pointer < candidate->slot && count < walk->doubtful_from)
		walk->doubtful_from = count;
}

static bool append_caller(struct walk *walk, const struct candidate *candidate,
			  enum unwind_end *ret_end)
{
	const struct register_layout *layout = walk->input->layout;
	size_t count = walk->result->count;
	struct registers caller = {.known = 0};

	if (count == UNWIND_FRAMES_MAX) {
		*ret_end = UNWIND_END_TOO_DEEP;
		return false;
	}
	if (!walk_append(walk, candidate->return_address, UNWIND_FRAME_POINTER))
		return false;
	note_evidence(walk, candidate, count);
	/* The other registers that the code saved are unknown. */
	registers_set(&caller, layout->stack_pointer, candidate->slot + walk_word_bytes(walk));
	/* Where the callee pushes it, local variables can be above the return address. */
	walk->sp_is_bound = !layout->call_pushes_return_address;
	registers_set(&caller, layout->frame_pointer, candidate->frame_pointer);
	registers_set(&caller, layout->instruction_pointer, candidate->return_address);
	walk->registers = caller;
	return true;
}

bool unwind_step_by_code(struct walk *walk, enum unwind_end *ret_end)
{
	size_t count = walk->result->count;
	struct candidate candidate = {.certain = false};

	*ret_end = UNWIND_END_NO_INFORMATION;
	if (!find_caller(walk, &walk->result->frames[count - 1], &candidate)) {
		if (candidate.certain && walk->truncated && !walk->elsewhere)
			*ret_end = UNWIND_END_TRUNCATED;
		return false;
	}
	return append_caller(walk, &candidate, ret_end);
}

/* The stack after the one that the stack pointer is in. */
static const struct other_stack *next_stack(const struct walk *walk)
{
	const struct unwind_input *input = walk->input;
	size_t next = 0;
	uint64_t sp;

	if (!registers_get(&walk->registers, input->layout->stack_pointer, &sp))
		return NULL;
	for (size_t i = 0; i < UNWIND_OTHERS_MAX; i++)
		if (sp - input->others[i].copy.address < input->others[i].copy.size_bytes)
			next = i + 1;
	return next < UNWIND_OTHERS_MAX ? &input->others[next] : NULL;
}

bool unwind_step_to_other_stack(struct walk *walk, enum unwind_end *ret_end)
{
	const struct other_stack *other = next_stack(walk);
	struct candidate candidate = {.certain = true};

	*ret_end = UNWIND_END_NO_INFORMATION;
	if (!other || other->copy.size_bytes == 0 ||
	    !walk_load_word(walk, other->frame_pointer, &candidate.frame_pointer))
		return false;
	candidate.slot = other->frame_pointer + walk_word_bytes(walk);
	return load_candidate(walk, NULL, &candidate) &&
	       candidate.evidence >= UNWIND_EVIDENCE_CALL &&
	       append_caller(walk, &candidate, ret_end);
}
