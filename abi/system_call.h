/* abi/system_call.h - system calls of Linux by number and by name */
#ifndef ABI_SYSTEM_CALL_H
#define ABI_SYSTEM_CALL_H

#include <stdbool.h>
#include <stdint.h>

/* Room for any name, the NUL included. */
#define SYSTEM_CALL_NAME_MAX 40u

/* A short text, returned by value so that it can be used inside one call of printf(). */
struct system_call_name {
	char text[SYSTEM_CALL_NAME_MAX];
};

/*
 * The name of a system call of the machine with this ELF machine number (EM_X86_64, EM_AARCH64),
 * such as "tgkill"; "syscall_761203101" if the number or the machine is not known.
 */
struct system_call_name system_call_name(uint32_t elf_machine, int32_t number);

/*
 * A name that this machine architecture has, or any number that is not negative: such as those that
 * applications use for markers. False, with *ret_number untouched, if it is neither.
 */
bool system_call_parse(uint32_t elf_machine, const char *text, int32_t *ret_number);

#endif
