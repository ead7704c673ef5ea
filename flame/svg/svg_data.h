/* flame/svg/svg_data.h - the picture data in a flame graph, for its script and for diag-fold */
#ifndef FLAME_SVG_SVG_DATA_H
#define FLAME_SVG_SVG_DATA_H
#include <stdio.h>

#include "flame/style/colour_groups.h"
#include "flame/style/presentation.h"
#include "flame/svg/search_sample.h"
#include "flame/svg/search_terms.h"
#include "flame/tree/flame_graph.h"

/* The names in the data: all that are drawn, and the heaviest of the others. */
struct svg_data_names {
	uint32_t *ids;   /* of names, in ascending order of their bytes */
	uint32_t *ranks; /* by name id: index in ids + 1; 0: left out */
	uint32_t count;
	uint32_t left_out;
};

/* The parts of the data beyond boxes. */
struct svg_data {
	struct svg_data_names chosen;
	struct search_sample sample; /* empty: nothing is merged */
	struct search_terms terms;
	struct colour_groups groups; /* borrows the names of the tree */
};

/* Prepares the data of a graph that was made from this tree. Borrows the name table. Returns
 * FLAME_NO_MEMORY on allocation failure; then nothing needs to be closed. */
enum flame_status svg_data_open(struct svg_data *data, const struct tree *tree,
				const struct flame_graph *graph);

/* Frees the data. Can be called again. */
void svg_data_close(struct svg_data *data);

/* The groups that the colours show, or NULL: the palette or the view has other colours. */
const struct colour_groups *svg_data_groups(const struct svg_data *data,
					    const struct presentation *presentation);

/* Returns the colour class of a name. */
unsigned svg_data_class(const struct svg_data *data, const struct presentation *presentation,
			const struct name *name);

/* Writes the <metadata> elements (text/svg_data_format.h). The caller must check the stream for
 * errors. Returns FLAME_NO_MEMORY on allocation failure. */
enum flame_status svg_data_write(FILE *stream, const struct flame_graph *graph,
				 const struct svg_data *data,
				 const struct presentation *presentation);
#endif
