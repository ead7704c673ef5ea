/* dz/repair.h - copies what is intact of a damaged file into a clean one */
#ifndef DZ_REPAIR_H
#define DZ_REPAIR_H

#include <stdint.h>

#include <dz/sink.h>
#include <dz/source.h>
#include <dz/status.h>

struct dz_repair_result {
	uint64_t blocks;        /* copied, index blocks not counted */
	uint64_t events;        /* in them */
	uint64_t damaged_bytes; /* of the source, not copied */
	uint64_t damages;       /* stretches, and places where something is missing */
};

/*
 * Copies every block that decodes, as it is but for its sequence number, and writes a new index and
 * a trailer that says that the file was repaired. References to what is lost stay, and are shown as
 * damaged. The new file has the uuid of the old one. The errors of dz_reader_open(), and what the
 * sink returns.
 */
DZ_MUST_CHECK enum dz_status dz_repair(const struct dz_source *source, const struct dz_sink *sink,
				       struct dz_repair_result *ret_result);

#endif
