/* dz/file_header.h - the first frame of a .dz file (dz(5), FILE HEADER) */
#ifndef DZ_FILE_HEADER_H
#define DZ_FILE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/status.h>

#define DZ_VERSION_MAJOR 1u
#define DZ_VERSION_MINOR 0u

enum dz_arch {
	DZ_ARCH_X86_64 = 62, /* the ELF machine numbers */
	DZ_ARCH_AARCH64 = 183,
};

struct dz_file_header {
	uint16_t version_major;
	uint16_t version_minor;
	uint32_t features_required; /* a reader that does not know one of these bits refuses the
				       file */
	uint32_t features_optional; /* a reader that does not know one of these bits ignores it */
	uint8_t uuid[16];           /* random; every block repeats its first half */
	uint8_t boot_id[16];
	uint32_t arch; /* enum dz_arch, or another ELF machine number */
	uint32_t page_bytes;
	uint32_t cpu_count;
	uint64_t boottime_ns; /* the clocks at the start of the recording */
	uint64_t monotonic_ns;
	uint64_t realtime_ns; /* since 1970 */
};

/* Bytes of an encoded header, its zstd skippable frame header included. */
#define DZ_FILE_HEADER_BYTES 128u

/* Fills all DZ_FILE_HEADER_BYTES, checksum included; cannot fail. */
void dz_file_header_encode(const struct dz_file_header *header, uint8_t *out);

/* Checks before it believes. DZ_FOREIGN: not a .dz file; DZ_UNSUPPORTED: newer major version or an
 * unknown required feature; DZ_CORRUPT: checksum. *ret_header is written on DZ_OK only. */
DZ_MUST_CHECK enum dz_status dz_file_header_decode(const uint8_t *in,
						   struct dz_file_header *ret_header);

/* The file id, which every block repeats. */
uint64_t dz_file_header_id(const struct dz_file_header *header);

/* The size bytes are how a file header starts, as far as its magic goes. */
bool dz_file_header_starts(const uint8_t *in, size_t size);

#endif
