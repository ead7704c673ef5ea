/* flame/svg/subpixel.c - coverage of pixels by boxes that are too narrow to draw one by one */
#include "flame/svg/subpixel.h"

#include <stdlib.h>

/* A pixel is drawn from this sum on: sums of floats that should be 1 can be slightly less. */
#define FULL 0.999

bool subpixel_open(struct subpixel *subpixel, unsigned row_count, unsigned width_px)
{
	*subpixel = (struct subpixel){.width_px = width_px};
	subpixel->rows = calloc(row_count, sizeof(*subpixel->rows));
	if (subpixel->rows)
		subpixel->row_count = row_count;
	return subpixel->rows;
}

void subpixel_close(struct subpixel *subpixel)
{
	for (unsigned row = 0; row < subpixel->row_count; row++)
		free(subpixel->rows[row]);
	free(subpixel->rows);
	*subpixel = (struct subpixel){0};
}

bool subpixel_add(struct subpixel *subpixel, unsigned row, double left, double right)
{
	unsigned pixel = left > 0 ? (unsigned)left : 0;

	if (!subpixel->rows[row]) {
		subpixel->rows[row] = calloc(subpixel->width_px, sizeof(**subpixel->rows));
		if (!subpixel->rows[row])
			return false;
	}
	for (; pixel < subpixel->width_px && pixel < right; pixel++) {
		double from = left > pixel ? left : pixel;
		double to = right < pixel + 1.0 ? right : pixel + 1.0;

		subpixel->rows[row][pixel] += (float)(to - from);
	}
	return true;
}

bool subpixel_next(const struct subpixel *subpixel, unsigned row, unsigned *at, double *carry,
		   struct subpixel_run *ret_run)
{
	const float *pixels = subpixel->rows[row];

	*ret_run = (struct subpixel_run){0};
	for (; pixels && *at < subpixel->width_px; (*at)++) {
		*carry += (double)pixels[*at];
		if (*carry < FULL) {
			if (ret_run->count == 0)
				continue;
			(*at)++;
			return true;
		}
		*carry -= 1;
		if (ret_run->count == 0)
			ret_run->first = *at;
		ret_run->count++;
	}
	return ret_run->count > 0;
}
