/* record/probes/user_file.c - finds the program or library that a probe is in */
#include "record/probes/user_file.h"

#include <elf.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program_path.h"

#define CONFIGURATION "/etc/ld.so.conf.d/*.conf" /* what ld.so.conf of a distribution includes */

/* A script of the linker, such as libc.so, can have the name of the library. */
static bool is_elf(const char *path)
{
	FILE *file = fopen(path, "re");
	char start[SELFMAG] = "";
	bool is = file && fread(start, sizeof(start), 1, file) == 1 &&
		  memcmp(start, ELFMAG, SELFMAG) == 0;

	if (file)
		(void)fclose(file);
	return is;
}

/* Tries DIRECTORY/NAME, and the same with what can follow the name of a library. */
static bool find_in(const char *directory, const char *name, char ret_path[PATH_MAX])
{
	static const char *const ends[] = {"", ".so", ".so.[0-9]*", ".[0-9]*"};
	glob_t found;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char pattern[PATH_MAX];
		bool matches;

		(void)snprintf(pattern, sizeof(pattern), "%s/%s%s", directory, name, ends[i]);
		matches = glob(pattern, 0, NULL, &found) == 0;
		for (size_t j = 0; matches && j < found.gl_pathc; j++) {
			if (!is_elf(found.gl_pathv[j]) || !realpath(found.gl_pathv[j], ret_path))
				continue;
			globfree(&found);
			return true;
		}
		if (matches)
			globfree(&found);
	}
	return false;
}

/* One directory a line; comments and includes name none. */
static bool find_by_configuration(const char *file, const char *name, char ret_path[PATH_MAX])
{
	FILE *lines = fopen(file, "re");
	char line[PATH_MAX];
	bool found = false;

	while (lines && !found && fgets(line, sizeof(line), lines)) {
		line[strcspn(line, " \t\n")] = '\0';
		found = line[0] == '/' && find_in(line, name, ret_path);
	}
	if (lines)
		(void)fclose(lines);
	return found;
}

static bool find_library(const char *name, char ret_path[PATH_MAX])
{
	static const char *const directories[] = {"/lib64", "/usr/lib64", "/lib", "/usr/lib"};
	glob_t files;
	bool found = find_by_configuration("/etc/ld.so.conf", name, ret_path);

	if (!found && glob(CONFIGURATION, 0, NULL, &files) == 0) {
		for (size_t i = 0; i < files.gl_pathc && !found; i++)
			found = find_by_configuration(files.gl_pathv[i], name, ret_path);
		globfree(&files);
	}
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && !found; i++)
		found = find_in(directories[i], name, ret_path);
	return found;
}

bool user_file_find(const char *name, char ret_path[PATH_MAX], struct problem *ret_problem)
{
	char program[PATH_MAX];

	if (strchr(name, '/'))
		return realpath(name, ret_path) != NULL ||
		       problem_set(ret_problem, "%s: cannot open: %s", name, strerror(errno));
	if (program_path_find(name, program) && realpath(program, ret_path))
		return true;
	return find_library(name, ret_path) ||
	       problem_set(ret_problem,
			   "%s: neither a program of PATH nor a library: write its path", name);
}
