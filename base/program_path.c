/* base/program_path.c - finds a program by its name */
#include "base/program_path.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether a directory, of `size` bytes, has the program. */
static bool is_in(const char *directory, size_t size, const char *name, char path[PATH_MAX])
{
	int length = snprintf(path, PATH_MAX, "%.*s/%s", size > 0 ? (int)size : 1,
			      size > 0 ? directory : ".", name);

	return length > 0 && length < PATH_MAX && access(path, X_OK) == 0;
}

bool program_path_find(const char *name, char ret_path[PATH_MAX])
{
	const char *directory = getenv("PATH");

	while (directory && *directory) {
		size_t size = strcspn(directory, ":");

		if (is_in(directory, size, name, ret_path))
			return true;
		directory += size + (directory[size] == ':');
	}
	return false;
}
