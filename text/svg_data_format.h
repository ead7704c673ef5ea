/* text/svg_data_format.h - the picture data in a flame graph: names, digits and order of its fields
 *
 * docs/diag-flame.1.md, PICTURE DATA, describes the format. This header is the only definition in
 * C: flame/svg/svg_data.c writes by it and analyze/fold/svg_stacks.c reads by it. The third user,
 * flame/svg/script/data.js, cannot include it and must be kept equal.
 * tests/flame/svg/test_svg_data.c writes, reads and compares. A change of any meaning raises the
 * version.
 */
#ifndef TEXT_SVG_DATA_FORMAT_H
#define TEXT_SVG_DATA_FORMAT_H
#include <stdbool.h>
#include <stdint.h>

/* As text, because it is compared as text. */
#define SVG_DATA_VERSION "2"

/* The ids of the <metadata> elements, in the order in which they are written. */
#define SVG_DATA_PICTURE       "picture"
#define SVG_DATA_NAMES         "names"
#define SVG_DATA_TOTALS        "totals"
#define SVG_DATA_SEARCH_SAMPLE "searchSample"
#define SVG_DATA_SEARCH_TERMS  "searchTerms"
#define SVG_DATA_BOXES         "boxes"
#define SVG_DATA_GONE          "gone"
#define SVG_DATA_CALLERS       "callers"

/* The members of SVG_DATA_PICTURE, a JSON object, that more than the script reads. */
#define SVG_DATA_KEY_VERSION         "version"
#define SVG_DATA_KEY_WEIGHT_DECIMALS "weightDecimals"
#define SVG_DATA_KEY_VIEW            "view"
#define SVG_DATA_KEY_UNIT            "unit"
#define SVG_DATA_KEY_ROOT            "root"
#define SVG_DATA_KEY_TITLE_LINES     "titleLines"

/* The values of "view". */
#define SVG_DATA_VIEW_FLAME   "flame"
#define SVG_DATA_VIEW_REVERSE "reverse"
#define SVG_DATA_VIEW_CHART   "chart"
#define SVG_DATA_VIEW_FOCUS   "focus"
#define SVG_DATA_VIEW_DIFF    "diff"

/* Numbers are written as text/digits.h says, with the 64 digits 0-9 A-Z a-z - _ of five bits each.
 * In SVG_DATA_NAMES one digit says how many characters a name shares with the one before it. */
#define SVG_DATA_SHARED_MAX 63u

/*
 * The numbers of a box, in this order; FIELD(member, when). After them, a box that merges children
 * has pairs: for how many further levels the merged width lasts, and by how much it drops then;
 * they end when the width is 0. A box that merges children in a difference ends with merged_old.
 */
#define SVG_DATA_BOX_FIELDS(FIELD)                                                                 \
	FIELD(up, SVG_DATA_ALWAYS)                                                                 \
	FIELD(name, SVG_DATA_ALWAYS)                                                               \
	FIELD(gap, SVG_DATA_ALWAYS)                                                                \
	FIELD(old, SVG_DATA_IF_DIFF)                                                               \
	FIELD(gone, SVG_DATA_IF_DIFF)                                                              \
	FIELD(merged_frames, SVG_DATA_IF_MERGING)                                                  \
	FIELD(merged_width, SVG_DATA_IF_MERGING)

/* When a box has a number. */
enum svg_data_when {
	SVG_DATA_ALWAYS,
	SVG_DATA_IF_DIFF,    /* the view is a difference */
	SVG_DATA_IF_MERGING, /* the lowest bit of `up` is set */
};

/* One box as it is written; what a box does not have is 0. */
struct svg_data_box {
	uint64_t up;   /* 2 * levels from the previous box to the parent, plus 1 if it merges */
	uint64_t name; /* line in SVG_DATA_NAMES, the first is 1; 0: the top of a part */
	uint64_t gap;  /* width left in the parent after this box; at the top, the width */
	uint64_t old;  /* weight on the old side */
	uint64_t gone; /* part of `old` in paths that the new side does not have */
	uint64_t merged_frames;
	uint64_t merged_width; /* at the level above the box */
	uint64_t merged_old;
};

/* Whether a box with this `up` merges children. */
static inline bool svg_data_is_merging(uint64_t up)
{
	return up & 1;
}

/* Whether a box has the number, given its `up` and whether the view is a difference. */
static inline bool svg_data_has(enum svg_data_when when, uint64_t up, bool is_diff)
{
	return when == SVG_DATA_ALWAYS || (when == SVG_DATA_IF_DIFF && is_diff) ||
	       (when == SVG_DATA_IF_MERGING && svg_data_is_merging(up));
}
#endif
