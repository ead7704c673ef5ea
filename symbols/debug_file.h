/* symbols/debug_file.h - separate debug files by build ID */
#ifndef SYMBOLS_DEBUG_FILE_H
#define SYMBOLS_DEBUG_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

/* Opens DIRECTORY/.build-id/xx/yyyy.debug, a regular file below DIRECTORY with the same build ID in
 * it. The name is made of hexadecimal digits only, never of a path from a file. The caller closes
 * *ret_fd. Returns NOT_FOUND, REFUSED (not a regular file, or another build ID), or IO. */
MUST_CHECK enum symbols_status debug_file_open(const char *directory, const uint8_t *build_id,
					       size_t build_id_bytes, int *ret_fd);

/* The same in an open directory, for PREFIXxx/yyyy.debug. The prefix is ".build-id/" or empty. */
MUST_CHECK enum symbols_status debug_file_open_below(int directory_fd, const char *prefix,
						     const uint8_t *build_id, size_t build_id_bytes,
						     int *ret_fd);

#endif
