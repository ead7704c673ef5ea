/* flame/svg/subpixel.c - what is too narrow to draw box by box, so that no depth looks emptier than
 * it is
 */
#include "flame/svg/subpixel.h"

#include <stdlib.h>

bool haze_open(struct haze *haze, unsigned row_count, unsigned width_px)
{
	*haze = (struct haze){.width_px = width_px};
	haze->rows = calloc(row_count, sizeof(*haze->rows));
	if (haze->rows)
		haze->row_count = row_count;
	return haze->rows;
}

void haze_close(struct haze *haze)
{
	for (unsigned row = 0; row < haze->row_count; row++)
		free(haze->rows[row]);
	free(haze->rows);
	*haze = (struct haze){0};
}

bool haze_add(struct haze *haze, unsigned row, double left, double right)
{
	unsigned pixel = left > 0 ? (unsigned)left : 0;

	if (!haze->rows[row]) {
		haze->rows[row] = calloc(haze->width_px, sizeof(**haze->rows));
		if (!haze->rows[row])
			return false;
	}
	for (; pixel < haze->width_px && pixel < right; pixel++) {
		double from = left > pixel ? left : pixel;
		double to = right < pixel + 1.0 ? right : pixel + 1.0;

		haze->rows[row][pixel] += (float)(to - from);
	}
	return true;
}

bool haze_next(const struct haze *haze, unsigned row, unsigned *at, double *carry,
	       struct haze_run *ret_run)
{
	const float *pixels = haze->rows[row];

	*ret_run = (struct haze_run){0};
	for (; pixels && *at < haze->width_px; (*at)++) {
		*carry += (double)pixels[*at];
		if (*carry < 0.999) {
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
