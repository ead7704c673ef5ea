/* format/block_header.h - what stands before the payload of a block (dz(5), Block header) */
#ifndef FORMAT_BLOCK_HEADER_H
#define FORMAT_BLOCK_HEADER_H

#include <stdint.h>

#include <dz/status.h>

#define DZ_BLOCK_MAGIC        0x184D2A5Cu
#define DZ_BLOCK_HEADER_BYTES 72u

struct dz_block_header {
	uint16_t kind;
	uint16_t flags; /* all reserved */
	uint64_t file_id;
	uint32_t sequence;
	uint32_t generation;
	uint32_t stored_bytes; /* of the payload in the file */
	uint32_t raw_bytes;    /* of the payload when decompressed */
	uint32_t records;
	uint32_t reserved;
	uint64_t first; /* time in ns, or identifier for a dictionary */
	uint64_t last;
	uint32_t payload_crc;
};

/* Fills all DZ_BLOCK_HEADER_BYTES, checksum included; cannot fail. */
void dz_block_header_encode(const struct dz_block_header *header, uint8_t *out);

/* DZ_CORRUPT if it is not sound. It may be sound and still break rules: dz_block_header_check(). */
DZ_MUST_CHECK enum dz_status dz_block_header_decode(const uint8_t *in,
						    struct dz_block_header *ret_header);

/* Whether a sound header keeps to the rules that need nothing else: DZ_OK, DZ_UNSUPPORTED (a
 * reserved bit), DZ_LIMIT, DZ_CORRUPT. */
DZ_MUST_CHECK enum dz_status dz_block_header_check(const struct dz_block_header *header);

#endif
