/* format/crc32c.h - CRC32C, the checksum of headers and payloads (RFC 3720) */
#ifndef FORMAT_CRC32C_H
#define FORMAT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of that many bytes, started and ended as the RFC says. */
uint32_t dz_crc32c(const void *bytes, size_t size);

/* The same without the processor's instruction for it; slower. */
uint32_t dz_crc32c_portable(const void *bytes, size_t size);

#endif
