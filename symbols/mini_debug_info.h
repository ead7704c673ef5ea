/* symbols/mini_debug_info.h - .gnu_debugdata: an xz-compressed symbol table in a stripped file */
#ifndef SYMBOLS_MINI_DEBUG_INFO_H
#define SYMBOLS_MINI_DEBUG_INFO_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_image.h"
#include "symbols/status.h"

#define MINI_DEBUG_INFO_STORED_MAX_BYTES  (8u << 20)
#define MINI_DEBUG_INFO_MAX_BYTES         (32u << 20)
#define MINI_DEBUG_INFO_DECODER_MAX_BYTES (32u << 20)

/* Decompresses the ELF file inside; the caller frees *ret_bytes, and then gives *ret_size_bytes
 * back to the budget. Returns NOT_FOUND if there is none, LIMIT, MEMORY_LIMIT, TIMEOUT, CORRUPT, IO
 * or NO_MEMORY. */
MUST_CHECK enum symbols_status mini_debug_info_load(const struct elf_image *image,
						    uint8_t **ret_bytes, size_t *ret_size_bytes);

#endif
