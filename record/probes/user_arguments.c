/* record/probes/user_arguments.c - the arguments of functions and USDT probes of user programs */
#include "record/probes/user_arguments.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_ARGUMENT "arg"
#define WORD_STRING   "str"
#define WORD_BYTES    3u
#define NUMBER_BYTES  8u

_Static_assert(DEBUG_ARGUMENT_REGISTERS == PROBE_ARGUMENTS_MAX, "the same registers");
_Static_assert((PROBE_USDT_STRING + PROBE_ARGUMENTS_MAX) * PROBE_STRING_BYTES < PROBE_DATA_BYTES,
	       "behind all strings is the mark of unread words");
_Static_assert(DEBUG_ARGUMENT_WORDS *NUMBER_BYTES == PROBE_USDT_STRING * PROBE_STRING_BYTES,
	       "words of the stack end where strings begin");

/* The first PROBE_ARGUMENTS_MAX are followed by the data, which begins with the others. */
_Static_assert(offsetof(struct event_probe_data, data) ==
		       offsetof(struct event_probe_data, arguments) +
			       PROBE_ARGUMENTS_MAX * NUMBER_BYTES,
	       "arguments are contiguous");

static void add_number(struct probe_fields *fields, const char *name, uint32_t index,
		       bool is_signed)
{
	const struct probe_field field = {
		.form = is_signed ? PROBE_FIELD_SIGNED : PROBE_FIELD_USER_NUMBER,
		.offset_bytes = (uint32_t)offsetof(struct event_probe_data, arguments) +
				index * NUMBER_BYTES,
		.size_bytes = NUMBER_BYTES,
	};

	(void)probe_fields_add(fields, name, &field);
}

static void add_string(struct probe_fields *fields, const char *name, uint32_t index)
{
	const struct probe_field field = {
		.form = PROBE_FIELD_USER_STRING,
		.offset_bytes = (uint32_t)offsetof(struct event_probe_data, data) +
				(index + PROBE_USDT_STRING) * PROBE_STRING_BYTES,
		.size_bytes = PROBE_STRING_BYTES,
	};

	fields->strings |= 1u << index;
	(void)probe_fields_add(fields, name, &field);
}

/* Sets *ret_index to N of argN or strN. Returns false for another word. */
static bool number_of(const char *word, uint32_t *ret_index)
{
	const char *digits = word + WORD_BYTES;

	if ((strncmp(word, WORD_ARGUMENT, WORD_BYTES) != 0 &&
	     strncmp(word, WORD_STRING, WORD_BYTES) != 0) ||
	    !isdigit((unsigned char)digits[0]) || strlen(digits) > 2)
		return false;
	*ret_index = (uint32_t)strtoul(digits, NULL, 10);
	return digits[1] == '\0' || isdigit((unsigned char)digits[1]);
}

static bool is_string(const char *word)
{
	return strncmp(word, WORD_STRING, WORD_BYTES) == 0;
}

bool user_arguments_by_number(const struct probe_spec *spec, struct probe_fields *fields,
			      const char **ret_what)
{
	char name[WORD_BYTES + 2];
	uint32_t index;

	for (uint32_t i = 0; spec->argument_count == 0 && i < PROBE_ARGUMENTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), WORD_ARGUMENT "%u", (unsigned int)i % 10u);
		add_number(fields, name, i, false);
	}
	for (size_t i = 0; i < spec->argument_count; i++) {
		const char *word = spec->argument_names[i];

		*ret_what = "no types of its arguments: use arg0 to arg5 for numbers, str0 to str5 "
			    "for strings";
		if (!number_of(word, &index) || index >= PROBE_ARGUMENTS_MAX)
			return false;
		if (is_string(word))
			add_string(fields, word, index);
		else
			add_number(fields, word, index, false);
	}
	return true;
}

/* Words of the stack are at the start of the data. A string there is not followed. */
static void add_word(struct probe_fields *fields, uint32_t word, struct probe_field *field)
{
	field->offset_bytes =
		(uint32_t)offsetof(struct event_probe_data, data) + word * NUMBER_BYTES;
	field->is_stack_word = true;
	if (field->form == PROBE_FIELD_USER_STRING)
		field->form = PROBE_FIELD_USER_POINTER;
	if (fields->argument_count < word + 1)
		fields->argument_count = word + 1;
}

static void add_typed(struct probe_fields *fields, const struct debug_argument *argument,
		      bool has_stack)
{
	static const enum probe_field_form forms[DEBUG_ARGUMENT_FORMS] = {
		[DEBUG_ARGUMENT_UNSIGNED] = PROBE_FIELD_USER_NUMBER,
		[DEBUG_ARGUMENT_SIGNED] = PROBE_FIELD_SIGNED,
		[DEBUG_ARGUMENT_BOOLEAN] = PROBE_FIELD_BOOLEAN,
		[DEBUG_ARGUMENT_POINTER] = PROBE_FIELD_USER_POINTER,
		[DEBUG_ARGUMENT_STRING] = PROBE_FIELD_USER_STRING,
		[DEBUG_ARGUMENT_OPAQUE] = PROBE_FIELD_OPAQUE,
	};
	const char *name = argument->name[0] ? argument->name : "?";
	struct probe_field field = {
		.form = forms[argument->form],
		.offset_bytes = (uint32_t)offsetof(struct event_probe_data, arguments) +
				argument->place * NUMBER_BYTES,
		.size_bytes = argument->size_bytes,
	};

	if (argument->place >= DEBUG_ARGUMENT_STACK &&
	    argument->place < DEBUG_ARGUMENT_STACK + DEBUG_ARGUMENT_WORDS && has_stack) {
		add_word(fields, argument->place - DEBUG_ARGUMENT_STACK, &field);
	} else if (argument->place >= PROBE_ARGUMENTS_MAX) {
		field.form = PROBE_FIELD_OPAQUE;
		field.offset_bytes = 0;
	} else if (argument->form == DEBUG_ARGUMENT_STRING) {
		add_string(fields, name, argument->place);
		return;
	}
	(void)probe_fields_add(fields, name, &field);
}

static const struct debug_argument *argument_of(const struct debug_argument *arguments,
						size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(arguments[i].name, name) == 0)
			return &arguments[i];
	}
	return NULL;
}

bool user_arguments_by_type(const struct probe_spec *spec, const struct debug_argument *arguments,
			    size_t count, struct probe_fields *fields)
{
	/* When a function returns, what was on the stack may have changed. */
	bool has_stack = spec->form == PROBE_UPROBE;
	uint32_t index;

	for (size_t i = 0; spec->argument_count == 0 && i < count; i++)
		add_typed(fields, &arguments[i], has_stack);
	for (size_t i = 0; i < spec->argument_count; i++) {
		const char *word = spec->argument_names[i];
		const struct debug_argument *argument = argument_of(arguments, count, word);

		if (argument)
			add_typed(fields, argument, has_stack);
		else if (!number_of(word, &index) || index >= PROBE_ARGUMENTS_MAX)
			return false;
		else if (is_string(word))
			add_string(fields, word, index);
		else
			add_number(fields, word, index, false);
	}
	return true;
}

/* Reads the sizes of the arguments. Returns their number, at most PROBE_USDT_MAX. */
static uint32_t read_sizes(const char *text, bool signs[PROBE_USDT_MAX])
{
	uint32_t count = 0;

	while (*text && count < PROBE_USDT_MAX) {
		char *end;
		long size = strtol(text, &end, 10);

		if (end == text)
			break;
		signs[count++] = size < 0;
		text = end + strcspn(end, " ");
		text += strspn(text, " ");
	}
	return count;
}

bool user_arguments_of_note(const struct probe_spec *spec, const char *text,
			    struct probe_fields *fields, const char **ret_what)
{
	bool signs[PROBE_USDT_MAX] = {false};
	char name[WORD_BYTES + 3];
	uint32_t index;

	fields->argument_count = read_sizes(text, signs);
	for (uint32_t i = 0; spec->argument_count == 0 && i < fields->argument_count; i++) {
		(void)snprintf(name, sizeof(name), WORD_ARGUMENT "%u", (unsigned int)i % 100u);
		add_number(fields, name, i, signs[i]);
	}
	for (size_t i = 0; i < spec->argument_count; i++) {
		const char *word = spec->argument_names[i];

		*ret_what = "no such argument: use arg0, arg1 and so on for numbers, str0 to str5 "
			    "for strings";
		if (!number_of(word, &index) || index >= fields->argument_count ||
		    (is_string(word) && index >= PROBE_ARGUMENTS_MAX))
			return false;
		if (is_string(word))
			add_string(fields, word, index);
		else
			add_number(fields, word, index, signs[index]);
	}
	return true;
}
