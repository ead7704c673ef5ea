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
	uint32_t features_required; /* a reader refuses the file if it does not know one of the bits
				     */
	uint32_t features_optional; /* a reader ignores the bits that it does not know */
	uint8_t uuid[16];           /* random; its first half is the file id */
	uint8_t boot_id[16];
	uint32_t arch; /* enum dz_arch, or another ELF machine number */
	uint32_t page_bytes;
	uint32_t cpu_count;
	uint64_t boottime_ns; /* the clocks at the start of the recording */
	uint64_t monotonic_ns;
	uint64_t realtime_ns; /* since 1970 */
};

/* Bytes of an encoded header, with the header of its zstd skippable frame. */
#define DZ_FILE_HEADER_BYTES 128u

/* Writes DZ_FILE_HEADER_BYTES to `out`, with the checksum. Cannot fail. */
void dz_file_header_encode(const struct dz_file_header *header, uint8_t *out);

/* Decodes the DZ_FILE_HEADER_BYTES at `in`. Writes *ret_header on DZ_OK only. Errors: DZ_FOREIGN if
 * the magic differs, DZ_CORRUPT if the checksum does, DZ_UNSUPPORTED for a newer major version, an
 * unknown required feature, or a reserved byte that is not 0. */
DZ_MUST_CHECK enum dz_status dz_file_header_decode(const uint8_t *in,
						   struct dz_file_header *ret_header);

/* Returns the file id, which every block repeats. */
uint64_t dz_file_header_id(const struct dz_file_header *header);

/* Returns whether the bytes are the start of a file header: its magic, or the first `size` bytes of
 * the magic. */
bool dz_file_header_starts(const uint8_t *in, size_t size);

#endif
