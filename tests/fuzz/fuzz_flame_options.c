/* tests/fuzz/fuzz_flame_options.c - any text as the command line of diag-flame
 *
 * Input: arguments, one a line. argp_parse() and argp_error() are wrapped: an error does not end
 * the program, but is noted, and parsing goes on. Without an error, the options must be valid.
 */
#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flame/command/options.h"
#include "tests/fuzz/arguments.h"
#include "text/escape.h"

#define TEXT_MAX      4096u
#define ARGUMENTS_MAX 64
#define WIDTH_MIN     200u

/* NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier,readability-function-size):
 * what libFuzzer and the linker look for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
error_t __real_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
			  int *ret_index, void *input);
error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
			  int *ret_index, void *input);
void __wrap_argp_error(const struct argp_state *state, const char *format, ...);

static bool is_wrong;

error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
			  int *ret_index, void *input)
{
	if (__real_argp_parse(argp, argc, argv, flags | ARGP_SILENT, ret_index, input) != 0)
		is_wrong = true;
	return 0;
}

void __wrap_argp_error(const struct argp_state *state, const char *format, ...)
{
	(void)state, (void)format;
	is_wrong = true;
}
/* NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier,readability-function-size)
 */

static void check_texts(const struct presentation *presentation)
{
	const char *const texts[] = {
		presentation->title,      presentation->subtitle,  presentation->notes,
		presentation->scale.unit, presentation->name_type, presentation->root_name,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] && !escape_is_clean(ESCAPE_TERMINAL, texts[i], strlen(texts[i])))
			abort();
}

/* Fonts and colours are written into a style sheet without escaping. */
static void check_style(const char *text)
{
	if (text && strpbrk(text, "<>&{};\\\n\r"))
		abort();
}

static void check(const struct options *options, int argc)
{
	const struct presentation *presentation = &options->presentation;

	if ((options->input_count == 0 && !options->files_from) ||
	    options->input_count > (size_t)argc || options->view.base_count > OPTIONS_BASES_MAX ||
	    options->note_count > OPTIONS_NOTES_MAX)
		abort();
	for (size_t i = 0; i < options->input_count; i++)
		if (!options->inputs[i])
			abort();
	if (presentation->width < WIDTH_MIN || presentation->width > OPTION_SIZE_MAX ||
	    presentation->frame_height < 4 || presentation->frame_height > OPTION_SIZE_MAX ||
	    !(presentation->font_size > 0) || !(presentation->font_size <= 100) ||
	    !(presentation->font_width > 0) || !(presentation->font_width <= 10) ||
	    presentation->scale.factor == 0)
		abort();
	check_texts(presentation);
	check_style(presentation->font_type);
	check_style(presentation->background);
	check_style(presentation->search_colour);
	check_style(presentation->stroke_colour);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[ARGUMENTS_MAX + 1];
	char text[TEXT_MAX + 1];
	struct options options;
	int argc;

	if (size > TEXT_MAX)
		return 0;
	argc = arguments_of_input(data, size, text, argv, ARGUMENTS_MAX);
	is_wrong = false;
	options_parse(&options, argc, argv);
	if (!is_wrong)
		check(&options, argc);
	options_release(&options);
	return 0;
}
