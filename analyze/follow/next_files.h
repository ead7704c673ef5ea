/* analyze/follow/next_files.h - the files of a recording that is being made, one after the other
 *
 * Descriptors come over a socket, so that the reader can be in its sandbox. diag-record sends them
 * for --live. For a file that was named, a helper process does. It looks for the next file of the
 * recording, and reads none.
 */
#ifndef ANALYZE_FOLLOW_NEXT_FILES_H
#define ANALYZE_FOLLOW_NEXT_FILES_H

#include <stdbool.h>

/* Starts the helper process for this file, which is open as fd, and of which it uses a duplicate.
 * Returns the socket, which ends when the recording does: no further file exists, and no recorder
 * holds its lock on the current one. On failure, returns -1 and sets errno. */
int next_files_start(const char *path, int fd);

enum next_file {
	NEXT_FILE_NONE, /* not yet */
	NEXT_FILE_FOUND,
	NEXT_FILE_FOUND_LATER, /* and a file before it was not sent, as the reader was too slow */
	NEXT_FILE_GROWN,       /* not yet; the current one has grown after a pause of a second */
	NEXT_FILE_ENDED,       /* the recording has ended, or its recorder is gone */
};

/* Waits up to timeout_ms for the next file. The caller closes *ret_fd. */
enum next_file next_files_receive(int socket, int timeout_ms, int *ret_fd);

#endif
