/* tests/format/trace_digest.c - results of a reader as numbers to compare */
#include "tests/format/trace_digest.h"

#include <string.h>

#define START_NS      3600000000000u
#define GENERATION_NS 61000000000u

static void add_event(struct trace_digest *digest, const struct dz_event *event)
{
	uint64_t generation = (event->time_ns - START_NS) / GENERATION_NS % DIGEST_GENERATIONS;
	uint32_t kind = event->kind % DIGEST_KINDS;
	uint64_t sum = event->time_ns;

	for (uint32_t i = 0; i < event->schema->field_count; i++) {
		enum dz_type type = event->schema->fields[i].type;

		if (type < DZ_TYPE_STRING || type > DZ_TYPE_TASK)
			sum = (sum ^ event->values[i]) * 0x9e3779b97f4a7c15u + (sum >> 29);
	}
	digest->rows++;
	digest->counts[generation][kind]++;
	digest->sums[generation][kind] += sum;
}

void trace_digest_read(struct dz_reader *reader, struct trace_digest *digest)
{
	struct dz_event event;

	while ((digest->end_status = dz_reader_next(reader, &event)) == DZ_OK)
		add_event(digest, &event);
}

void trace_digest_end(struct dz_reader *reader, struct trace_digest *digest)
{
	const struct dz_damage *damage = dz_reader_damage(reader, &digest->damage_count);

	digest->closed = dz_reader_closed(reader);
	for (size_t i = 0; i < digest->damage_count; i++)
		digest->damage_bytes += damage[i].size_bytes;
}

struct trace_digest trace_digest_of(const uint8_t *bytes, size_t size)
{
	struct dz_source source = dz_source_memory(bytes, size);
	struct trace_digest digest;
	struct dz_reader *reader;

	memset(&digest, 0, sizeof(digest));
	digest.open_status = dz_reader_open(&source, NULL, &reader);
	if (digest.open_status != DZ_OK)
		return digest;
	trace_digest_read(reader, &digest);
	if (dz_reader_verify(reader) != DZ_OK)
		digest.end_status = DZ_CORRUPT;
	trace_digest_end(reader, &digest);
	dz_reader_close(reader);
	return digest;
}

static bool is_same(const struct trace_digest *first, const struct trace_digest *second,
		    uint32_t generation, uint32_t kind)
{
	return first->counts[generation][kind] == second->counts[generation][kind] &&
	       first->sums[generation][kind] == second->sums[generation][kind];
}

bool trace_digest_same_rows(const struct trace_digest *first, const struct trace_digest *second,
			    uint32_t except_generation, uint32_t except_kind)
{
	for (uint32_t generation = 0; generation < DIGEST_GENERATIONS; generation++) {
		for (uint32_t kind = 0; kind < DIGEST_KINDS; kind++) {
			bool is_except = except_kind && kind == except_kind &&
					 generation == except_generation;

			if (is_except ? first->counts[generation][kind] != 0
				      : !is_same(first, second, generation, kind))
				return false;
		}
	}
	return true;
}
