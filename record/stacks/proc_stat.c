/* record/stacks/proc_stat.c - start and threads of a process, from /proc/PID/stat */
#include "record/stacks/proc_stat.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STAT_MAX_BYTES 1024

/* Numbers of the fields that follow the name, as proc(5) counts them. */
#define FIELD_AFTER_NAME 3
#define FIELD_THREADS    20
#define FIELD_START      22

int proc_stat_open_directory(uint32_t pid)
{
	char name[sizeof("/proc/") + 12];

	(void)snprintf(name, sizeof(name), "/proc/%u", pid);
	return open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static uint64_t tick_ns(void)
{
	return UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
}

static bool read_text(int directory, char *text, size_t size_bytes)
{
	int fd = openat(directory, "stat", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, size_bytes - 1);
	(void)close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return true;
}

/* A name can contain spaces and parentheses: the other fields follow the last ')'. */
bool proc_stat_read(int directory, struct proc_stat *ret_stat)
{
	char text[STAT_MAX_BYTES];
	char *rest = NULL;
	char *word;

	if (!read_text(directory, text, sizeof(text)))
		return false;
	word = strrchr(text, ')');
	if (!word)
		return false;
	word = strtok_r(word + 1, " ", &rest);
	for (int field = FIELD_AFTER_NAME; word; field++) {
		if (field == FIELD_THREADS)
			ret_stat->threads = (uint32_t)strtoul(word, NULL, 10);
		if (field == FIELD_START) {
			ret_stat->start_ns = strtoull(word, NULL, 10) * tick_ns();
			return true;
		}
		word = strtok_r(NULL, " ", &rest);
	}
	return false;
}

uint64_t proc_stat_round(uint64_t start_ns)
{
	return start_ns / tick_ns() * tick_ns();
}
