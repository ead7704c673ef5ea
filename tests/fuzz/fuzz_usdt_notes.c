/* tests/fuzz/fuzz_usdt_notes.c - any bytes as the notes of USDT probes, and their arguments */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/probes/usdt_notes.h"
#include "record/probes/user_arguments.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

static void read_arguments(const char *text)
{
	const struct event_probe_data hit = {.hit = {.task = 0}};
	char eleventh[] = "arg11", string[] = "str5";
	const struct probe_spec all = {0};
	const struct probe_spec named = {.argument_names = {eleventh, string}, .argument_count = 2};
	char out[PROBE_FIELDS_TEXT_MAX];
	struct probe_fields fields = {0};
	const char *what = NULL;

	if (!user_arguments_of_note(&all, text, &fields, &what) ||
	    fields.argument_count > PROBE_USDT_MAX || fields.count != fields.argument_count)
		abort();
	probe_fields_text(&fields, &hit, out);
	sink = strlen(out);
	fields = (struct probe_fields){0};
	if (!user_arguments_of_note(&named, text, &fields, &what) && !what)
		abort();
}

/* The first byte chooses the size of an address. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct usdt_notes notes = {0};

	if (size == 0 || !usdt_notes_parse(data + 1, size - 1, data[0] & 1 ? 8 : 4, &notes))
		return 0;
	for (size_t i = 0; i < notes.count; i++) {
		sink = strlen(notes.notes[i].provider) + strlen(notes.notes[i].name);
		read_arguments(notes.notes[i].arguments);
	}
	usdt_notes_release(&notes);
	return 0;
}
