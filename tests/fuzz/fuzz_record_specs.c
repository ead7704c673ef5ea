/* tests/fuzz/fuzz_record_specs.c - any text as a probe, a pair of places, a rule for sections */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/options/probe_spec.h"
#include "record/options/syscall_rule.h"
#include "record/options/uprobe_spec.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

static void parse_probe(const char *text)
{
	const char *what = NULL;
	struct probe_spec spec;

	if (!probe_spec_parse(text, &spec, &what)) {
		if (!what)
			abort();
		return;
	}
	if (!probe_spec_is_meant(text) || strcmp(spec.text, text) != 0 ||
	    spec.argument_count > PROBE_ARGUMENTS_MAX)
		abort();
	if (probe_form_is_user(spec.form) != (strncmp(text, "u", 1) == 0) ||
	    (spec.form == PROBE_USDT) != (spec.provider != NULL))
		abort();
	sink = strlen(spec.module) + strlen(spec.pattern) + strlen(probe_form_name(spec.form));
	for (size_t i = 0; i < spec.argument_count; i++)
		sink = strlen(spec.argument_names[i]);
	probe_spec_release(&spec);
}

static void check_place(const struct uprobe_place *place)
{
	if (strnlen(place->file, sizeof(place->file)) == sizeof(place->file) ||
	    strnlen(place->symbol, sizeof(place->symbol)) == sizeof(place->symbol))
		abort();
}

static void parse_places(const char *text)
{
	static struct uprobe_spec spec;
	const char *what = NULL;

	if (!uprobe_spec_parse(text, &spec, &what)) {
		if (!what)
			abort();
		return;
	}
	check_place(&spec.start);
	check_place(&spec.stop);
	if (strnlen(spec.label, sizeof(spec.label)) == sizeof(spec.label))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct syscall_rule rule;
	struct problem problem;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	parse_probe(text);
	parse_places(text);
	if (syscall_rule_parse(text, &rule, &problem) && rule.pid == 0 && !strchr(text, '*'))
		abort();
	free(text);
	return 0;
}
