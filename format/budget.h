/* format/budget.h - the memory that a reader may use */
#ifndef FORMAT_BUDGET_H
#define FORMAT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct dz_budget {
	uint64_t limit_bytes;
	uint64_t used_bytes;
};

/* Counts bytes in, before they are allocated; false, and nothing counted, if they are too many. */
static inline bool dz_budget_take(struct dz_budget *budget, uint64_t bytes)
{
	if (bytes > budget->limit_bytes - budget->used_bytes)
		return false;
	budget->used_bytes += bytes;
	return true;
}

/* Counts bytes out that dz_budget_take() has counted in. */
static inline void dz_budget_give(struct dz_budget *budget, uint64_t bytes)
{
	budget->used_bytes -= bytes;
}

#endif
