/* flame/svg/subpixel.h - what is too narrow to draw box by box, so that no depth looks emptier than
 * it is
 */
#ifndef FLAME_SVG_SUBPIXEL_H
#define FLAME_SVG_SUBPIXEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For each row, how much of each pixel is covered by boxes that are not drawn. */
struct subpixel {
	float **rows; /* allocated where there is anything */
	unsigned row_count;
	unsigned width_px;
};

/* False without memory; then subpixel_close() may still be called. */
bool subpixel_open(struct subpixel *subpixel, unsigned row_count, unsigned width_px);

/* Of a zeroed one, too. */
void subpixel_close(struct subpixel *subpixel);

/* Adds a box from `left` to `right`, in px from the first pixel, to a row below row_count. False
 * without memory. */
bool subpixel_add(struct subpixel *subpixel, unsigned row, double left, double right);

/* A run of pixels that are to be drawn. */
struct subpixel_run {
	unsigned first;
	unsigned count;
};

/*
 * Finds the next run of a row at or after *at, and moves *at and *carry on; both start at 0. The
 * part of a pixel that is left over goes to the next one, so that a row has as many pixels as its
 * boxes are wide together. False after the last.
 */
bool subpixel_next(const struct subpixel *subpixel, unsigned row, unsigned *at, double *carry,
		   struct subpixel_run *ret_run);
#endif
