/* record/stacks/mapping_set.c - the mappings of a process at one time, with a reference count
 */
#include "record/stacks/mapping_set.h"

#include <stdlib.h>

struct mapping_set *mapping_set_new(pid_t pid, struct mapping_account *account)
{
	struct mapping_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	atomic_init(&set->references, 1);
	set->account = account;
	mappings_init(&set->mappings, pid);
	mapping_set_changed(set);
	return set;
}

struct mapping_set *mapping_set_reference(struct mapping_set *set)
{
	if (set)
		atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
	return set;
}

void mapping_set_release(struct mapping_set *set)
{
	if (!set || atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) != 1)
		return;
	atomic_fetch_sub(&set->account->bytes, set->charged_bytes);
	mappings_release(&set->mappings);
	free(set);
}

enum symbols_status mapping_set_own(struct mapping_set **set, pid_t pid,
				    struct mapping_account *account)
{
	struct mapping_set *own;
	enum symbols_status status = SYMBOLS_OK;

	if (*set && atomic_load_explicit(&(*set)->references, memory_order_acquire) == 1 &&
	    (*set)->mappings.pid == pid)
		return SYMBOLS_OK;
	own = mapping_set_new(pid, account);
	if (!own)
		return SYMBOLS_NO_MEMORY;
	if (*set)
		status = mappings_copy(&(*set)->mappings, pid, &own->mappings);
	if (status != SYMBOLS_OK) {
		mapping_set_release(own);
		return status;
	}
	mapping_set_changed(own);
	mapping_set_release(*set);
	*set = own;
	return SYMBOLS_OK;
}

void mapping_set_changed(struct mapping_set *set)
{
	size_t bytes = sizeof(*set) + set->mappings.capacity * sizeof(set->mappings.entries[0]);

	atomic_fetch_add(&set->account->bytes, bytes - set->charged_bytes);
	set->charged_bytes = bytes;
	set->version = atomic_fetch_add(&set->account->versions, 1) + 1;
}
