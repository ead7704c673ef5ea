/* analyze/cause/culprit.c - the frame held responsible for the end of a process */
#include "analyze/cause/culprit.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "analyze/cause/runtime_functions.h"
#include "analyze/trace/call_chain.h"
#include <dz/enums.h>

#define SYMBOL_MAX_BYTES 256u
#define MODULE_MAX_BYTES 64u

/* A decisive function of the runtime further out than this has called something else. */
#define DECISIVE_REACH 16u

/* Copies the symbol of a frame. Returns false if it has none, or a longer one. */
static bool copy_symbol(const struct trace_file *file, const struct dz_frame *frame,
			char symbol[static SYMBOL_MAX_BYTES])
{
	struct trace_text text = trace_text(file, frame ? frame->symbol : 0);

	if (text.size == 0 || text.size >= SYMBOL_MAX_BYTES)
		return false;
	memcpy(symbol, text.bytes, text.size);
	symbol[text.size] = '\0';
	return true;
}

static bool is_marker(const struct dz_frame *frame)
{
	return frame && frame->type == DZ_FRAME_TYPE_MARKER;
}

static bool is_in_runtime_module(const struct trace_file *file, const struct dz_frame *frame)
{
	struct trace_text base = call_base_name(call_frame_module(file, frame));
	char name[MODULE_MAX_BYTES];

	if (base.size == 0 || base.size >= sizeof(name))
		return false;
	memcpy(name, base.bytes, base.size);
	name[base.size] = '\0';
	return runtime_is_module(name);
}

static const struct culprit no_culprit = {NULL, CULPRIT_CALLED, NULL, NULL};

/* Where the search for the culprit stands. */
struct search {
	const struct trace_file *file;
	const struct dz_frame *frame; /* found; NULL: not yet */
	const struct runtime_function *telling;
	size_t passed; /* frames after it */
};

/* A frame after the one that was found. Returns false if the search can end. */
static bool pass(struct search *search, const char *symbol)
{
	const struct runtime_function *decisive = NULL;

	if (symbol[0])
		decisive = runtime_function_find_decisive(symbol);
	if (decisive) {
		search->frame = NULL;
		search->telling = decisive;
		return true;
	}
	return ++search->passed < DECISIVE_REACH;
}

/* Returns false if the search can end. */
static bool look_at(struct search *search, const struct dz_frame *frame)
{
	char symbol[SYMBOL_MAX_BYTES] = "";
	bool named = copy_symbol(search->file, frame, symbol);
	const struct runtime_function *function;

	if (named && runtime_is_starter(symbol))
		return false;
	if (search->frame)
		return pass(search, symbol);
	function = named ? runtime_function_find(symbol) : NULL;
	if (!function && !is_in_runtime_module(search->file, frame)) {
		search->frame = frame;
		search->passed = 0;
	} else if (function && function->how && (!search->telling || function < search->telling)) {
		search->telling = function;
	}
	return true;
}

static struct culprit find_end(const struct trace_file *file, uint64_t stack)
{
	struct search search = {.file = file};
	struct call_chain chain;
	size_t i = 0;

	call_chain_load(file, stack, &chain);
	while (i < chain.count && !is_marker(chain.frames[i]) && look_at(&search, chain.frames[i]))
		i++;
	if (!search.telling)
		return no_culprit;
	/* main() has returned. */
	if (!search.frame && i < chain.count && !is_marker(chain.frames[i]))
		return no_culprit;
	return (struct culprit){
		.how = search.telling->how,
		.manner = search.telling->manner,
		.frame = search.frame,
	};
}

/* For a fault in the C library, or at an address without code, the caller is responsible as well:
 * it passed the pointer, or jumped there. */
static struct culprit find_fault(const struct trace_file *file, uint64_t stack)
{
	struct culprit culprit = no_culprit;
	struct call_chain chain;
	size_t outside = 0;

	call_chain_load(file, stack, &chain);
	if (chain.count == 0)
		return culprit;
	if (is_marker(chain.frames[0]))
		outside = 1;
	else
		culprit.frame = chain.frames[0];
	while (outside < chain.count && is_in_runtime_module(file, chain.frames[outside]))
		outside++;
	if (outside > 0 && outside < chain.count && !is_marker(chain.frames[outside]))
		culprit.caller = chain.frames[outside];
	return culprit;
}

/* Returns whether a frame at the end of the calls is not shown: it belongs to the start of the
 * program or thread. */
static bool is_of_the_start(const struct trace_file *file, const struct dz_frame *frame)
{
	char symbol[SYMBOL_MAX_BYTES];

	if (!copy_symbol(file, frame, symbol))
		return is_in_runtime_module(file, frame);
	return is_marker(frame);
}

static bool is_beyond_main(const struct trace_file *file, const struct call_chain *chain,
			   size_t place)
{
	char symbol[SYMBOL_MAX_BYTES];

	if (copy_symbol(file, chain->frames[place], symbol) && runtime_is_starter(symbol))
		return true;
	return place > 0 && copy_symbol(file, chain->frames[place - 1], symbol) &&
	       (strcmp(symbol, "main") == 0 || strcmp(symbol, "main.main") == 0);
}

struct culprit_calls culprit_calls(const struct trace_file *file, const struct call_chain *chain,
				   const struct culprit *culprit)
{
	struct culprit_calls calls = {0, 0};

	if (!culprit->frame)
		return calls;
	while (calls.first < chain->count && chain->frames[calls.first] != culprit->frame)
		calls.first++;
	calls.end = calls.first;
	while (calls.end < chain->count && !is_beyond_main(file, chain, calls.end))
		calls.end++;
	while (calls.end > calls.first + 1 && is_of_the_start(file, chain->frames[calls.end - 1]))
		calls.end--;
	return calls;
}

static struct culprit find(const struct cause *cause)
{
	struct culprit culprit;

	switch ((int)cause->kind) {
	case CAUSE_FAULT:
		culprit = no_culprit;
		if (cause->signal == SIGTRAP)
			culprit = find_end(cause->user.file, cause->user.stack);
		return culprit.how ? culprit : find_fault(cause->user.file, cause->user.stack);
	case CAUSE_UNKNOWN:
		return cause->signal == SIGABRT ? find_end(cause->user.file, cause->user.stack)
						: no_culprit;
	case CAUSE_ABORT:
	case CAUSE_RAISED:
	case CAUSE_EXIT:
	case CAUSE_EXIT_CODE:
		return find_end(cause->user.file, cause->user.stack);
	default:
		return no_culprit;
	}
}

/* What the culprit depends on. */
struct memo_key {
	const struct trace_file *file;
	uint64_t frees; /* of the reader: frames are valid while it is the same */
	uint64_t stack;
	enum cause_kind kind;
	uint32_t signal;
};

/* Culprits that were found in this pass. Thousands of ends have the same stack, and comparing its
 * symbols with all patterns takes longer than all else. */
static struct {
	struct memo_key key;
	struct culprit culprit;
} memo[1024];

void culprit_forget(void)
{
	memset(memo, 0, sizeof(memo));
}

struct culprit culprit_find(const struct cause *cause)
{
	struct memo_key key = {
		.file = cause->user.file,
		.stack = cause->user.stack,
		.kind = cause->kind,
		.signal = cause->signal,
	};
	size_t place = (size_t)(key.stack * 31 + key.signal * 7 + key.kind) % 1024;
	const struct memo_key *known = &memo[place].key;

	if (key.stack == 0)
		return find(cause);
	key.frees = dz_reader_frees(key.file->reader);
	if (known->file != key.file || known->frees != key.frees || known->stack != key.stack ||
	    known->kind != key.kind || known->signal != key.signal) {
		memo[place].culprit = find(cause);
		key.frees = dz_reader_frees(key.file->reader);
		memo[place].key = key;
	}
	return memo[place].culprit;
}
