/* record/stacks/unwind_job.c - a user stack that waits to be unwound */
#include "record/stacks/unwind_job.h"

#include <stdlib.h>

struct unwind_job *unwind_job_new(size_t size_bytes)
{
	struct unwind_job *job = malloc(sizeof(*job) + size_bytes);

	if (!job)
		return NULL;
	*job = (struct unwind_job){
		.layout = registers_native(),
		.size_bytes = size_bytes,
		.stack_bytes = size_bytes,
	};
	return job;
}

void unwind_job_free(struct unwind_job *job)
{
	if (!job)
		return;
	mapping_set_release(job->set);
	jit_map_release(job->jit_map);
	free(job);
}
