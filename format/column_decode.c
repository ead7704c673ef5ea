/* format/column_decode.c - decodes one column of a table */
#include "format/column_decode.h"

#include <stdbool.h>

static bool decode_constant(struct cursor *data, uint64_t *out, uint32_t records)
{
	uint64_t x = cursor_varint(data);

	for (uint32_t i = 0; i < records; i++)
		out[i] = x;
	return true;
}

static bool decode_varints(struct cursor *data, uint64_t *out, uint32_t records)
{
	for (uint32_t i = 0; i < records; i++)
		out[i] = cursor_varint(data);
	return true;
}

static bool decode_palette(struct cursor *data, uint64_t *out, uint32_t records)
{
	uint64_t values[DZ_PALETTE_MAX];
	uint64_t count = cursor_varint(data);
	const uint8_t *indexes;

	if (count < 1 || count > DZ_PALETTE_MAX)
		return false;
	for (uint64_t i = 0; i < count; i++)
		values[i] = cursor_varint(data);
	indexes = cursor_take(data, records);
	if (!indexes)
		return false;
	for (uint32_t i = 0; i < records; i++) {
		if (indexes[i] >= count)
			return false;
		out[i] = values[indexes[i]];
	}
	return true;
}

static bool decode_runs(struct cursor *data, uint64_t *out, uint32_t records)
{
	uint32_t done = 0;

	while (done < records) {
		uint64_t x = cursor_varint(data);
		uint64_t length = cursor_varint(data);

		if (length < 1 || length > records - done)
			return false;
		for (uint32_t end = done + (uint32_t)length; done < end; done++)
			out[done] = x;
	}
	return true;
}

/* One function for each number of planes, so that the compiler unrolls the inner loop. */
#define DEFINE_MERGE(width)                                                                        \
	static void merge_##width(const uint8_t *planes, uint64_t *out, uint32_t records)          \
	{                                                                                          \
		for (uint32_t i = 0; i < records; i++) {                                           \
			uint64_t x = 0;                                                            \
                                                                                                   \
			for (unsigned plane = 0; plane < (width); plane++)                         \
				x |= (uint64_t)planes[(size_t)plane * records + i] << (8 * plane); \
			out[i] = x;                                                                \
		}                                                                                  \
	}
DEFINE_MERGE(1)
DEFINE_MERGE(2)
DEFINE_MERGE(3)
DEFINE_MERGE(4)
DEFINE_MERGE(5)
DEFINE_MERGE(6)
DEFINE_MERGE(7)
DEFINE_MERGE(8)

static void (*const merge[DZ_PLANES_MAX])(const uint8_t *, uint64_t *, uint32_t) = {
	merge_1, merge_2, merge_3, merge_4, merge_5, merge_6, merge_7, merge_8,
};

static bool decode_planes(struct cursor *data, uint64_t *out, uint32_t records)
{
	uint8_t width = cursor_u8(data);
	const uint8_t *planes;

	if (width < 1 || width > DZ_PLANES_MAX)
		return false;
	planes = cursor_take(data, (size_t)width * records);
	if (!planes)
		return false;
	merge[width - 1](planes, out, records);
	return true;
}

static bool (*const decoders[])(struct cursor *, uint64_t *, uint32_t) = {
	[DZ_CODING_CONSTANT] = decode_constant, [DZ_CODING_VARINTS] = decode_varints,
	[DZ_CODING_PALETTE] = decode_palette,   [DZ_CODING_RUNS] = decode_runs,
	[DZ_CODING_PLANES] = decode_planes,
};

enum dz_status dz_column_decode(enum dz_coding coding, struct cursor data, uint64_t *out,
				uint32_t records)
{
	if ((size_t)coding >= sizeof(decoders) / sizeof(decoders[0]))
		return DZ_CORRUPT;
	if (!decoders[coding](&data, out, records) || data.failed || cursor_left(&data))
		return DZ_CORRUPT;
	return DZ_OK;
}

void dz_column_restore(const struct dz_column_plan *plan, const uint64_t *other,
		       uint64_t other_mask, uint64_t *values, uint32_t records)
{
	uint64_t before = plan->base;

	if (plan->transform == DZ_TRANSFORM_DELTA) {
		for (uint32_t i = 0; i < records; i++) {
			before += dz_unzigzag(values[i]);
			values[i] = before;
		}
	} else if (plan->transform == DZ_TRANSFORM_DIFFERENCE) {
		for (uint32_t i = 0; i < records; i++)
			values[i] = other[i & other_mask] + plan->base + dz_unzigzag(values[i]);
	}
}
