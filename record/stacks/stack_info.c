/* record/stacks/stack_info.c - info records about user stacks: their number and cost */
#include "record/stacks/stack_info.h"

#include <stddef.h>
#include <stdint.h>

#include "record/common/message.h"
#include "text/quantity.h"

#define NS_PER_US 1000u

static void warn_of_differing(const struct user_stacks_statistics *now)
{
	if (now->worker.differing)
		message("warning: %s of %s compared user stacks differ from their copies: use "
			"--user-stack copy",
			quantity_exact(now->worker.differing).text,
			quantity_exact(now->worker.checked).text);
}

bool stack_info_note(struct recording *recording, const struct user_stacks *stacks,
		     struct problem *ret_problem)
{
	struct user_stacks_statistics now;
	bool noted = true;

	if (!stacks)
		return true;
	user_stacks_get_statistics(stacks, &now);
	warn_of_differing(&now);
	const struct {
		const char *key;
		uint64_t value;
	} infos[] = {
		{"stacks.captured", now.captured},
		{"stacks.unwound", now.worker.unwinding.stacks},
		{"stacks.reused", now.reused},
		{"stacks.dropped", now.dropped + now.worker.dropped},
		{"stacks.late", now.late},
		{"stacks.mappings_unknown", now.unmapped},
		{"stacks.truncated", now.worker.unwinding.ends[UNWIND_END_TRUNCATED] +
					     now.worker.unwinding.ends[UNWIND_END_OTHER_STACK]},
		{"stacks.no_unwind_information",
		 now.worker.unwinding.ends[UNWIND_END_NO_INFORMATION]},
		{"stacks.damaged", now.worker.unwinding.ends[UNWIND_END_BAD_ADDRESS]},
		{"stacks.unwind_us", now.worker.cpu_ns / NS_PER_US},
		{"stacks.unwind_longest_us", now.worker.unwinding.longest_ns / NS_PER_US},
		{"stacks.walked", now.walks[UNWIND_WALK_COMPLETE]},
		{"stacks.not_walked.no_mapping", now.walks[UNWIND_WALK_NO_MAPPING]},
		{"stacks.not_walked.no_file", now.walks[UNWIND_WALK_NO_FILE]},
		{"stacks.not_walked.no_table", now.walks[UNWIND_WALK_UNKNOWN_FILE]},
		{"stacks.not_walked.mappings_busy", now.walks[UNWIND_WALK_BUSY]},
		{"stacks.not_walked.no_rule", now.walks[UNWIND_WALK_NO_RULE]},
		{"stacks.not_walked.other_rule", now.walks[UNWIND_WALK_OTHER_RULE]},
		{"stacks.not_walked.lost_register", now.walks[UNWIND_WALK_LOST_REGISTER]},
		{"stacks.not_walked.unreadable", now.walks[UNWIND_WALK_UNREADABLE]},
		{"stacks.not_walked.damaged", now.walks[UNWIND_WALK_DAMAGED]},
		{"stacks.not_walked.too_deep", now.walks[UNWIND_WALK_TOO_DEEP]},
		{"stacks.checked", now.worker.checked},
		{"stacks.differing", now.worker.differing},
		{"stacks.tables", now.worker.tables.files},
		{"stacks.tables_blocks", now.worker.tables.blocks},
		{"stacks.tables_evicted", now.worker.tables.evicted},
		{"stacks.tables_failed", now.worker.tables.failed},
		{"stacks.files_loaded", now.worker.modules.loaded},
		{"stacks.files_failed", now.worker.modules.failed},
		{"stacks.files_bytes", now.worker.modules.memory_bytes},
		{"stacks.files_timed_out", now.reader.timeouts},
		{"stacks.files_not_tried",
		 now.reader.refused + now.maps.files.over_budget + now.worker.modules.refused},
		{"mmap.changes", now.maps.changes},
		{"mmap.lost", now.maps.missed},
		{"mmap.processes", now.maps.processes.processes},
		{"mmap.bytes", now.maps.processes.memory_bytes},
	};
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]) && noted; i++)
		noted = recording_add_info_number(recording, infos[i].key, infos[i].value,
						  ret_problem);
	return noted;
}
