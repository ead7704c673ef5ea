/* format/column.h - the transforms and codings of a column (dz(5), TABLES) */
#ifndef FORMAT_COLUMN_H
#define FORMAT_COLUMN_H

#include <stdint.h>

enum dz_transform {
	DZ_TRANSFORM_NONE = 0,
	DZ_TRANSFORM_DELTA = 1,
	DZ_TRANSFORM_DIFFERENCE = 2,
};

enum dz_coding {
	DZ_CODING_CONSTANT = 0,
	DZ_CODING_VARINTS = 1,
	DZ_CODING_PALETTE = 2,
	DZ_CODING_RUNS = 3,
	DZ_CODING_PLANES = 4,
	DZ_CODING_BYTES = 5,
};

#define DZ_PALETTE_MAX 256u
#define DZ_PLANES_MAX  8u

/* How one column is packed. */
struct dz_column_plan {
	uint8_t transform; /* enum dz_transform */
	uint8_t coding;    /* enum dz_coding */
	uint8_t width;     /* planes of DZ_CODING_PLANES */
	uint32_t other;    /* field that is subtracted, for DZ_TRANSFORM_DIFFERENCE */
	uint64_t base;
};

/* Moves the sign of a two's complement integer to its lowest bit, so that numbers near 0 are small:
 * 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4. dz_unzigzag() is the inverse. Both accept every value. */
static inline uint64_t dz_zigzag(uint64_t value)
{
	return (value << 1) ^ (0 - (value >> 63));
}

static inline uint64_t dz_unzigzag(uint64_t x)
{
	return (x >> 1) ^ (0 - (x & 1));
}

#endif
