/* record/common/pid_namespace.c - the pid namespace of this process */
#include "record/common/pid_namespace.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define INITIAL_PID_NAMESPACE 0xEFFFFFFCu /* PROC_PID_INIT_INO of the kernel */

uint32_t pid_namespace_own(void)
{
	struct stat found;

	if (stat("/proc/self/ns/pid", &found) != 0 || found.st_ino == INITIAL_PID_NAMESPACE)
		return 0;
	return (uint32_t)found.st_ino;
}

bool pid_namespace_has_proc(void)
{
	char own[16] = "";

	return readlink("/proc/self", own, sizeof(own) - 1) > 0 &&
	       strtoul(own, NULL, 10) == (unsigned long)getpid();
}
