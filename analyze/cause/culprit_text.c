/* analyze/cause/culprit_text.c - culprits and faults as text */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/signal_kind.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/call_chain.h"
#include "text/text_stream.h"
#include <dz/enums.h>

/* Frames of the culprit's calls on one line. */
#define CALLS_SHOWN 4u

#define CODE_NOT_MAPPED 1 /* SEGV_MAPERR: the usual one, not printed */

static void write_name(FILE *out, const struct trace_file *file, const struct dz_frame *frame)
{
	char name[CALL_NAME_MAX];

	task_text_text(out, (struct trace_text){name, call_frame_name(file, frame, name)});
}

/* "third_check_failed of libthird.so" */
static void write_place(FILE *out, const struct cause_stack *stack, const struct dz_frame *frame,
			const char *before)
{
	struct trace_text module;

	if (!frame)
		return;
	fputs(before, out);
	write_name(out, stack->file, frame);
	module = call_base_name(call_frame_module(stack->file, frame));
	if (frame->symbol == 0 || module.size == 0)
		return;
	fputs(" of ", out);
	task_text_text(out, module);
}

/* " called by libthird.so: third_check_failed <- third_init <- main" */
static void write_new_calls(FILE *out, const struct cause_stack *stack,
			    const struct culprit *culprit)
{
	struct call_chain chain;
	struct culprit_calls calls;
	struct trace_text module;

	fputs(" called by ", out);
	module = call_base_name(call_frame_module(stack->file, culprit->frame));
	task_text_text(out, module);
	call_chain_load(stack->file, stack->stack, &chain);
	calls = culprit_calls(stack->file, &chain, culprit);
	for (size_t i = calls.first; i < calls.end; i++) {
		if (i > calls.first)
			fputs(" <- ", out);
		else if (module.size > 0)
			fputs(": ", out);
		if (i - calls.first == CALLS_SHOWN) {
			fputs("...", out);
			return;
		}
		write_name(out, stack->file, chain.frames[i]);
	}
}

/* Calls that were written in this pass. Thousands of ends have the same stack. */
static struct calls_memo {
	const struct trace_file *file; /* NULL: the place is free */
	uint64_t frees;                /* of the reader: frames are valid while it is the same */
	uint64_t stack;
	const struct dz_frame *frame;
	char *text; /* allocated */
} memo[256];

void culprit_text_forget(void)
{
	for (size_t i = 0; i < sizeof(memo) / sizeof(memo[0]); i++)
		free(memo[i].text);
	memset(memo, 0, sizeof(memo));
}

static void write_calls(FILE *out, const struct cause_stack *stack, const struct culprit *culprit)
{
	struct calls_memo *known = &memo[stack->stack % (sizeof(memo) / sizeof(memo[0]))];
	struct calls_memo wanted = {
		.file = stack->file, .stack = stack->stack, .frame = culprit->frame};
	struct text_stream stream;

	if (!culprit->frame)
		return;
	wanted.frees = dz_reader_frees(stack->file->reader);
	if (known->file != wanted.file || known->frees != wanted.frees ||
	    known->stack != wanted.stack || known->frame != wanted.frame) {
		if (text_stream_open(&stream))
			write_new_calls(stream.out, stack, culprit);
		wanted.text = text_stream_close(&stream);
		if (!wanted.text) {
			write_new_calls(out, stack, culprit);
			return;
		}
		free(known->text);
		*known = wanted;
	}
	fputs(known->text, out);
}

static void write_end(FILE *out, const struct cause *cause, const struct culprit *culprit)
{
	switch (culprit->manner) {
	case CULPRIT_CALLED:
		fprintf(out, ", %s", culprit->how);
		write_calls(out, &cause->user, culprit);
		break;
	case CULPRIT_EXITED: /* "exit()" */
		fprintf(out, ", %.*s%" PRIu32 ")", (int)strlen(culprit->how) - 1, culprit->how,
			cause->exit_code);
		write_calls(out, &cause->user, culprit);
		break;
	case CULPRIT_FOUND:
		fprintf(out, ", %s", culprit->how);
		write_place(out, &cause->user, culprit->frame, " in ");
		break;
	case CULPRIT_THREW:
		fprintf(out, ", %s", culprit->how);
		write_place(out, &cause->user, culprit->frame, ", thrown in ");
		break;
	case CULPRIT_LOGGED:
		fprintf(out, ", %s", culprit->how);
		write_place(out, &cause->user, culprit->frame, " by ");
		break;
	}
}

bool culprit_text_end(FILE *out, const struct cause *cause)
{
	struct culprit culprit = culprit_find(cause);

	if (!culprit.how)
		return false;
	write_end(out, cause, &culprit);
	return true;
}

/* Details of a fault. */
struct fault {
	const char *meaning; /* of its code; NULL: unknown */
	uint64_t address;
	int32_t code;
	uint32_t access; /* 0: unknown */
	bool no_room;    /* the stack did not reach to the address: a stack overflow */
	bool nowhere;    /* the stack pointer points to no memory */
};

static struct fault fault_of(const struct cause *cause)
{
	const struct dz_signal *generated = cause->generated.file ? &cause->generated.row : NULL;
	struct fault fault = {
		.code = (int32_t)(generated ? generated->code : cause->delivery.row.code)};

	fault.address = generated ? generated->address : cause->delivery.row.address;
	fault.meaning = signal_code_meaning(cause->signal, fault.code);
	if (generated && (cause->signal == SIGSEGV || cause->signal == SIGBUS)) {
		/* Without room for the frame of a handler, the kernel sends another signal. */
		fault.no_room = generated->value & SIGNAL_VALUE_NO_ROOM &&
				(fault.meaning || fault.code == SIGNAL_CODE_KERNEL);
		fault.nowhere = fault.meaning && generated->value & SIGNAL_VALUE_NOWHERE;
		if (fault.meaning)
			fault.access = (uint32_t)generated->value & SIGNAL_VALUE_ACCESS;
	}
	return fault;
}

/* " reading 0x10", with the reason if it is not the usual one */
static void write_memory_fault(FILE *out, const struct cause *cause, const struct fault *fault)
{
	static const char *const doing[] = {"at", "reading", "writing", "executing"};

	if (!fault->meaning) {
		fputs(" at an address that the kernel does not provide", out);
		return;
	}
	fprintf(out, " %s 0x%" PRIx64, doing[fault->access], fault->address);
	if (cause->signal != SIGSEGV || fault->code != CODE_NOT_MAPPED)
		fprintf(out, " (%s)", fault->meaning);
}

static bool has_same_name(const struct dz_frame *a, const struct dz_frame *b)
{
	return a && b && a->symbol == b->symbol && a->module == b->module &&
	       (a->symbol != 0 || a->offset == b->offset);
}

/* "stack overflow in walk of program (79 of the innermost 80 calls)" */
static void write_overflow(FILE *out, const struct cause_stack *stack,
			   const struct culprit *culprit)
{
	const struct dz_frame *frame = culprit->caller ? culprit->caller : culprit->frame;
	struct call_chain chain;
	size_t calls = 0, known = 0;

	fputs(", stack overflow", out);
	write_place(out, stack, frame, " in ");
	call_chain_load(stack->file, stack->stack, &chain);
	for (size_t i = 0; i < chain.count; i++) {
		bool is_marker = chain.frames[i] && chain.frames[i]->type == DZ_FRAME_TYPE_MARKER;

		if (is_marker && known > 0)
			break; /* behind it are the oldest calls */
		known += chain.frames[i] && !is_marker;
		calls += has_same_name(chain.frames[i], frame);
	}
	if (calls > 1)
		fprintf(out, " (%zu of the innermost %zu calls)", calls, known);
}

void culprit_text_fault(FILE *out, const struct cause *cause)
{
	struct culprit culprit = culprit_find(cause);
	struct fault fault = fault_of(cause);

	if (culprit.how) {
		write_end(out, cause, &culprit);
		return;
	}
	if (fault.no_room) {
		write_overflow(out, &cause->user, &culprit);
		return;
	}
	if (cause->signal == SIGSEGV || cause->signal == SIGBUS)
		write_memory_fault(out, cause, &fault);
	else if (fault.meaning)
		fprintf(out, ", %s", fault.meaning);
	else if (fault.code == SIGNAL_CODE_KERNEL && cause->signal == SIGTRAP)
		fputs(", breakpoint", out);
	else
		fputs(", a fault without details from the kernel", out);
	if (fault.nowhere)
		fputs(" with a stack pointer that points nowhere", out);
	write_place(out, &cause->user, culprit.frame, " in ");
	write_place(out, &cause->user, culprit.caller, " called by ");
}
