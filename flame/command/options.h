/* flame/command/options.h - the command line of diag-flame */
#ifndef FLAME_COMMAND_OPTIONS_H
#define FLAME_COMMAND_OPTIONS_H
#include "analyze/fold/fold.h"
#include "flame/command/option_values.h"
#include "flame/input/input.h"
#include "flame/style/presentation.h"
#include "flame/tree/flame_graph.h"
#include "flame/tree/view.h"

#define OPTIONS_BASES_MAX 16u
#define OPTIONS_NOTES_MAX 16u
#define OPTIONS_TEXTS     6u

struct options {
	const char **inputs; /* "-": standard input */
	size_t input_count;
	const char *files_from; /* names of more inputs, one on each line; NULL: none */
	const char *output;     /* NULL: standard output */
	struct input_options input;
	struct fold_request request; /* for .dz files */
	struct view_options view;
	struct presentation presentation; /* as far as the command line sets it */
	enum flame_graph_order order;
	struct decimal least; /* px, or percent */
	bool least_is_percent;
	struct decimal total; /* 0: that of the input */
	bool force;           /* replace any regular file */
	bool diff;
	bool text;         /* tables for a terminal, no flame graph */
	bool with_command; /* include the command line of the recorder */
	bool quiet;
	bool verbose;
	bool version;
	const char *bases[OPTIONS_BASES_MAX];
	const char *notes[OPTIONS_NOTES_MAX]; /* about options without effect */
	size_t note_count;
	char **words; /* of the command line that were replaced; owned */
	size_t word_count;
	char *clean_texts[OPTIONS_TEXTS]; /* owned; the presentation borrows them */
};

/* Parses the command line. Borrows its strings. Ends the program with status 2 and a message if it
 * is wrong. The caller must call options_release(). */
void options_parse(struct options *options, int argc, char **argv);

/* Frees what options_parse() allocated. Call once. */
void options_release(struct options *options);
#endif
