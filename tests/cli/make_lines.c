/* tests/cli/make_lines.c - writes a trace of a death with the given call stack
 *
 *   usage: make_lines OUT.dz PATH:BUILD-ID:ADDRESS...    leaf first; build ID and address
 *   in hexadecimal
 *
 * Addresses are those of a recorder: for the leaf its instruction, for the others the return
 * address.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/analyze/scenario.h"

#define BUILD_ID_MAX 64u

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "make_lines: %s\n", what);
	exit(1);
}

static uint64_t add_build_id(struct scenario *scenario, const char *text)
{
	unsigned char bytes[BUILD_ID_MAX];
	size_t size = strlen(text) / 2;

	if (size > sizeof(bytes))
		die("build ID too long");
	for (size_t i = 0; i < size; i++) {
		char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};

		bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return dz_writer_string(scenario->writer, bytes, size);
}

static uint64_t add_frame(struct scenario *scenario, const char *word)
{
	struct dz_module module = {0};
	struct dz_frame frame = {0};
	char *copy = strdup(word);
	char *build_id = copy ? strchr(copy, ':') : NULL;
	char *address = build_id ? strchr(build_id + 1, ':') : NULL;

	if (!address)
		die("expected PATH:BUILD-ID:ADDRESS");
	*build_id++ = '\0';
	*address++ = '\0';
	module.path = scenario_text(scenario, copy);
	module.build_id = add_build_id(scenario, build_id);
	frame.module = dz_writer_module(scenario->writer, &module);
	frame.module_offset = strtoull(address, NULL, 16);
	frame.offset = frame.module_offset;
	free(copy);
	return dz_writer_frame(scenario->writer, &frame);
}

int main(int argc, char **argv)
{
	const struct scenario_task task = {.pid = 10, .comm = "lines"};
	struct dz_stack stack = {0};
	struct scenario scenario;
	uint64_t chain = 0;
	int fd;

	if (argc < 3)
		die("usage: make_lines OUT.dz PATH:BUILD-ID:ADDRESS...");
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		die("cannot create the output");
	scenario = scenario_begin(fd, 1);
	for (int i = argc - 1; i >= 2; i--) {
		stack.caller = chain;
		stack.frame = add_frame(&scenario, argv[i]);
		chain = dz_writer_stack(scenario.writer, &stack);
	}
	scenario_exit(&scenario, (struct dz_exit){.task = scenario_task(&scenario, &task),
						  .signal = 6,
						  .user_stack = chain});
	scenario_close(&scenario);
	close(fd);
	return 0;
}
