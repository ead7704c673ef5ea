/* format/crc32c.h - CRC32C, checksum of headers and payloads (RFC 3720) */
#ifndef FORMAT_CRC32C_H
#define FORMAT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Returns the checksum, with the initial value and the final inversion of the RFC. */
uint32_t dz_crc32c(const void *bytes, size_t size);

/* The same without the processor's CRC32 instruction; slower. */
uint32_t dz_crc32c_portable(const void *bytes, size_t size);

#endif
