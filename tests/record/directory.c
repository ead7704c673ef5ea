/* tests/record/directory.c - an empty directory that a test works in */
#include "tests/record/directory.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

int directory_enter(void **state)
{
	static char path[] = "/tmp/diag-test-XXXXXX";

	(void)snprintf(path, sizeof(path), "/tmp/diag-test-XXXXXX");
	*state = mkdtemp(path);
	return *state ? chdir(path) : -1;
}

int directory_leave(void **state)
{
	if (chdir("/") != 0)
		return -1;
	return nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
