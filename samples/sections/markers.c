/* samples/sections/markers.c - the ways in which a C program can mark sections */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "samples/sections/diag/section.h"
#include "samples/sections/markers.h"

/* As in programs made for diagnose-tools. */
#define ALI_DIAG_RUN_TRACE_START 761203101
#define ALI_DIAG_RUN_TRACE_STOP  761203102

/* Found by uprobes by their names. */
void section_begin(void);
void section_end(void);

__attribute__((noinline)) void section_begin(void)
{
	__asm__ __volatile__("");
}

__attribute__((noinline)) void section_end(void)
{
	__asm__ __volatile__("");
}

static void syscall_start(int threshold_ms, const char *label)
{
	(void)label;
	(void)syscall(ALI_DIAG_RUN_TRACE_START, threshold_ms);
}

static void syscall_stop(void)
{
	(void)syscall(ALI_DIAG_RUN_TRACE_STOP);
}

static void syscall_pointer_start(int threshold_ms, const char *label)
{
	int result = 0;

	(void)label;
	(void)syscall(ALI_DIAG_RUN_TRACE_START, &result, threshold_ms);
}

static void syscall_pointer_stop(void)
{
	int result = 0;

	(void)syscall(ALI_DIAG_RUN_TRACE_STOP, &result);
}

static void usdt_start(int threshold_ms, const char *label)
{
	diag_section_start(label, (uint64_t)threshold_ms * 1000000);
}

static void usdt_stop(void)
{
	diag_section_stop();
}

static void path_start(int threshold_ms, const char *label)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "/diag/section/start/%d/%s", threshold_ms, label);
	(void)access(path, F_OK);
}

static void path_stop(void)
{
	(void)access("/diag/section/stop", F_OK);
}

static void function_start(int threshold_ms, const char *label)
{
	(void)threshold_ms;
	(void)label;
	section_begin();
}

static const struct marker markers[] = {
	{"syscall", syscall_start, syscall_stop},
	{"syscall-pointer", syscall_pointer_start, syscall_pointer_stop},
	{"usdt", usdt_start, usdt_stop},
	{"path", path_start, path_stop},
	{"function", function_start, section_end},
};

const struct marker *marker_find(const char *name)
{
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		if (strcmp(markers[i].name, name) == 0)
			return &markers[i];
	}
	return NULL;
}
