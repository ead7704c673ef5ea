/* symbols/unwind_rows.c - the call frame information of one file as a compact table */
#include "symbols/unwind_rows.h"

#include <dwarf.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cursor.h"
#include "base/search.h"

/* DWARF numbers of x86-64. */
#define BP 6
#define SP 7
#define IP 16

/* DWARF numbers of AArch64. */
#define ARM64_FP   29
#define ARM64_LINK 30
#define ARM64_SP   31

#define RULE_SLOTS (2 * UNWIND_RULES_MAX) /* a power of two */
#define RULE_NONE  0u
#define RULE_OTHER 1u

/* Words of the kernel's frame for a signal handler, from SP in its return path. */
#define SIGNAL_BP 120
#define SIGNAL_SP 160
#define SIGNAL_IP 168

struct unwind_rule_set {
	struct unwind_rule rules[UNWIND_RULES_MAX];
	uint16_t slots[RULE_SLOTS]; /* number plus 1; 0: empty */
	size_t count;
};

struct unwind_rule_set *unwind_rule_set_new(void)
{
	struct unwind_rule_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->rules[RULE_OTHER].kind = UNWIND_RULE_OTHER;
	set->count = RULE_OTHER + 1;
	return set;
}

void unwind_rule_set_free(struct unwind_rule_set *set)
{
	free(set);
}

const struct unwind_rule *unwind_rule_set_rules(const struct unwind_rule_set *set,
						size_t *ret_count)
{
	*ret_count = set->count;
	return set->rules;
}

static size_t rule_slot(const struct unwind_rule *rule)
{
	uint64_t words[2];

	memcpy(words, rule, sizeof(words));
	words[0] =
		(words[0] ^ words[1] * UINT64_C(0xff51afd7ed558ccd)) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(words[0] >> 32) % RULE_SLOTS;
}

/* Returns RULE_OTHER for a new rule if there are `limit` rules. The slots are never full: they are
 * twice as many. */
static uint16_t rule_number(struct unwind_rule_set *set, const struct unwind_rule *rule,
			    size_t limit)
{
	size_t slot = rule_slot(rule);

	if (rule->kind == UNWIND_RULE_NONE || rule->kind == UNWIND_RULE_OTHER)
		return (uint16_t)(rule->kind == UNWIND_RULE_NONE ? RULE_NONE : RULE_OTHER);
	while (set->slots[slot]) {
		if (memcmp(&set->rules[set->slots[slot] - 1], rule, sizeof(*rule)) == 0)
			return (uint16_t)(set->slots[slot] - 1);
		slot = (slot + 1) % RULE_SLOTS;
	}
	if (set->count >= limit)
		return RULE_OTHER;
	set->rules[set->count] = *rule;
	set->slots[slot] = (uint16_t)(set->count + 1);
	return (uint16_t)set->count++;
}

static bool fits(int64_t offset)
{
	return offset >= INT32_MIN && offset <= INT32_MAX;
}

/* Whether the rule is saved at the address "register + offset". */
static bool is_at_register(const struct cfi_rule *rule, uint8_t number, int64_t *ret_offset)
{
	struct cursor cursor;

	if (rule->kind != CFI_RULE_EXPRESSION)
		return false;
	cursor = cursor_over(rule->expression, rule->expression_bytes);
	if (cursor_u8(&cursor) != DW_OP_breg0 + number)
		return false;
	*ret_offset = cursor_sleb128(&cursor);
	return !cursor.failed && cursor_left(&cursor) == 0 && fits(*ret_offset);
}

/* "breg SP or BP a; deref", perhaps followed by "plus_uconst b". */
static bool is_loaded_cfa(const struct cfi_rule *cfa, struct unwind_rule *out)
{
	struct cursor cursor = cursor_over(cfa->expression, cfa->expression_bytes);
	uint8_t opcode = cursor_u8(&cursor);
	int64_t offset = cursor_sleb128(&cursor);
	uint64_t addend = 0;

	if ((opcode != DW_OP_breg0 + SP && opcode != DW_OP_breg0 + BP) ||
	    cursor_u8(&cursor) != DW_OP_deref)
		return false;
	if (cursor_left(&cursor) > 0) {
		if (cursor_u8(&cursor) != DW_OP_plus_uconst)
			return false;
		addend = cursor_uleb128(&cursor);
	}
	if (cursor.failed || cursor_left(&cursor) > 0 || !fits(offset) || addend > INT32_MAX)
		return false;
	out->kind = UNWIND_RULE_LOADED;
	out->is_bp = opcode == DW_OP_breg0 + BP;
	out->cfa_offset = (int32_t)offset;
	out->addend = (int32_t)addend;
	return true;
}

/* See cfi_expression_evaluate(). */
static bool is_plt_cfa(const struct cfi_rule *cfa, struct unwind_rule *out)
{
	static const uint8_t before[] = {DW_OP_breg7, 8, DW_OP_breg16, 0, DW_OP_lit15, DW_OP_and};
	static const uint8_t after[] = {DW_OP_ge, DW_OP_lit3, DW_OP_shl, DW_OP_plus};
	const uint8_t *bytes = cfa->expression;

	if (cfa->expression_bytes != sizeof(before) + 1 + sizeof(after) ||
	    memcmp(bytes, before, sizeof(before)) != 0 ||
	    memcmp(bytes + sizeof(before) + 1, after, sizeof(after)) != 0 ||
	    bytes[sizeof(before)] < DW_OP_lit0 || bytes[sizeof(before)] > DW_OP_lit15)
		return false;
	out->kind = UNWIND_RULE_PLT;
	out->addend = bytes[sizeof(before)] - DW_OP_lit0;
	return true;
}

static bool reduce_cfa(const struct cfi_rule *cfa, struct unwind_rule *out)
{
	if (cfa->kind == CFI_RULE_VALUE_EXPRESSION)
		return is_plt_cfa(cfa, out) || is_loaded_cfa(cfa, out);
	if (cfa->kind != CFI_RULE_REGISTER || (cfa->number != SP && cfa->number != BP) ||
	    !fits(cfa->offset))
		return false;
	out->kind = UNWIND_RULE_REGISTER;
	out->is_bp = cfa->number == BP;
	out->cfa_offset = (int32_t)cfa->offset;
	return true;
}

/* A frame pointer that a rule cannot find is lost: a rule that needs it later ends the stack. */
static void reduce_bp(const struct cfi_rule *bp, uint8_t number, struct unwind_rule *out)
{
	int64_t offset;

	out->bp_kind = UNWIND_BP_LOST;
	if (bp->kind == CFI_RULE_UNSPECIFIED || bp->kind == CFI_RULE_SAME) {
		out->bp_kind = UNWIND_BP_SAME;
	} else if (bp->kind == CFI_RULE_OFFSET && fits(bp->offset)) {
		out->bp_kind = UNWIND_BP_AT_CFA;
		out->bp_offset = (int32_t)bp->offset;
	} else if (is_at_register(bp, number, &offset)) {
		out->bp_kind = UNWIND_BP_AT_BP;
		out->bp_offset = (int32_t)offset;
	}
}

static bool is_kernel_signal_frame(const struct cfi_row *row)
{
	struct unwind_rule cfa = {.kind = UNWIND_RULE_OTHER};
	int64_t ip, bp;

	return is_at_register(&row->registers[IP], SP, &ip) && ip == SIGNAL_IP &&
	       is_at_register(&row->registers[BP], SP, &bp) && bp == SIGNAL_BP &&
	       row->cfa.kind == CFI_RULE_VALUE_EXPRESSION && is_loaded_cfa(&row->cfa, &cfa) &&
	       !cfa.is_bp && cfa.cfa_offset == SIGNAL_SP && cfa.addend == 0 &&
	       row->registers[SP].kind == CFI_RULE_UNSPECIFIED;
}

struct unwind_rule unwind_rule_of_row(const struct cfi_row *row)
{
	const struct cfi_rule *ip = &row->registers[IP];
	struct unwind_rule rule = {.kind = UNWIND_RULE_OTHER};

	if (row->return_register != IP)
		return rule;
	if (row->signal_frame) {
		if (is_kernel_signal_frame(row))
			rule.kind = UNWIND_RULE_SIGNAL;
		return rule;
	}
	if (ip->kind == CFI_RULE_UNDEFINED) {
		rule.kind = UNWIND_RULE_END;
		return rule;
	}
	if (ip->kind != CFI_RULE_OFFSET || ip->offset != -8 ||
	    row->registers[SP].kind != CFI_RULE_UNSPECIFIED)
		return rule;
	if (reduce_cfa(&row->cfa, &rule))
		reduce_bp(&row->registers[BP], BP, &rule);
	return rule;
}

/* The return path of signal handlers, in the vDSO, has no rule: it has no call frame information,
 * or some that leads to the frame record of the interrupted code, not to its PC. */
struct unwind_rule unwind_rule_of_arm64_row(const struct cfi_row *row)
{
	const struct cfi_rule *link = &row->registers[ARM64_LINK];
	const struct cfi_rule *cfa = &row->cfa;
	struct unwind_rule rule = {.kind = UNWIND_RULE_OTHER};

	if (row->return_register != ARM64_LINK || row->signal_frame)
		return rule;
	if (link->kind == CFI_RULE_UNDEFINED) {
		rule.kind = UNWIND_RULE_END;
		return rule;
	}
	if (cfa->kind != CFI_RULE_REGISTER ||
	    (cfa->number != ARM64_SP && cfa->number != ARM64_FP) || !fits(cfa->offset) ||
	    row->registers[ARM64_SP].kind != CFI_RULE_UNSPECIFIED)
		return rule;
	if (link->kind == CFI_RULE_UNSPECIFIED || link->kind == CFI_RULE_SAME)
		rule.link_kind = UNWIND_LINK_SAME;
	else if (link->kind == CFI_RULE_OFFSET && fits(link->offset))
		rule.addend = (int32_t)link->offset;
	else
		return rule;
	rule.kind = UNWIND_RULE_REGISTER;
	rule.is_bp = cfa->number == ARM64_FP;
	rule.cfa_offset = (int32_t)cfa->offset;
	reduce_bp(&row->registers[ARM64_FP], ARM64_FP, &rule);
	return rule;
}

unwind_rule_of unwind_rule_maker(uint16_t machine)
{
	if (machine == EM_X86_64)
		return unwind_rule_of_row;
	return machine == EM_AARCH64 ? unwind_rule_of_arm64_row : NULL;
}

/* The rows of one source of rules, with NONE in its holes. */
struct layer {
	struct unwind_row *rows;
	size_t count;
	size_t capacity;
	bool failed; /* out of memory, or beyond UNWIND_ROWS_MAX */
	bool is_full;
};

struct build {
	const struct module *module;
	unwind_rule_of rule_of_row;
	struct unwind_rule_set *set;
	size_t rules_limit;
	uint64_t base_address;
	uint64_t end; /* of the last range that was added */
	struct layer *layer;
};

/* The address ascends. A row with the rule of the one before it is not needed. */
static void append(struct layer *layer, uint32_t delta, uint16_t rule)
{
	struct unwind_row *grown;

	if (layer->count > 0 && layer->rows[layer->count - 1].delta == delta)
		layer->count--;
	if (layer->count > 0 && layer->rows[layer->count - 1].rule == rule)
		return;
	layer->is_full = layer->is_full || layer->count == UNWIND_ROWS_MAX;
	grown = array_grow(layer->rows, &layer->capacity, layer->count + 1, sizeof(*grown),
			   UNWIND_ROWS_MAX);
	if (!grown) {
		layer->failed = true;
		return;
	}
	layer->rows = grown;
	layer->rows[layer->count++] = (struct unwind_row){.delta = delta, .rule = rule};
}

/* Code that is 4 GiB or more above the lowest segment has no rows. */
static bool add_range(struct build *build, uint64_t start, uint64_t end, uint16_t rule)
{
	const uint64_t base = build->base_address;

	if (start < build->end)
		start = build->end;
	if (start >= end || start - base > UINT32_MAX)
		return true;
	append(build->layer, (uint32_t)(start - base), rule);
	if (end - base <= UINT32_MAX)
		append(build->layer, (uint32_t)(end - base), RULE_NONE);
	build->end = end;
	return !build->layer->failed;
}

static bool add_row(void *context, uint64_t start, uint64_t end, const struct cfi_row *row)
{
	struct build *build = context;
	struct unwind_rule rule = {.kind = UNWIND_RULE_OTHER};

	if (row)
		rule = build->rule_of_row(row);
	return add_range(build, start, end, rule_number(build->set, &rule, build->rules_limit));
}

static void begin_layer(struct build *build, struct layer *layer)
{
	*layer = (struct layer){.count = 0};
	build->layer = layer;
	build->end = build->base_address;
	append(layer, 0, RULE_NONE);
}

static enum symbols_status layer_status(const struct layer *layer)
{
	if (!layer->failed)
		return SYMBOLS_OK;
	return layer->is_full ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
}

static enum symbols_status add_section(struct build *build, const struct cfi_section *section,
				       uint32_t *steps_left)
{
	enum symbols_status status = SYMBOLS_OK;

	for (size_t i = 0; i < section->entry_count && status == SYMBOLS_OK; i++) {
		status = cfi_visit_rows(section, i, steps_left, add_row, build);
		if (build->layer->failed)
			status = layer_status(build->layer);
	}
	return status;
}

static int compare_starts(const void *left, const void *right)
{
	const struct special_function *a = left;
	const struct special_function *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

static void add_special_functions(struct build *build)
{
	struct special_functions sorted = build->module->special_functions;

	qsort(sorted.entries, sorted.count, sizeof(sorted.entries[0]), compare_starts);
	for (size_t i = 0; i < sorted.count; i++) {
		const struct special_function *function = &sorted.entries[i];
		struct unwind_rule rule = {.kind = UNWIND_RULE_OTHER};

		if (function->kind == SPECIAL_FUNCTION_OUTERMOST)
			rule.kind = UNWIND_RULE_END;
		else if (function->kind == SPECIAL_FUNCTION_SIGNAL_RETURN &&
			 build->module->image.machine == EM_X86_64)
			rule.kind = UNWIND_RULE_SIGNAL;
		if (function->start >= build->base_address &&
		    function->start + function->size_bytes > function->start)
			(void)add_range(build, function->start,
					function->start + function->size_bytes,
					rule_number(build->set, &rule, build->rules_limit));
	}
}

/* The upper layer hides the lower one, except in its holes. Frees both. */
static struct layer merge(struct layer *upper, struct layer *lower)
{
	struct layer out = {.failed = upper->failed || lower->failed};
	size_t i = 0, j = 0;

	while (!out.failed && (i < upper->count || j < lower->count)) {
		uint32_t a = i < upper->count ? upper->rows[i].delta : UINT32_MAX;
		uint32_t b = j < lower->count ? lower->rows[j].delta : UINT32_MAX;
		uint32_t delta = a < b ? a : b;

		i += i < upper->count && a == delta;
		j += j < lower->count && b == delta;
		append(&out, delta,
		       upper->rows[i - 1].rule != RULE_NONE ? upper->rows[i - 1].rule
							    : lower->rows[j - 1].rule);
	}
	free(upper->rows);
	free(lower->rows);
	return out;
}

static uint64_t base_of(const struct module *module)
{
	return module->eh_frame.entry_count ? module->eh_frame.base_address
					    : module->debug_frame.base_address;
}

/* .eh_frame comes first, as in module_find_row(). */
static enum symbols_status build_layers(struct build *build, struct layer *ret_layer)
{
	uint32_t steps_left = UNWIND_ROWS_STEPS_MAX;
	struct layer special, eh_frame, debug_frame;
	enum symbols_status status;

	begin_layer(build, &special);
	add_special_functions(build);
	begin_layer(build, &debug_frame);
	status = add_section(build, &build->module->debug_frame, &steps_left);
	begin_layer(build, &eh_frame);
	if (status == SYMBOLS_OK)
		status = add_section(build, &build->module->eh_frame, &steps_left);
	build->layer = NULL;
	if (status == SYMBOLS_OK)
		status = layer_status(&special);
	eh_frame = merge(&eh_frame, &debug_frame);
	*ret_layer = merge(&special, &eh_frame);
	return status == SYMBOLS_OK ? layer_status(ret_layer) : status;
}

enum symbols_status unwind_rows_build(const struct module *module, uint16_t machine,
				      struct unwind_rule_set *set, struct unwind_rows *ret_rows)
{
	struct build build = {.module = module,
			      .rule_of_row = unwind_rule_maker(machine),
			      .set = set,
			      .rules_limit = set->count + UNWIND_RULES_FILE_MAX,
			      .base_address = base_of(module)};
	enum symbols_status status;
	struct layer layer;

	if (module->status != SYMBOLS_OK || module->image.machine != machine ||
	    !build.rule_of_row ||
	    module->eh_frame.entry_count + module->debug_frame.entry_count == 0)
		return SYMBOLS_NOT_FOUND;
	if (build.rules_limit > UNWIND_RULES_MAX)
		build.rules_limit = UNWIND_RULES_MAX;
	status = build_layers(&build, &layer);
	if (status != SYMBOLS_OK) {
		free(layer.rows);
		return status;
	}
	*ret_rows = (struct unwind_rows){
		.base_address = build.base_address, .rows = layer.rows, .count = layer.count};
	return SYMBOLS_OK;
}

void unwind_rows_release(struct unwind_rows *rows)
{
	free(rows->rows);
	*rows = (struct unwind_rows){.count = 0};
}

static bool starts_before(const void *table, size_t index, uint64_t delta)
{
	const struct unwind_row *rows = table;

	return rows[index].delta <= delta;
}

uint32_t unwind_rows_find(const struct unwind_rows *rows, uint64_t address)
{
	const uint64_t delta = address - rows->base_address;
	size_t count;

	if (address < rows->base_address || delta > UINT32_MAX)
		return RULE_NONE;
	count = search_lower_bound(rows->rows, rows->count, delta, starts_before);
	return count > 0 ? rows->rows[count - 1].rule : RULE_NONE;
}
