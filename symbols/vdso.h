/* symbols/vdso.h - the vDSO of 32-bit processes, which a 64-bit process does not have */
#ifndef SYMBOLS_VDSO_H
#define SYMBOLS_VDSO_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

/* Copies the vDSO that the kernel gives to 32-bit processes. A child process maps it for this. The
 * caller frees *ret_bytes. Returns NOT_FOUND if the kernel has none or does not map it, IO, or
 * NO_MEMORY. */
MUST_CHECK enum symbols_status vdso_copy_32bit(uint8_t **ret_bytes, size_t *ret_size_bytes);

#endif
