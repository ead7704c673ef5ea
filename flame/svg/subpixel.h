/* flame/svg/subpixel.h - coverage of pixels by boxes that are too narrow to draw one by one */
#ifndef FLAME_SVG_SUBPIXEL_H
#define FLAME_SVG_SUBPIXEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For each row, the part of each pixel that is covered by boxes that are not drawn. */
struct subpixel {
	float **rows; /* width_px numbers each; NULL: nothing is covered */
	unsigned row_count;
	unsigned width_px;
};

/* Initializes rows without coverage. Returns false on allocation failure; subpixel_close() can be
 * called then. */
bool subpixel_open(struct subpixel *subpixel, unsigned row_count, unsigned width_px);

/* Frees the rows. Can be called again, and if zeroed. */
void subpixel_close(struct subpixel *subpixel);

/* Adds a box from `left` to `right`, px from the first pixel, to a row less than row_count. Returns
 * false on allocation failure. */
bool subpixel_add(struct subpixel *subpixel, unsigned row, double left, double right);

/* A run of pixels to draw. */
struct subpixel_run {
	unsigned first;
	unsigned count;
};

/*
 * Finds the next run of a row at or after *at, and updates *at and *carry, which start at 0. The
 * coverage of a pixel that is not drawn is carried over to the next pixel (error diffusion), so
 * that a row has as many pixels as its boxes are wide in total, to one pixel.
 *
 * Example: the coverage 0.4 0.4 0.4 0.0 0.9 0.9 gives the sums 0.4, 0.8, 1.2 -> draw, 0.2 is left,
 * 0.2, 1.1 -> draw, 0.1 is left, 1.0 -> draw. The runs are {2, 1} and {4, 2}: three pixels for
 * boxes that are 3.0 px wide. Sums from 0.999 are drawn, because they are inexact.
 *
 * Returns false after the last run.
 */
bool subpixel_next(const struct subpixel *subpixel, unsigned row, unsigned *at, double *carry,
		   struct subpixel_run *ret_run);
#endif
