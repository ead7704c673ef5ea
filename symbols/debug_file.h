/* symbols/debug_file.h - separate debug files by build-id */
#ifndef SYMBOLS_DEBUG_FILE_H
#define SYMBOLS_DEBUG_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

/* Opens DIRECTORY/.build-id/xx/yyyy.debug, a regular file below DIRECTORY whose own build-id is the
 * same. The name is made of our own hexadecimal digits, never of a path that a file gives. The
 * caller closes *ret_fd. */
MUST_CHECK enum symbols_status debug_file_open(const char *directory, const uint8_t *build_id,
					       size_t build_id_bytes, int *ret_fd);

/* The same in an open directory, as PREFIXxx/yyyy.debug; the prefix is ".build-id/" or empty. */
MUST_CHECK enum symbols_status debug_file_open_below(int directory_fd, const char *prefix,
						     const uint8_t *build_id, size_t build_id_bytes,
						     int *ret_fd);

#endif
