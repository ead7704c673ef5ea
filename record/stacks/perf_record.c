/* record/stacks/perf_record.c - decodes the perf records of mappings, execs, forks and exits */
#include "record/stacks/perf_record.h"

#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>

/* Each record ends with the fields of attr.sample_id_all: here only the time. */
struct trailer {
	uint64_t time_ns;
};

struct mapped_body {
	uint32_t pid;
	uint32_t tid;
	uint64_t start;
	uint64_t size;
	uint64_t file_offset;
	uint32_t device_major;
	uint32_t device_minor;
	uint64_t inode;
	uint64_t generation;
	uint32_t protection;
	uint32_t flags;
	/* then the path with its NUL */
};

struct named_body {
	uint32_t pid;
	uint32_t tid;
	/* then the name with its NUL */
};

struct task_body {
	uint32_t pid;
	uint32_t parent_pid;
	uint32_t tid;
	uint32_t parent_tid;
	uint64_t time_ns;
};

struct missed_body {
	uint64_t event;
	uint64_t count;
};

_Static_assert(sizeof(struct mapped_body) == 64, "as in the kernel");

struct body {
	const uint8_t *bytes;
	size_t size_bytes;
	uint16_t flags; /* PERF_RECORD_MISC_... */
};

static bool take(const struct body *body, void *out, size_t size_bytes)
{
	if (body->size_bytes < size_bytes)
		return false;
	memcpy(out, body->bytes, size_bytes);
	return true;
}

static bool decode_mapped(const struct body *body, struct perf_record *record)
{
	struct mapped_body mapped;

	if ((body->flags & PERF_RECORD_MISC_CPUMODE_MASK) != PERF_RECORD_MISC_USER)
		return true;
	if (!take(body, &mapped, sizeof(mapped)))
		return false;
	record->path = (const char *)body->bytes + sizeof(mapped);
	if (!memchr(record->path, 0, body->size_bytes - sizeof(mapped)))
		return false;
	if (mapped.size == 0 || mapped.start > UINT64_MAX - mapped.size)
		return false;
	record->kind = PERF_RECORD_MAPPED;
	record->pid = mapped.pid;
	record->tid = mapped.tid;
	record->start = mapped.start;
	record->end = mapped.start + mapped.size;
	record->file_offset = mapped.file_offset;
	record->executable = (mapped.protection & PROT_EXEC) != 0;
	/* Never a build ID: the kernel can leave PERF_RECORD_MISC_MMAP_BUILD_ID set for our event
	 * after it wrote the record for an event of another program. */
	record->identity = (struct file_identity){
		.device_major = mapped.device_major,
		.device_minor = mapped.device_minor,
		.inode = mapped.inode,
		.generation = mapped.generation,
	};
	return true;
}

static bool decode_named(const struct body *body, struct perf_record *record)
{
	struct named_body named;

	if (!(body->flags & PERF_RECORD_MISC_COMM_EXEC))
		return true;
	if (!take(body, &named, sizeof(named)))
		return false;
	record->kind = PERF_RECORD_EXECUTED;
	record->pid = named.pid;
	record->tid = named.tid;
	return true;
}

static bool decode_task(const struct body *body, struct perf_record *record)
{
	struct task_body task;

	if (!take(body, &task, sizeof(task)))
		return false;
	record->pid = task.pid;
	record->tid = task.tid;
	record->parent_pid = task.parent_pid;
	return true;
}

static bool decode_forked(const struct body *body, struct perf_record *record)
{
	record->kind = PERF_RECORD_FORKED;
	return decode_task(body, record);
}

static bool decode_ended(const struct body *body, struct perf_record *record)
{
	record->kind = PERF_RECORD_ENDED;
	return decode_task(body, record);
}

static bool decode_missed(const struct body *body, struct perf_record *record)
{
	struct missed_body missed;

	if (!take(body, &missed, sizeof(missed)))
		return false;
	record->kind = PERF_RECORD_MISSED;
	record->missed = missed.count;
	return true;
}

bool perf_record_decode(const void *bytes, size_t size_bytes, struct perf_record *ret_record)
{
	static const struct {
		uint32_t type;
		bool (*decode)(const struct body *body, struct perf_record *record);
	} decoders[] = {
		{PERF_RECORD_MMAP2, decode_mapped}, {PERF_RECORD_COMM, decode_named},
		{PERF_RECORD_FORK, decode_forked},  {PERF_RECORD_EXIT, decode_ended},
		{PERF_RECORD_LOST, decode_missed},
	};
	struct perf_record record = {.kind = PERF_RECORD_OTHER_KIND};
	struct perf_event_header header;
	struct trailer trailer;
	struct body body;

	if (size_bytes < sizeof(header) + sizeof(trailer))
		return false;
	memcpy(&header, bytes, sizeof(header));
	if (header.size != size_bytes)
		return false;
	body.bytes = (const uint8_t *)bytes + sizeof(header);
	body.size_bytes = size_bytes - sizeof(header) - sizeof(trailer);
	body.flags = header.misc;
	memcpy(&trailer, body.bytes + body.size_bytes, sizeof(trailer));
	record.time_ns = trailer.time_ns;
	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
		if (decoders[i].type == header.type && !decoders[i].decode(&body, &record))
			return false;
	}
	*ret_record = record;
	return true;
}
