/* format/block_header.h - header of a block (dz(5), Block header) */
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
	uint32_t stored_bytes; /* compressed payload */
	uint32_t raw_bytes;    /* decompressed payload */
	uint32_t records;
	uint32_t reserved;
	uint64_t first; /* time in ns; identifier in a dictionary */
	uint64_t last;
	uint32_t payload_crc;
};

/* Writes DZ_BLOCK_HEADER_BYTES to `out`, with the checksum. Cannot fail. */
void dz_block_header_encode(const struct dz_block_header *header, uint8_t *out);

/* Decodes the DZ_BLOCK_HEADER_BYTES at `in`. Writes *ret_header on DZ_OK only. Returns DZ_CORRUPT
 * if the magic or the checksum differs. The fields are not checked: dz_block_header_check(). */
DZ_MUST_CHECK enum dz_status dz_block_header_decode(const uint8_t *in,
						    struct dz_block_header *ret_header);

/* Checks the rules that concern the header alone. Returns DZ_UNSUPPORTED for a reserved bit,
 * DZ_LIMIT or DZ_CORRUPT. */
DZ_MUST_CHECK enum dz_status dz_block_header_check(const struct dz_block_header *header);

#endif
