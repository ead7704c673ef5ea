/* abi/system_call.c - names of Linux system calls */
#include "abi/system_call.h"

#include <elf.h>
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns libseccomp's token of a machine, or 0 for an unknown one. */
static uint32_t find_token(uint32_t elf_machine)
{
	switch (elf_machine) {
	case EM_X86_64:
		return SCMP_ARCH_X86_64;
	case EM_386:
		return SCMP_ARCH_X86;
	case EM_AARCH64:
		return SCMP_ARCH_AARCH64;
	case EM_ARM:
		return SCMP_ARCH_ARM;
	default:
		return 0;
	}
}

struct system_call_name system_call_name(uint32_t elf_machine, int32_t number)
{
	struct system_call_name name;
	uint32_t token = find_token(elf_machine);
	char *found = NULL;

	/* libseccomp also has names for its private, negative numbers. */
	if (token != 0 && number >= 0)
		found = seccomp_syscall_resolve_num_arch(token, number);
	if (found)
		snprintf(name.text, sizeof(name.text), "%s", found);
	else
		snprintf(name.text, sizeof(name.text), "syscall_%d", number);
	free(found);
	return name;
}

static bool parse_number(const char *text, int32_t *ret_number)
{
	unsigned long number;

	if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	number = strtoul(text, NULL, 10);
	if (errno != 0 || number > INT32_MAX)
		return false;
	*ret_number = (int32_t)number;
	return true;
}

bool system_call_parse(uint32_t elf_machine, const char *text, int32_t *ret_number)
{
	uint32_t token = find_token(elf_machine);
	int number;

	if (parse_number(text, ret_number))
		return true;
	if (token == 0)
		return false;
	number = seccomp_syscall_resolve_name_arch(token, text);
	if (number < 0)
		return false;
	*ret_number = number;
	return true;
}
