/* tests/symbols/check_rows.h - compares a table of rows with the call frame information itself */
#ifndef TESTS_SYMBOLS_CHECK_ROWS_H
#define TESTS_SYMBOLS_CHECK_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "symbols/unwind_rows.h"

/* Of any machine that has tables. Returns whether the table has the same rule as module_find_row()
 * and the special functions at each address where it changes, one before, and where an entry
 * starts. Otherwise sets *ret_address to the first address with a difference. OTHER is always
 * allowed if `may_lack_rules`. */
bool check_rows(const struct module *module, const struct unwind_rule_set *set,
		const struct unwind_rows *rows, bool may_lack_rules, uint64_t *ret_address);

#endif
