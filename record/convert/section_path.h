/* record/convert/section_path.h - the path of a file, from the names that BPF programs read */
#ifndef RECORD_CONVERT_SECTION_PATH_H
#define RECORD_CONVERT_SECTION_PATH_H

#include "bpf/event.h"

/* All names, what stands before and behind them, and a NUL. */
#define SECTION_PATH_TEXT_MAX (SECTION_FILE_NAMES_BYTES + 40u)

/* Writes the path of a file, such as "/var/log/a.log (deleted)", ".../far/below", "pipe:[1234]" or
 * "[closed or replaced during the call]". */
void section_path_text(const struct section_file *file, char out[SECTION_PATH_TEXT_MAX]);

#endif
