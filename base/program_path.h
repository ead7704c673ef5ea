/* base/program_path.h - finds a program by its name */
#ifndef BASE_PROGRAM_PATH_H
#define BASE_PROGRAM_PATH_H

#include <limits.h>
#include <stdbool.h>

/* Searches the directories of PATH for a program, as execvp(3) does: an empty one is the current
 * directory. The name must have no slash. Returns false if no directory has it, or if there is no
 * PATH; otherwise writes its path. */
bool program_path_find(const char *name, char ret_path[PATH_MAX]);

#endif
