/* tests/analyze/make_scenario.c - writes one of the known traces to a file: make_scenario NAME FILE
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/analyze/scenario.h"

static const struct {
	const char *name;
	void (*add)(struct scenario *scenario);
	uint8_t seed;
} scenarios[] = {
	{"deaths", scenario_deaths, 1}, {"hostile", scenario_hostile, 2},
	{"probes", scenario_probes, 3}, {"commands", scenario_commands, 4},
	{"names", scenario_names, 5},   {"kinds", scenario_kinds, 6},
	{"stacks", scenario_stacks, 7}, {"markup", scenario_markup, 8},
	{"page", scenario_page, 9},
};

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3)
		return EXIT_FAILURE;
	fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		perror(argv[2]);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		struct scenario scenario;

		if (strcmp(scenarios[i].name, argv[1]) != 0)
			continue;
		scenario = scenario_begin(fd, scenarios[i].seed);
		scenarios[i].add(&scenario);
		scenario_close(&scenario);
		return close(fd) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fprintf(stderr, "make_scenario: %s: no such scenario\n", argv[1]);
	return EXIT_FAILURE;
}
