/* flame/svg/subpixel.h - what is too narrow to draw box by box, so that no depth looks emptier than
 * it is
 */
#ifndef FLAME_HAZE_H
#define FLAME_HAZE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For each row, how much of each pixel is covered by boxes that are not drawn. */
struct haze {
	float **rows; /* allocated where there is anything */
	unsigned row_count;
	unsigned width_px;
};

/* False without memory; then haze_close() may still be called. */
bool haze_open(struct haze *haze, unsigned row_count, unsigned width_px);

/* Of a zeroed one, too. */
void haze_close(struct haze *haze);

/* Adds a box from `left` to `right`, in px from the first pixel, to a row below row_count. False
 * without memory. */
bool haze_add(struct haze *haze, unsigned row, double left, double right);

/* A run of pixels that are to be drawn. */
struct haze_run {
	unsigned first;
	unsigned count;
};

/*
 * Finds the next run of a row at or after *at, and moves *at and *carry on; both start at 0. The
 * part of a pixel that is left over goes to the next one, so that a row has as many pixels as its
 * boxes are wide together. False after the last.
 */
bool haze_next(const struct haze *haze, unsigned row, unsigned *at, double *carry,
	       struct haze_run *ret_run);
#endif
