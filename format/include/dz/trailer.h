/* dz/trailer.h - the last frame of a file that was closed (dz(5), Trailer) */
#ifndef DZ_TRAILER_H
#define DZ_TRAILER_H

#include <stdint.h>

#include <dz/status.h>

#define DZ_TRAILER_MAGIC 0x184D2A5Eu
#define DZ_TRAILER_BYTES 64u

#define DZ_TRAILER_CLEAN    1u /* the recording was closed cleanly */
#define DZ_TRAILER_REPAIRED 2u
#define DZ_TRAILER_SCRUBBED 4u
#define DZ_TRAILER_FLAGS    (DZ_TRAILER_CLEAN | DZ_TRAILER_REPAIRED | DZ_TRAILER_SCRUBBED)

struct dz_trailer {
	uint64_t file_id;
	uint64_t index_offset; /* of the first index block in the file */
	uint64_t events;
	uint64_t offset; /* of the trailer itself */
	uint32_t blocks;
	uint32_t flags;
	uint32_t reserved;
};

/* Fills all DZ_TRAILER_BYTES, checksum included; cannot fail. */
void dz_trailer_encode(const struct dz_trailer *trailer, uint8_t *out);

/* DZ_CORRUPT if it is not sound. */
DZ_MUST_CHECK enum dz_status dz_trailer_decode(const uint8_t *in, struct dz_trailer *ret_trailer);

#endif
