/* flame/svg/svg_data.h - the numbers behind a picture, inside it, for its script and for diag-fold
 */
#ifndef FLAME_SVG_SVG_DATA_H
#define FLAME_SVG_SVG_DATA_H
#include <stdio.h>

#include "flame/style/presentation.h"
#include "flame/svg/search_sample.h"
#include "flame/svg/search_terms.h"
#include "flame/tree/flame_graph.h"

/* Which names are in the data: every one that is drawn, of the others those with the most weight.
 */
struct svg_data_names {
	uint32_t *ids;   /* of names, in the order of their bytes */
	uint32_t *ranks; /* by name id: position in ids + 1; 0 if it is left out */
	uint32_t count;
	uint32_t left_out;
};

/* What a picture says beyond its boxes. */
struct svg_data {
	struct svg_data_names chosen;
	struct search_sample sample; /* empty if nothing is merged */
	struct search_terms terms;
};

/* The tree is the one that the picture was made of. FLAME_NO_MEMORY; then nothing is left to close.
 */
enum flame_status svg_data_open(struct svg_data *data, const struct tree *tree,
				const struct flame_graph *graph);

/* Frees what svg_data_open() made. */
void svg_data_close(struct svg_data *data);

/* Writes the <metadata> elements. docs/diag-flame.1.md, PICTURE DATA, says what is in them.
 * The caller looks for errors of the stream. FLAME_NO_MEMORY. */
enum flame_status svg_data_write(FILE *stream, const struct flame_graph *graph,
				 const struct svg_data *data,
				 const struct presentation *presentation);
#endif
