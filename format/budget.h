/* format/budget.h - limit of the memory that a reader uses */
#ifndef FORMAT_BUDGET_H
#define FORMAT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct dz_budget {
	uint64_t limit_bytes;
	uint64_t used_bytes;
};

/* Adds bytes that are about to be allocated. Returns false and adds nothing if they exceed the
 * limit. */
static inline bool dz_budget_take(struct dz_budget *budget, uint64_t bytes)
{
	if (bytes > budget->limit_bytes - budget->used_bytes)
		return false;
	budget->used_bytes += bytes;
	return true;
}

/* Subtracts bytes that dz_budget_take() added. */
static inline void dz_budget_return(struct dz_budget *budget, uint64_t bytes)
{
	budget->used_bytes -= bytes;
}

#endif
