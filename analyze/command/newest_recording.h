/* analyze/command/newest_recording.h - the newest recording in the current directory */
#ifndef ANALYZE_COMMAND_NEWEST_RECORDING_H
#define ANALYZE_COMMAND_NEWEST_RECORDING_H

/* Returns the name of the file diag-*.dz here that was changed last. The caller frees it. Returns
 * NULL if there is none, or on allocation failure. */
char *newest_recording(void);

#endif
