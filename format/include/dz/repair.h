/* dz/repair.h - writes the readable part of a damaged file to a new file */
#ifndef DZ_REPAIR_H
#define DZ_REPAIR_H

#include <stdint.h>

#include <dz/sink.h>
#include <dz/source.h>
#include <dz/status.h>

struct dz_repair_result {
	uint64_t blocks;        /* copied, without index blocks */
	uint64_t events;        /* in those blocks */
	uint64_t damaged_bytes; /* of the source, not copied */
	uint64_t damages;       /* entries of dz_reader_damage() */
};

/*
 * Copies every block that decodes, and changes only its sequence number. Writes a new index and a
 * trailer with DZ_TRAILER_REPAIRED. References to lost dictionary entries stay; readers resolve
 * them to DZ_ID_DAMAGED. The copy keeps the uuid.
 *
 * Writes *ret_result on DZ_OK only. Returns the errors of dz_reader_open() and of the sink; then a
 * part of the copy can be written.
 */
DZ_MUST_CHECK enum dz_status dz_repair(const struct dz_source *source, const struct dz_sink *sink,
				       struct dz_repair_result *ret_result);

#endif
