/* tests/symbols/check_rows.c - compares a table of rows with the call frame information itself */
#include "tests/symbols/check_rows.h"

#include <elf.h>
#include <string.h>

#define STEPS 1000000u

static struct unwind_rule rule_by_module(const struct module *module, uint64_t address)
{
	uint32_t steps_left = STEPS;
	struct unwind_rule rule = {.kind = UNWIND_RULE_OTHER};
	enum symbols_status status;
	struct cfi_row row;

	switch (special_functions_find(&module->special_functions, address)) {
	case SPECIAL_FUNCTION_OUTERMOST:
		rule.kind = UNWIND_RULE_END;
		return rule;
	case SPECIAL_FUNCTION_SIGNAL_RETURN:
		if (module->image.machine == EM_X86_64)
			rule.kind = UNWIND_RULE_SIGNAL;
		return rule;
	case SPECIAL_FUNCTION_STACK_SWITCH:
	case SPECIAL_FUNCTION_INJECTED:
		return rule;
	case SPECIAL_FUNCTION_NONE:
		break;
	}
	status = module_find_row(module, address, &steps_left, &row);
	if (status == SYMBOLS_NOT_FOUND)
		rule.kind = UNWIND_RULE_NONE;
	return status == SYMBOLS_OK ? unwind_rule_maker(module->image.machine)(&row) : rule;
}

static bool is_same_at(const struct module *module, const struct unwind_rule_set *set,
		       const struct unwind_rows *rows, bool may_lack_rules, uint64_t address)
{
	size_t count;
	const struct unwind_rule *rules = unwind_rule_set_rules(set, &count);
	const struct unwind_rule expected = rule_by_module(module, address);
	const uint32_t number = unwind_rows_find(rows, address);

	return number < count && (memcmp(&rules[number], &expected, sizeof(expected)) == 0 ||
				  (may_lack_rules && rules[number].kind == UNWIND_RULE_OTHER));
}

static bool check_entries(const struct module *module, const struct unwind_rule_set *set,
			  const struct unwind_rows *rows, bool may_lack_rules,
			  uint64_t *ret_address)
{
	const struct cfi_section *sections[] = {&module->eh_frame, &module->debug_frame};

	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < sections[i]->entry_count; j++) {
			*ret_address =
				sections[i]->base_address + sections[i]->entries[j].start_delta;
			if (!is_same_at(module, set, rows, may_lack_rules, *ret_address))
				return false;
		}
	}
	return true;
}

bool check_rows(const struct module *module, const struct unwind_rule_set *set,
		const struct unwind_rows *rows, bool may_lack_rules, uint64_t *ret_address)
{
	for (size_t i = 0; i < rows->count; i++) {
		*ret_address = rows->base_address + rows->rows[i].delta;
		if (!is_same_at(module, set, rows, may_lack_rules, *ret_address))
			return false;
		if (i == 0)
			continue;
		--*ret_address;
		if (!is_same_at(module, set, rows, may_lack_rules, *ret_address))
			return false;
	}
	return check_entries(module, set, rows, may_lack_rules, ret_address);
}
