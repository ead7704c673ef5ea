/* dz/trailer.h - the last frame of a closed .dz file (dz(5), Trailer) */
#ifndef DZ_TRAILER_H
#define DZ_TRAILER_H

#include <stdint.h>

#include <dz/status.h>

#define DZ_TRAILER_MAGIC 0x184D2A5Eu
#define DZ_TRAILER_BYTES 64u

#define DZ_TRAILER_CLEAN    1u /* the recorder closed the file */
#define DZ_TRAILER_REPAIRED 2u /* set by dz_repair() */
#define DZ_TRAILER_SCRUBBED 4u /* set by dz_rewrite() */
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

/* Writes DZ_TRAILER_BYTES to `out`, with the checksum. Cannot fail. */
void dz_trailer_encode(const struct dz_trailer *trailer, uint8_t *out);

/* Decodes the DZ_TRAILER_BYTES at `in`. Writes *ret_trailer on DZ_OK only. Returns DZ_CORRUPT if
 * the magic or the checksum differs. */
DZ_MUST_CHECK enum dz_status dz_trailer_decode(const uint8_t *in, struct dz_trailer *ret_trailer);

#endif
