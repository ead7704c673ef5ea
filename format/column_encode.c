/* format/column_encode.c - encodes one column of a table, as small as it can
 *
 * First a transform turns the values v into small numbers x, and then a coding stores x.
 *
 * Example of transforms: 4 records of 2 fields.
 *
 *     time         1000  1010  1020  1031
 *     start         900   905   925   931
 *
 *     time, delta to the previous record: 10 10 11 after the first. The base is what makes the
 * first delta equal to the second, 2 * 1000 - 1010 = 990. With the sign in the lowest bit, x is 20
 * 20 20 22.
 *
 *     start, difference to time: -100 -105 -95 -100. The base is the first, -100, which is
 *     subtracted: 0 -5 5 0. x is 0 9 10 0.
 *
 * Each transform is tried on a sample without record 0, and the one with the fewest bits is used.
 * For start, the bits of x in the records 1 to 3 are 10 + 10 + 10 without transform, 4 + 6 + 4 for
 * delta (x = 10 40 12), and 4 + 4 + 0 for the difference.
 *
 * Example of codings: x = 300 300 300 7, bytes in hexadecimal.
 *
 *     varints  ac 02 ac 02 ac 02 07             7 bytes
 *     palette  02  ac 02  07  00 00 00 01       8 bytes: count, values, an index for each record
 *     runs     ac 02 03  07 01                  5 bytes: value, length
 *     planes   02  2c 2c 2c 07  01 01 01 00     9 bytes: width, all lowest bytes, all next bytes
 *
 * The coding with the lowest estimate is used: runs. Below 128 records, the estimates are the sizes
 * above (the palette's is a byte too large). From 128 on, palettes and planes are estimated as zstd
 * will compress them, and varints are not used.
 */
#include "format/column_encode.h"

#include <stdbool.h>
#include <string.h>

/* The sample: 8 stretches of 32 consecutive records, or all records of a small table. */
#define SAMPLE_STRETCHES      8u
#define SAMPLE_STRETCH_LENGTH 32u
#define SAMPLE_MAX            (SAMPLE_STRETCHES * SAMPLE_STRETCH_LENGTH)

/* With fewer records, zstd has too little data for statistics: costs are sizes without it. */
#define FEW_RECORDS 128u

struct sample {
	uint32_t count;
	uint32_t records[SAMPLE_MAX]; /* never record 0, which has no previous record */
};

static void sample_choose(struct sample *sample, uint32_t records)
{
	uint32_t stretch;

	sample->count = 0;
	if (records <= SAMPLE_MAX) {
		for (uint32_t i = 1; i < records; i++)
			sample->records[sample->count++] = i;
		return;
	}
	stretch = records / SAMPLE_STRETCHES;
	for (uint32_t i = 0; i < SAMPLE_MAX; i++) {
		uint32_t start = i / SAMPLE_STRETCH_LENGTH * stretch + 1;

		sample->records[sample->count++] = start + i % SAMPLE_STRETCH_LENGTH;
	}
}

static uint32_t bit_length(uint64_t value)
{
	return value ? 64u - (uint32_t)__builtin_clzll(value) : 0;
}

/* Returns the number of distinct values, at most limit + 1. */
static uint32_t count_distinct(const uint64_t *x, uint32_t count, uint32_t limit)
{
	uint64_t seen[DZ_PALETTE_MAX + 1];
	uint32_t distinct = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = 0;

		while (at < distinct && seen[at] != x[i])
			at++;
		if (at < distinct)
			continue;
		seen[distinct++] = x[i];
		if (distinct > limit)
			break;
	}
	return distinct;
}

/* Returns about how many bits the sampled values need, as numbers or in a palette. */
static uint32_t sample_cost(const uint64_t *x, uint32_t count)
{
	const uint32_t palette_limit = 16;
	uint32_t bits = 0, distinct;

	for (uint32_t i = 0; i < count; i++)
		bits += bit_length(x[i]);
	distinct = count_distinct(x, count, palette_limit);
	if (distinct <= palette_limit) {
		uint32_t palette_bits = count * bit_length(distinct - 1) + distinct * 8;

		bits = palette_bits < bits ? palette_bits : bits;
	}
	return distinct == 1 ? 0 : bits;
}

static uint64_t transform_one(const uint64_t *columns, uint32_t records, uint32_t field,
			      const struct dz_column_plan *plan, uint32_t i)
{
	const uint64_t *v = columns + (size_t)field * records;

	switch ((enum dz_transform)plan->transform) {
	case DZ_TRANSFORM_DELTA:
		return dz_zigzag(v[i] - (i ? v[i - 1] : plan->base));
	case DZ_TRANSFORM_DIFFERENCE:
		return dz_zigzag(v[i] - columns[(size_t)plan->other * records + i] - plan->base);
	case DZ_TRANSFORM_NONE:
		break;
	}
	return v[i];
}

/* Returns the base that makes the first x similar to the others. */
static uint64_t choose_base(const uint64_t *columns, uint32_t records, uint32_t field,
			    const struct dz_column_plan *plan)
{
	const uint64_t *v = columns + (size_t)field * records;

	if (plan->transform == DZ_TRANSFORM_DELTA)
		return records > 1 ? 2 * v[0] - v[1] : v[0];
	if (plan->transform == DZ_TRANSFORM_DIFFERENCE)
		return v[0] - columns[(size_t)plan->other * records];
	return 0;
}

static uint32_t plan_cost(const uint64_t *columns, uint32_t records, uint32_t field,
			  const struct dz_column_plan *plan, const struct sample *sample)
{
	uint64_t x[SAMPLE_MAX];

	for (uint32_t i = 0; i < sample->count; i++)
		x[i] = transform_one(columns, records, field, plan, sample->records[i]);
	return sample_cost(x, sample->count);
}

static struct dz_column_plan choose_transform(const uint64_t *columns, uint32_t records,
					      uint32_t field)
{
	struct dz_column_plan best = {.transform = DZ_TRANSFORM_NONE}, plan = {0};
	struct sample sample;
	uint32_t best_cost, cost;

	sample_choose(&sample, records);
	if (sample.count == 0)
		return best;
	best_cost = plan_cost(columns, records, field, &best, &sample);
	/* Candidate 0 is delta. Candidate n is the difference to the field n before this one. */
	for (uint32_t candidate = 0; candidate <= field && best_cost; candidate++) {
		uint32_t other = field - candidate;

		plan.transform = candidate ? DZ_TRANSFORM_DIFFERENCE : DZ_TRANSFORM_DELTA;
		plan.other = candidate ? other : 0;
		plan.base = choose_base(columns, records, field, &plan);
		cost = plan_cost(columns, records, field, &plan, &sample);
		if (cost < best_cost) {
			best_cost = cost;
			best = plan;
		}
	}
	return best;
}

struct dz_column_plan dz_column_transform(const uint64_t *columns, uint32_t records, uint32_t field,
					  uint64_t *out)
{
	struct dz_column_plan plan = choose_transform(columns, records, field);

	for (uint32_t i = 0; i < records; i++)
		out[i] = transform_one(columns, records, field, &plan, i);
	return plan;
}

struct palette {
	uint32_t count; /* DZ_PALETTE_MAX + 1: too many distinct values */
	uint64_t values[DZ_PALETTE_MAX];
	uint32_t uses[DZ_PALETTE_MAX];
	uint16_t slots[4 * DZ_PALETTE_MAX]; /* 1 + index of a value; 0: free */
};

/* Returns the index of a value, and adds it if it is new; DZ_PALETTE_MAX if there is no room. */
static uint32_t palette_index(struct palette *palette, uint64_t value)
{
	const uint32_t mask = 4 * DZ_PALETTE_MAX - 1;
	uint32_t at = (uint32_t)((value * 0x9e3779b97f4a7c15u) >> 32) & mask;

	for (; palette->slots[at]; at = (at + 1) & mask) {
		uint32_t index = palette->slots[at] - 1u;

		if (palette->values[index] == value)
			return index;
	}
	if (palette->count >= DZ_PALETTE_MAX)
		return DZ_PALETTE_MAX;
	palette->values[palette->count] = value;
	palette->slots[at] = (uint16_t)++palette->count;
	return palette->count - 1u;
}

static void palette_collect(struct palette *palette, const uint64_t *x, uint32_t records)
{
	memset(palette, 0, sizeof(*palette));
	for (uint32_t i = 0; i < records; i++) {
		uint32_t index = palette_index(palette, x[i]);

		if (index == DZ_PALETTE_MAX) {
			palette->count = DZ_PALETTE_MAX + 1;
			return;
		}
		palette->uses[index]++;
	}
}

struct shape {
	uint64_t all_bits; /* all values or-ed */
	uint64_t varint_bytes;
	uint64_t run_bytes;
};

static uint32_t varint_bytes(uint64_t value)
{
	return value ? (bit_length(value) + 6) / 7 : 1;
}

static struct shape measure(const uint64_t *x, uint32_t records)
{
	struct shape shape = {0};
	uint32_t run_start = 0;

	for (uint32_t i = 0; i < records; i++) {
		shape.all_bits |= x[i];
		shape.varint_bytes += varint_bytes(x[i]);
		if (i + 1 == records || x[i + 1] != x[i]) {
			shape.run_bytes += varint_bytes(x[i]) + varint_bytes(i + 1 - run_start);
			run_start = i + 1;
		}
	}
	return shape;
}

/* Returns 256 times the binary logarithm, linear between powers of two; 0 for 0. */
static uint32_t log2_256(uint32_t value)
{
	uint32_t whole;

	if (!value)
		return 0;
	whole = bit_length(value) - 1;
	return (whole << 8) + (uint32_t)((((uint64_t)value << 8) >> whole) - 256);
}

/* Returns the bytes that an entropy coder needs for symbols with these numbers of uses. */
static uint64_t entropy_bytes(const uint32_t *uses, uint32_t symbols, uint32_t total)
{
	uint64_t bits_256 = 0;

	for (uint32_t i = 0; i < symbols; i++) {
		if (uses[i])
			bits_256 += (uint64_t)uses[i] * (log2_256(total) - log2_256(uses[i]));
	}
	/* Long repetitions are not free, and decoding a symbol takes time: add 1/64 byte each. */
	return (bits_256 >> 11) + total / 64;
}

static uint64_t plane_bytes(const uint64_t *x, uint32_t records, uint32_t plane)
{
	uint32_t uses[256] = {0};

	for (uint32_t i = 0; i < records; i++)
		uses[(uint8_t)(x[i] >> (8 * plane))]++;
	return entropy_bytes(uses, 256, records);
}

static uint64_t planes_bytes(const uint64_t *x, uint32_t records, uint32_t width)
{
	uint64_t bytes = 1;

	if (records < FEW_RECORDS)
		return bytes + (uint64_t)width * records;
	for (uint32_t plane = 0; plane < width; plane++)
		bytes += plane_bytes(x, records, plane);
	return bytes;
}

static uint64_t palette_bytes(const struct palette *palette, uint32_t records)
{
	uint64_t bytes = 2;

	if (palette->count > DZ_PALETTE_MAX)
		return UINT64_MAX;
	for (uint32_t i = 0; i < palette->count; i++)
		bytes += varint_bytes(palette->values[i]);
	if (records < FEW_RECORDS)
		return bytes + records;
	return bytes + entropy_bytes(palette->uses, palette->count, records);
}

static void choose_coding(const uint64_t *x, uint32_t records, const struct palette *palette,
			  struct dz_column_plan *plan)
{
	struct shape shape = measure(x, records);
	uint64_t cost[DZ_CODING_PLANES + 1];

	plan->width = (uint8_t)((bit_length(shape.all_bits) + 7) / 8);
	plan->coding = DZ_CODING_CONSTANT;
	if (palette->count == 1)
		return;
	/* zstd compresses varints worse than planes, because they mix high and low bytes. */
	cost[DZ_CODING_VARINTS] = records < FEW_RECORDS ? shape.varint_bytes : UINT64_MAX;
	cost[DZ_CODING_PALETTE] = palette_bytes(palette, records);
	cost[DZ_CODING_RUNS] = shape.run_bytes;
	cost[DZ_CODING_PLANES] = planes_bytes(x, records, plan->width);
	plan->coding = DZ_CODING_PLANES;
	for (unsigned coding = DZ_CODING_VARINTS; coding < DZ_CODING_PLANES; coding++) {
		if (cost[coding] < cost[plan->coding])
			plan->coding = (uint8_t)coding;
	}
}

static void put_varints(const uint64_t *x, uint32_t records, struct buffer *out)
{
	for (uint32_t i = 0; i < records; i++)
		buffer_put_varint(out, x[i]);
}

static void put_palette(const uint64_t *x, uint32_t records, struct palette *palette,
			struct buffer *out)
{
	uint8_t *indexes;

	buffer_put_varint(out, palette->count);
	put_varints(palette->values, palette->count, out);
	indexes = buffer_extend(out, records);
	for (uint32_t i = 0; indexes && i < records; i++)
		indexes[i] = (uint8_t)palette_index(palette, x[i]);
}

static void put_runs(const uint64_t *x, uint32_t records, struct buffer *out)
{
	uint32_t run_start = 0;

	for (uint32_t i = 0; i < records; i++) {
		if (i + 1 < records && x[i + 1] == x[i])
			continue;
		buffer_put_varint(out, x[i]);
		buffer_put_varint(out, i + 1 - run_start);
		run_start = i + 1;
	}
}

static void put_planes(const uint64_t *x, uint32_t records, uint8_t width, struct buffer *out)
{
	buffer_put_u8(out, width);
	for (uint32_t plane = 0; plane < width; plane++) {
		uint8_t *bytes = buffer_extend(out, records);

		for (uint32_t i = 0; bytes && i < records; i++)
			bytes[i] = (uint8_t)(x[i] >> (8 * plane));
	}
}

void dz_column_encode(const uint64_t *x, uint32_t records, struct dz_column_plan *plan,
		      struct buffer *out)
{
	struct palette palette;

	palette_collect(&palette, x, records);
	choose_coding(x, records, &palette, plan);
	switch ((enum dz_coding)plan->coding) {
	case DZ_CODING_CONSTANT:
		buffer_put_varint(out, x[0]);
		break;
	case DZ_CODING_VARINTS:
		put_varints(x, records, out);
		break;
	case DZ_CODING_PALETTE:
		put_palette(x, records, &palette, out);
		break;
	case DZ_CODING_RUNS:
		put_runs(x, records, out);
		break;
	case DZ_CODING_PLANES:
		put_planes(x, records, plan->width, out);
		break;
	case DZ_CODING_BYTES:
		break;
	}
}
