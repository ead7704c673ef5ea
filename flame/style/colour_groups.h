/* flame/style/colour_groups.h - packages, modules or files as colours */
#ifndef FLAME_STYLE_COLOUR_GROUPS_H
#define FLAME_STYLE_COLOUR_GROUPS_H
#include <stdbool.h>

#include "flame/style/colour.h"
#include "flame/tree/name_table.h"

/* The last shade is for all other groups, and for names without a group. */
#define COLOUR_GROUPS_MAX (COLOUR_SHADES - 1)

/* The heaviest groups. Their texts are parts of names, and borrowed from the name table. */
struct colour_groups {
	enum frame_type
		type; /* of all code; FRAME_TYPE_AUTO: types differ, or there are no groups */
	size_t count;
	const char *texts[COLOUR_GROUPS_MAX];
	size_t sizes[COLOUR_GROUPS_MAX];
};

/*
 * Finds the package, module or file in a name: "java.util" in java.util.HashMap.put, "app.py" in
 * run (app.py:12), "tokio" in tokio::runtime::run. Returns its size and sets *ret_text, a part of
 * the name; 0 if the name has none.
 */
size_t colour_group_of_name(const char *name, size_t size, const char **ret_text);

/*
 * Chooses groups by the self weight of their names, if all code is of one type, and groups have at
 * least half of the weight. Borrows the texts of the table. Returns false on allocation failure.
 */
bool colour_groups_choose(struct colour_groups *groups, const struct name_table *table);

/* Returns the class of a name: by its group if it is of the type of the groups, else as
 * colour_class(). */
unsigned colour_groups_class(const struct colour_groups *groups, const struct name *name);
#endif
