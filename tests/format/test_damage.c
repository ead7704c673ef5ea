/* tests/format/test_damage.c - truncated files, flipped bits, spliced and overwritten blocks
 *
 *   usage: test_format_damage [ROWS [ERRORS [PART/PARTS]]]
 *
 * ROWS of each kind are in the sample (default 1; 43 make a file of 64 KiB); the exhaustive tests
 * take longer with more. ERRORS of each of the two random kinds are tried (default 3000). With
 * PART, from 0, of PARTS, the exhaustive tests try only every PARTS-th bit and length. 0/1 tries
 * all, also in sanitizer builds.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/block_header.h"
#include "format/damage.h"
#include "tests/format/sample_trace.h"
#include "tests/format/trace_digest.h"
#include <dz/reader.h>
#include <dz/trailer.h>

#define GENERATIONS 2u
#define BITS_MAX    8u

/* Sanitizer builds are slow, and run the same code at every seventh bit. */
#ifdef __SANITIZE_ADDRESS__
#define BIT_STEP 7u
#else
#define BIT_STEP 1u
#endif

struct fixture {
	struct sample_file file;
	struct trace_digest whole;
	struct dz_block_info *blocks;
	size_t block_count;
	uint32_t rows;
	uint32_t errors;
	size_t part;
	size_t bit_step;
	size_t size_step;
};

static uint64_t block_end(const struct dz_block_info *block)
{
	return block->offset + DZ_BLOCK_HEADER_BYTES + block->stored_bytes;
}

static int make_fixture(void **state)
{
	struct fixture *fixture = *state;
	struct dz_source source;
	struct dz_reader *reader;
	const struct dz_block_info *blocks;

	fixture->file = sample_make(fixture->rows, GENERATIONS, 5);
	fixture->whole = trace_digest_of(fixture->file.data, fixture->file.size);
	source = dz_source_memory(fixture->file.data, fixture->file.size);
	if (dz_reader_open(&source, NULL, &reader) != DZ_OK)
		return 1;
	blocks = dz_reader_blocks(reader, &fixture->block_count);
	fixture->blocks = calloc(fixture->block_count, sizeof(*blocks));
	if (!fixture->blocks)
		return 1;
	memcpy(fixture->blocks, blocks, fixture->block_count * sizeof(*blocks));
	dz_reader_close(reader);
	return 0;
}

static int free_fixture(void **state)
{
	struct fixture *fixture = *state;

	free(fixture->file.data);
	free(fixture->blocks);
	return 0;
}

static const struct dz_block_info *block_at(const struct fixture *fixture, uint64_t offset)
{
	for (size_t i = 0; i < fixture->block_count; i++) {
		if (offset >= fixture->blocks[i].offset && offset < block_end(&fixture->blocks[i]))
			return &fixture->blocks[i];
	}
	return NULL;
}

static void a_whole_file_has_no_damage_and_all_its_rows(void **state)
{
	const struct fixture *fixture = *state;

	assert_int_equal(fixture->whole.open_status, DZ_OK);
	assert_int_equal(fixture->whole.end_status, DZ_END);
	assert_true(fixture->whole.closed);
	assert_int_equal(fixture->whole.damage_count, 0);
	for (uint32_t generation = 0; generation < GENERATIONS; generation++)
		assert_int_equal(fixture->whole.counts[generation][DZ_KIND_EXIT], fixture->rows);
}

/* Returns the minute of the fixture that a block of events is from (trace_digest.h). */
static uint32_t minute_of(const struct dz_block_info *block)
{
	return (uint32_t)((block->first - 3600000000000u) / 61000000000u);
}

static void every_single_bit_flip_is_reported_and_costs_only_its_block(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = fixture->file.data;

	for (size_t bit = fixture->part; bit < fixture->file.size * 8; bit += fixture->bit_step) {
		const struct dz_block_info *block = block_at(fixture, bit / 8);
		bool timed = block && block->kind >= 16 && block->kind != DZ_KIND_INDEX;
		struct trace_digest digest;

		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		digest = trace_digest_of(bytes, fixture->file.size);
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		if (digest.open_status != DZ_OK || digest.end_status != DZ_END ||
		    !digest.damage_count ||
		    !trace_digest_same_rows(&digest, &fixture->whole, timed ? minute_of(block) : 0,
					    timed ? block->kind : 0))
			fail_msg("flip of bit %zu: status %d, %zu damages, %llu rows", bit,
				 (int)digest.end_status, digest.damage_count,
				 (unsigned long long)digest.rows);
	}
}

/* The first `size` bytes of the file must have exactly the rows of the whole blocks. */
static void check_cut(const struct fixture *fixture, const uint8_t *bytes, size_t size)
{
	struct trace_digest digest = trace_digest_of(bytes, size);
	uint64_t good_end = 128;
	uint64_t rows = 0;

	if (size < 128) {
		assert_int_equal(digest.open_status, DZ_TRUNCATED);
		return;
	}
	for (size_t i = 0; i < fixture->block_count; i++) {
		if (block_end(&fixture->blocks[i]) > size)
			break;
		good_end = block_end(&fixture->blocks[i]);
		if (fixture->blocks[i].kind >= 16 && fixture->blocks[i].kind != DZ_KIND_INDEX)
			rows += fixture->blocks[i].records;
	}
	assert_int_equal(digest.end_status, DZ_END);
	assert_false(digest.closed);
	if (digest.rows != rows || digest.damage_bytes != size - good_end)
		fail_msg("truncated at %zu: %llu rows instead of %llu, %llu bytes reported instead "
			 "of %llu",
			 size, (unsigned long long)digest.rows, (unsigned long long)rows,
			 (unsigned long long)digest.damage_bytes,
			 (unsigned long long)(size - good_end));
}

static void truncation_at_every_byte_keeps_all_before_it_and_reports_the_bytes_lost(void **state)
{
	const struct fixture *fixture = *state;

	for (size_t size = fixture->part; size < fixture->file.size; size += fixture->size_step) {
		/* A copy of the exact size, so that a sanitizer detects any read beyond it. */
		uint8_t *bytes = malloc(size + !size);

		assert_non_null(bytes);
		memcpy(bytes, fixture->file.data, size);
		check_cut(fixture, bytes, size);
		free(bytes);
	}
}

/* Two to eight distinct bits. */
static void several_flipped_bits_are_reported_and_cost_only_the_blocks_they_hit(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = fixture->file.data;
	uint64_t random = 98;

	for (uint32_t i = 0; i < fixture->errors; i++) {
		size_t flips = 2 + sample_random(&random) % (BITS_MAX - 1), done = 0;
		size_t bits[BITS_MAX];
		struct trace_digest digest;

		while (done < flips) {
			bool again = false;

			bits[done] = sample_random(&random) % (fixture->file.size * 8);
			for (size_t j = 0; j < done; j++)
				again |= bits[j] == bits[done];
			done += !again;
		}
		for (size_t j = 0; j < flips; j++)
			bytes[bits[j] / 8] ^= (uint8_t)(1u << (bits[j] % 8));
		digest = trace_digest_of(bytes, fixture->file.size);
		for (size_t j = 0; j < flips; j++)
			bytes[bits[j] / 8] ^= (uint8_t)(1u << (bits[j] % 8));
		if (digest.open_status == DZ_OK && !digest.damage_count)
			fail_msg("error %u of %zu bits was not reported", i, flips);
		/* The loss from a flip in the schema or in a dictionary depends on its kind. */
		if (digest.open_status == DZ_OK && digest.rows > fixture->whole.rows)
			fail_msg("error %u of %zu bits added rows", i, flips);
	}
}

static void bursts_are_reported_and_cost_only_the_blocks_they_hit(void **state)
{
	struct fixture *fixture = *state;
	uint64_t random = 99;

	for (uint32_t i = 0; i < fixture->errors; i++) {
		size_t size = 1 + sample_random(&random) % 64;
		size_t at = sample_random(&random) % (fixture->file.size - size);
		uint8_t saved[64];
		struct trace_digest digest;

		memcpy(saved, fixture->file.data + at, size);
		for (size_t j = 0; j < size; j++)
			fixture->file.data[at + j] = (uint8_t)sample_random(&random);
		digest = trace_digest_of(fixture->file.data, fixture->file.size);
		if (memcmp(saved, fixture->file.data + at, size) != 0 && !digest.damage_count)
			fail_msg("a burst of %zu bytes at %zu was not reported", size, at);
		if (digest.open_status == DZ_OK)
			assert_true(digest.rows + 4 * (uint64_t)fixture->rows >=
				    fixture->whole.rows);
		memcpy(fixture->file.data + at, saved, size);
	}
}

/* A new file, made of pieces of the old one. */
struct splice {
	uint8_t *data;
	size_t size;
};

static void splice_add(struct splice *splice, const uint8_t *bytes, size_t size)
{
	splice->data = realloc(splice->data, splice->size + size);
	assert_non_null(splice->data);
	memcpy(splice->data + splice->size, bytes, size);
	splice->size += size;
}

static const struct dz_block_info *find_block(const struct fixture *fixture, uint32_t kind)
{
	for (size_t i = 0; i < fixture->block_count; i++) {
		if (fixture->blocks[i].kind == kind)
			return &fixture->blocks[i];
	}
	fail();
	return NULL;
}

static void a_missing_block_is_reported(void **state)
{
	const struct fixture *fixture = *state;
	const struct dz_block_info *block = find_block(fixture, DZ_KIND_EXIT);
	struct splice splice = {0};
	struct trace_digest digest;

	splice_add(&splice, fixture->file.data, block->offset);
	splice_add(&splice, fixture->file.data + block_end(block),
		   fixture->file.size - block_end(block));
	digest = trace_digest_of(splice.data, splice.size);
	assert_true(digest.damage_count > 0);
	assert_true(trace_digest_same_rows(&digest, &fixture->whole, 0, DZ_KIND_EXIT));
	free(splice.data);
}

static void a_duplicate_block_is_reported_and_read_once(void **state)
{
	const struct fixture *fixture = *state;
	const struct dz_block_info *block = find_block(fixture, DZ_KIND_EXIT);
	struct splice splice = {0};
	struct trace_digest digest;

	splice_add(&splice, fixture->file.data, block_end(block));
	splice_add(&splice, fixture->file.data + block->offset, block_end(block) - block->offset);
	splice_add(&splice, fixture->file.data + block_end(block),
		   fixture->file.size - block_end(block));
	digest = trace_digest_of(splice.data, splice.size);
	assert_true(digest.damage_bytes >= block_end(block) - block->offset);
	assert_true(trace_digest_same_rows(&digest, &fixture->whole, 0, 0));
	free(splice.data);
}

static void blocks_in_another_order_are_reported_and_all_read(void **state)
{
	const struct fixture *fixture = *state;
	const struct dz_block_info *strings = find_block(fixture, DZ_KIND_STRING);
	const struct dz_block_info *signal = find_block(fixture, DZ_KIND_SIGNAL);
	struct splice splice = {0};
	struct trace_digest digest;

	splice_add(&splice, fixture->file.data, strings->offset);
	splice_add(&splice, fixture->file.data + block_end(strings),
		   block_end(signal) - block_end(strings));
	splice_add(&splice, fixture->file.data + strings->offset,
		   block_end(strings) - strings->offset);
	splice_add(&splice, fixture->file.data + block_end(signal),
		   fixture->file.size - block_end(signal));
	digest = trace_digest_of(splice.data, splice.size);
	assert_true(digest.damage_count > 0);
	assert_true(trace_digest_same_rows(&digest, &fixture->whole, 0, 0));
	free(splice.data);
}

static void a_second_file_behind_the_first_is_reported_and_not_read(void **state)
{
	const struct fixture *fixture = *state;
	struct sample_file other = sample_make(3, 1, 77);
	struct splice splice = {0};
	struct trace_digest digest;

	splice_add(&splice, fixture->file.data, fixture->file.size);
	splice_add(&splice, other.data, other.size);
	digest = trace_digest_of(splice.data, splice.size);
	assert_true(trace_digest_same_rows(&digest, &fixture->whole, 0, 0));
	/* The trailer of the first file is no longer at the end. */
	assert_int_equal(digest.damage_bytes, other.size + DZ_TRAILER_BYTES);
	assert_false(digest.closed);
	free(splice.data);
	free(other.data);
}

static void a_cut_file_with_another_behind_it_gives_what_was_before_the_cut(void **state)
{
	const struct fixture *fixture = *state;
	const struct dz_block_info *block = find_block(fixture, DZ_KIND_PROBE);
	struct sample_file other = sample_make(3, 1, 77);
	struct splice splice = {0};
	struct trace_digest digest;
	size_t end = (size_t)block->offset + DZ_BLOCK_HEADER_BYTES + 5;

	splice_add(&splice, fixture->file.data, end);
	splice_add(&splice, other.data, other.size);
	digest = trace_digest_of(splice.data, splice.size);
	assert_int_equal(digest.damage_bytes, splice.size - block->offset);
	assert_int_equal(digest.counts[0][DZ_KIND_EXIT], fixture->rows);
	assert_int_equal(digest.counts[0][DZ_KIND_PROBE], 0);
	free(splice.data);
	free(other.data);
}

/* Returns whether a block is whole in a splice that lacks some bytes: at its place, or before it by
 * these bytes. The bytes behind or before the gap can be equal to the missing ones. */
static bool is_still_there(const struct fixture *fixture, const struct dz_block_info *block,
			   const struct splice *splice, size_t lost)
{
	size_t at = (size_t)block->offset;
	size_t size = (size_t)(block_end(block) - block->offset);

	if (at >= lost && memcmp(splice->data + at - lost, fixture->file.data + at, size) == 0)
		return true;
	return at + size <= splice->size &&
	       memcmp(splice->data + at, fixture->file.data + at, size) == 0;
}

/*
 * Returns where the search goes on behind a block that lacks bytes from `from` on, if its header is
 * whole and another block begins where it would end: what lies between is not found (dz(5),
 * READING). 0 if there is no such place. Example: of a block at 6,311 with 637 bytes, 104 are lost.
 * The next one has 104 bytes and is at 6,844 now, the one after it at 6,948, where the walk goes
 * on.
 */
static uint64_t hidden_until(const struct fixture *fixture, size_t from, size_t lost)
{
	const struct dz_block_info *cut = block_at(fixture, from);

	if (!cut || cut->offset + DZ_BLOCK_HEADER_BYTES > from || block_end(cut) < from + lost)
		return 0;
	for (const struct dz_block_info *next = cut + 1;
	     next < fixture->blocks + fixture->block_count; next++) {
		if (next->offset - lost == block_end(cut))
			return next->offset;
	}
	return 0;
}

static void bytes_lost_in_the_middle_cost_only_what_they_were_in(void **state)
{
	const struct fixture *fixture = *state;
	uint64_t random = 4;

	for (int i = 0; i < 300; i++) {
		size_t from = 128 + sample_random(&random) % (fixture->file.size - 400);
		size_t lost = 1 + sample_random(&random) % 200;
		uint64_t rows = 0, kept = 0, hidden = hidden_until(fixture, from, lost);
		struct splice splice = {0};
		struct trace_digest digest;

		splice_add(&splice, fixture->file.data, from);
		splice_add(&splice, fixture->file.data + from + lost,
			   fixture->file.size - from - lost);
		digest = trace_digest_of(splice.data, splice.size);
		for (size_t j = 0; j < fixture->block_count; j++) {
			const struct dz_block_info *block = &fixture->blocks[j];

			if (block->kind < 16 || block->kind == DZ_KIND_INDEX)
				continue;
			rows += block->records;
			if ((block->offset < from || block->offset >= hidden) &&
			    is_still_there(fixture, block, &splice, lost))
				kept += block->records;
		}
		assert_int_equal(rows, fixture->whole.rows);
		if (digest.rows != kept || !digest.damage_count)
			fail_msg("without %zu bytes at %zu: %llu rows instead of %llu", lost, from,
				 (unsigned long long)digest.rows, (unsigned long long)kept);
		free(splice.data);
	}
}

static void junk_between_blocks_is_reported_to_the_byte(void **state)
{
	const struct fixture *fixture = *state;
	uint64_t random = 4;

	for (size_t i = 0; i < fixture->block_count; i++) {
		size_t at = (size_t)fixture->blocks[i].offset;
		size_t junk_size = 1 + sample_random(&random) % 4096;
		uint8_t junk[4096];
		struct splice splice = {0};
		struct trace_digest digest;

		for (size_t j = 0; j < junk_size; j++)
			junk[j] = (uint8_t)sample_random(&random);
		splice_add(&splice, fixture->file.data, at);
		splice_add(&splice, junk, junk_size);
		splice_add(&splice, fixture->file.data + at, fixture->file.size - at);
		digest = trace_digest_of(splice.data, splice.size);
		assert_true(trace_digest_same_rows(&digest, &fixture->whole, 0, 0));
		/* The trailer is no longer at the offset that it holds. */
		assert_int_equal(digest.damage_bytes, junk_size + DZ_TRAILER_BYTES);
		free(splice.data);
	}
}

static void zeroed_sectors_cost_only_what_they_hit(void **state)
{
	const struct fixture *fixture = *state;

	for (size_t at = 0; at + 512 <= fixture->file.size; at += 512) {
		uint64_t kept = 0;
		struct splice splice = {0};
		struct trace_digest digest;

		splice_add(&splice, fixture->file.data, fixture->file.size);
		memset(splice.data + at, 0, 512);
		digest = trace_digest_of(splice.data, splice.size);
		for (size_t j = 0; j < fixture->block_count; j++) {
			const struct dz_block_info *block = &fixture->blocks[j];

			if (block->kind >= 16 && block->kind != DZ_KIND_INDEX &&
			    (block_end(block) <= at || block->offset >= at + 512))
				kept += block->records;
		}
		assert_int_equal(digest.rows, kept);
		assert_true(digest.damage_count > 0);
		free(splice.data);
	}
}

static void a_file_inside_a_valid_block_is_not_read(void **state)
{
	const struct fixture *fixture = *state;
	struct dz_file_header header = sample_header(5);
	struct sample_file file = {0};
	struct dz_sink sink = sample_sink(&file);
	uint8_t bytes[DZ_BLOCK_HEADER_BYTES];
	struct dz_block_header block = {
		.kind = 200,
		.file_id = dz_file_header_id(&header),
		.stored_bytes = (uint32_t)fixture->file.size,
		.records = 1,
	};
	struct iovec pieces[3] = {
		{.iov_base = fixture->file.data, .iov_len = DZ_FILE_HEADER_BYTES},
		{.iov_base = bytes, .iov_len = sizeof(bytes)},
		{.iov_base = fixture->file.data, .iov_len = fixture->file.size},
	};
	struct trace_digest digest;

	dz_block_header_encode(&block, bytes);
	assert_int_equal(sink.write(sink.context, pieces, 3), DZ_OK);
	digest = trace_digest_of(file.data, file.size);
	assert_int_equal(digest.rows, 0);
	free(file.data);
}

static void adjacent_damage_is_reported_once(void **state)
{
	const struct dz_damage first = {.offset = 100, .size_bytes = 10, .what = "x"};
	const struct dz_damage second = {.offset = 110, .size_bytes = 5, .what = first.what};
	const struct dz_damage before = {.offset = 5, .size_bytes = 0, .what = "y"};
	struct dz_damage_list list = {0};

	(void)state;
	assert_true(dz_damage_add(&list, &first));
	assert_true(dz_damage_add(&list, &second));
	assert_true(dz_damage_add(&list, &before));
	dz_damage_sort(&list);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.entries[0].offset, 5);
	assert_int_equal(list.entries[1].size_bytes, 15);
	dz_damage_release(&list);
}

static void keep_memory(void)
{
	/* Millions of readers: let malloc() reuse the memory of the previous one. */
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 28);
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 28);
	(void)mallopt(M_TOP_PAD, 1 << 24);
}

static bool read_arguments(int argc, char **argv, struct fixture *fixture)
{
	if (argc > 1)
		fixture->rows = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		fixture->errors = (uint32_t)strtoul(argv[2], NULL, 10);
	if (argc > 3) {
		char *end;

		fixture->part = strtoul(argv[3], &end, 10);
		fixture->bit_step = *end == '/' ? strtoul(end + 1, NULL, 10) : 0;
		fixture->size_step = fixture->bit_step;
	}
	return fixture->rows > 0 && fixture->part < fixture->bit_step;
}

int main(int argc, char **argv)
{
	struct fixture fixture = {.rows = 1, .errors = 3000, .bit_step = BIT_STEP, .size_step = 1};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(a_whole_file_has_no_damage_and_all_its_rows, &fixture),
		cmocka_unit_test_prestate(
			every_single_bit_flip_is_reported_and_costs_only_its_block, &fixture),
		cmocka_unit_test_prestate(
			truncation_at_every_byte_keeps_all_before_it_and_reports_the_bytes_lost,
			&fixture),
		cmocka_unit_test_prestate(
			several_flipped_bits_are_reported_and_cost_only_the_blocks_they_hit,
			&fixture),
		cmocka_unit_test_prestate(bursts_are_reported_and_cost_only_the_blocks_they_hit,
					  &fixture),
		cmocka_unit_test_prestate(a_missing_block_is_reported, &fixture),
		cmocka_unit_test_prestate(a_duplicate_block_is_reported_and_read_once, &fixture),
		cmocka_unit_test_prestate(blocks_in_another_order_are_reported_and_all_read,
					  &fixture),
		cmocka_unit_test_prestate(a_second_file_behind_the_first_is_reported_and_not_read,
					  &fixture),
		cmocka_unit_test_prestate(
			a_cut_file_with_another_behind_it_gives_what_was_before_the_cut, &fixture),
		cmocka_unit_test_prestate(bytes_lost_in_the_middle_cost_only_what_they_were_in,
					  &fixture),
		cmocka_unit_test_prestate(junk_between_blocks_is_reported_to_the_byte, &fixture),
		cmocka_unit_test_prestate(zeroed_sectors_cost_only_what_they_hit, &fixture),
		cmocka_unit_test_prestate(a_file_inside_a_valid_block_is_not_read, &fixture),
		cmocka_unit_test(adjacent_damage_is_reported_once),
	};
	void *state = &fixture;
	int failed;

	if (!read_arguments(argc, argv, &fixture)) {
		fprintf(stderr, "usage: test_format_damage [ROWS [ERRORS [PART/PARTS]]]\n");
		return 2;
	}
	keep_memory();
	if (make_fixture(&state))
		return 1;
	printf("sample: %zu bytes, %zu blocks\n", fixture.file.size, fixture.block_count);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free_fixture(&state);
	return failed;
}
