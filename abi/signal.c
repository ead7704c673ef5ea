/* abi/signal.c - names of Linux signals and of their si_code values */
#include "abi/signal.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The C library uses the kernel's first two real-time signals. */
#define REAL_TIME_FIRST 34u

/* The numbers of x86, arm64 and most others, not of the machine on which a file is read. */
static const char *const names[] = {
	[1] = "HUP",     [2] = "INT",   [3] = "QUIT",   [4] = "ILL",   [5] = "TRAP",
	[6] = "ABRT",    [7] = "BUS",   [8] = "FPE",    [9] = "KILL",  [10] = "USR1",
	[11] = "SEGV",   [12] = "USR2", [13] = "PIPE",  [14] = "ALRM", [15] = "TERM",
	[16] = "STKFLT", [17] = "CHLD", [18] = "CONT",  [19] = "STOP", [20] = "TSTP",
	[21] = "TTIN",   [22] = "TTOU", [23] = "URG",   [24] = "XCPU", [25] = "XFSZ",
	[26] = "VTALRM", [27] = "PROF", [28] = "WINCH", [29] = "IO",   [30] = "PWR",
	[31] = "SYS",
};

static const struct {
	const char *name;
	uint32_t number;
} aliases[] = {{"IOT", 6}, {"CLD", 17}, {"POLL", 29}, {"UNUSED", 31}};

struct code {
	uint32_t signal; /* 0: any */
	int32_t code;
	const char *name;
	const char *meaning; /* NULL if the code adds no information about the cause */
};

static const struct code codes[] = {
	{0, 0, "SI_USER", NULL},
	{0, 0x80, "SI_KERNEL", NULL},
	{0, -1, "SI_QUEUE", NULL},
	{0, -2, "SI_TIMER", NULL},
	{0, -3, "SI_MESGQ", NULL},
	{0, -4, "SI_ASYNCIO", NULL},
	{0, -5, "SI_SIGIO", NULL},
	{0, -6, "SI_TKILL", NULL},
	{0, -7, "SI_DETHREAD", NULL},
	{0, -60, "SI_ASYNCNL", NULL},
	{4, 1, "ILL_ILLOPC", "illegal opcode"},
	{4, 2, "ILL_ILLOPN", "illegal operand"},
	{4, 3, "ILL_ILLADR", "illegal addressing mode"},
	{4, 4, "ILL_ILLTRP", "illegal trap"},
	{4, 5, "ILL_PRVOPC", "privileged opcode"},
	{4, 6, "ILL_PRVREG", "privileged register"},
	{4, 7, "ILL_COPROC", "coprocessor error"},
	{4, 8, "ILL_BADSTK", "internal stack error"},
	{4, 9, "ILL_BADIADDR", "unimplemented instruction address"},
	{5, 1, "TRAP_BRKPT", "breakpoint"},
	{5, 2, "TRAP_TRACE", "single step"},
	{5, 3, "TRAP_BRANCH", "branch taken"},
	{5, 4, "TRAP_HWBKPT", "hardware breakpoint"},
	{5, 5, "TRAP_UNK", "undiagnosed trap"},
	{5, 6, "TRAP_PERF", "performance event"},
	{7, 1, "BUS_ADRALN", "misaligned address"},
	{7, 2, "BUS_ADRERR", "no such physical address"},
	{7, 3, "BUS_OBJERR", "hardware error of the object"},
	{7, 4, "BUS_MCEERR_AR", "memory error consumed"},
	{7, 5, "BUS_MCEERR_AO", "memory error found"},
	{8, 1, "FPE_INTDIV", "integer division by zero"},
	{8, 2, "FPE_INTOVF", "integer overflow"},
	{8, 3, "FPE_FLTDIV", "division by zero"},
	{8, 4, "FPE_FLTOVF", "floating-point overflow"},
	{8, 5, "FPE_FLTUND", "floating-point underflow"},
	{8, 6, "FPE_FLTRES", "inexact result"},
	{8, 7, "FPE_FLTINV", "invalid floating-point operation"},
	{8, 8, "FPE_FLTSUB", "subscript out of range"},
	{8, 14, "FPE_FLTUNK", "undiagnosed floating-point exception"},
	{8, 15, "FPE_CONDTRAP", "trap on condition"},
	{11, 1, "SEGV_MAPERR", "address not mapped"},
	{11, 2, "SEGV_ACCERR", "access not permitted"},
	{11, 3, "SEGV_BNDERR", "bound check failed"},
	{11, 4, "SEGV_PKUERR", "access denied by memory protection keys"},
	{11, 5, "SEGV_ACCADI", "memory tags not enabled"},
	{11, 6, "SEGV_ADIDERR", "memory tag mismatch on write"},
	{11, 7, "SEGV_ADIPERR", "memory tag mismatch"},
	{11, 8, "SEGV_MTEAERR", "asynchronous memory tag error"},
	{11, 9, "SEGV_MTESERR", "memory tag mismatch"},
	{11, 10, "SEGV_CPERR", "control protection fault"},
	{17, 1, "CLD_EXITED", "child has exited"},
	{17, 2, "CLD_KILLED", "child was killed"},
	{17, 3, "CLD_DUMPED", "child was killed and dumped core"},
	{17, 4, "CLD_TRAPPED", "traced child has trapped"},
	{17, 5, "CLD_STOPPED", "child has stopped"},
	{17, 6, "CLD_CONTINUED", "child has continued"},
	{29, 1, "POLL_IN", "input available"},
	{29, 2, "POLL_OUT", "output possible"},
	{29, 3, "POLL_MSG", "message available"},
	{29, 4, "POLL_ERR", "input/output error"},
	{29, 5, "POLL_PRI", "urgent input available"},
	{29, 6, "POLL_HUP", "peer has closed"},
	{31, 1, "SYS_SECCOMP", "forbidden by seccomp"},
	{31, 2, "SYS_USER_DISPATCH", "dispatched to user space"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct signal_name signal_name(uint32_t number)
{
	struct signal_name name;

	if (number < COUNT(names) && names[number])
		snprintf(name.text, sizeof(name.text), "SIG%s", names[number]);
	else if (number == REAL_TIME_FIRST)
		snprintf(name.text, sizeof(name.text), "SIGRTMIN");
	else if (number > REAL_TIME_FIRST && number <= SIGNAL_LARGEST)
		snprintf(name.text, sizeof(name.text), "SIGRTMIN+%u", number - REAL_TIME_FIRST);
	else
		snprintf(name.text, sizeof(name.text), "SIG%u", number);
	return name;
}

/* strtoul() alone would accept spaces, signs and trailing characters. */
static bool parse_number(const char *text, uint32_t largest, uint32_t *ret_number)
{
	unsigned long number;

	if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 4)
		return false;
	number = strtoul(text, NULL, 10);
	if (number > largest)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

/* RTMIN, RTMIN+3, RTMAX, RTMAX-1 */
static bool parse_real_time(const char *text, uint32_t *ret_number)
{
	bool from_end = strncasecmp(text, "RTMAX", 5) == 0;
	uint32_t distance = 0;

	if (!from_end && strncasecmp(text, "RTMIN", 5) != 0)
		return false;
	text += 5;
	if (*text != '\0') {
		if (*text != (from_end ? '-' : '+'))
			return false;
		if (!parse_number(text + 1, SIGNAL_LARGEST - REAL_TIME_FIRST, &distance))
			return false;
	}
	*ret_number = from_end ? SIGNAL_LARGEST - distance : REAL_TIME_FIRST + distance;
	return true;
}

static bool parse_name(const char *text, uint32_t *ret_number)
{
	for (uint32_t number = 1; number < COUNT(names); number++) {
		if (strcasecmp(text, names[number]) != 0)
			continue;
		*ret_number = number;
		return true;
	}
	for (size_t i = 0; i < COUNT(aliases); i++) {
		if (strcasecmp(text, aliases[i].name) != 0)
			continue;
		*ret_number = aliases[i].number;
		return true;
	}
	return parse_real_time(text, ret_number);
}

bool signal_parse(const char *text, uint32_t *ret_number)
{
	uint32_t number;

	if (parse_number(text, SIGNAL_LARGEST, &number)) {
		if (number == 0)
			return false;
		*ret_number = number;
		return true;
	}
	if (strncasecmp(text, "SIG", 3) == 0) {
		text += 3;
		if (parse_number(text, SIGNAL_LARGEST, &number) && number > 0) {
			*ret_number = number;
			return true;
		}
	}
	return parse_name(text, ret_number);
}

/* Tries every hyphen as that of the range, because RTMAX-1 contains one. */
static bool parse_range(char *item, uint32_t *ret_first, uint32_t *ret_last)
{
	for (char *hyphen = strchr(item, '-'); hyphen; hyphen = strchr(hyphen + 1, '-')) {
		bool both;

		*hyphen = '\0';
		both = signal_parse(item, ret_first) && signal_parse(hyphen + 1, ret_last);
		*hyphen = '-';
		if (both)
			return *ret_first <= *ret_last;
	}
	return false;
}

static bool parse_item(char *item, uint64_t *set)
{
	uint32_t first;
	uint32_t last;

	if (signal_parse(item, &first))
		last = first;
	else if (!parse_range(item, &first, &last))
		return false;
	for (uint32_t number = first; number <= last; number++)
		*set |= UINT64_C(1) << (number - 1);
	return true;
}

bool signal_parse_set(const char *text, uint64_t *ret_set)
{
	char *copy = strdup(text);
	char *rest = copy;
	bool ok = copy != NULL;
	uint64_t set = 0;

	while (ok && rest)
		ok = parse_item(strsep(&rest, ","), &set);
	free(copy);
	if (ok)
		*ret_set = set;
	return ok;
}

static const struct code *find_code(uint32_t number, int32_t code)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if ((codes[i].signal == 0 || codes[i].signal == number) && codes[i].code == code)
			return &codes[i];
	return NULL;
}

const char *signal_code_name(uint32_t number, int32_t code)
{
	const struct code *found = find_code(number, code);

	return found ? found->name : NULL;
}

const char *signal_code_meaning(uint32_t number, int32_t code)
{
	const struct code *found = find_code(number, code);

	return found ? found->meaning : NULL;
}
