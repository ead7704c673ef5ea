/* abi/system_call.h - names of Linux system calls */
#ifndef ABI_SYSTEM_CALL_H
#define ABI_SYSTEM_CALL_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of the longest name, including the NUL. */
#define SYSTEM_CALL_NAME_MAX 40u

/* A short text, returned by value so that it can be used inside one call of printf(). */
struct system_call_name {
	char text[SYSTEM_CALL_NAME_MAX];
};

/*
 * Returns the name of a system call, such as "tgkill", of the machine with this ELF machine number
 * (EM_X86_64, EM_386, EM_AARCH64, EM_ARM); "syscall_761203101" if the number or the machine is
 * unknown.
 */
struct system_call_name system_call_name(uint32_t elf_machine, int32_t number);

/*
 * Parses a name of this machine architecture, or any number that is not negative, such as one that
 * an application uses as a marker. Returns false, with *ret_number unchanged, otherwise.
 */
bool system_call_parse(uint32_t elf_machine, const char *text, int32_t *ret_number);

#endif
