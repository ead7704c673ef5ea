/* tests/format/test_headers.c - format/file_header.c, format/block_header.c, format/trailer.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/block_header.h"
#include "format/bytes.h"
#include "format/crc32c.h"
#include "format/limits.h"
#include "tests/format/sample_trace.h"
#include <dz/file_header.h>
#include <dz/schema.h>
#include <dz/trailer.h>

static const struct dz_block_header typical_block = {
	.kind = DZ_KIND_EXIT,
	.file_id = 0x1122334455667788u,
	.sequence = 7,
	.generation = 2,
	.stored_bytes = 1000,
	.raw_bytes = 3000,
	.records = 50,
	.first = 100,
	.last = 200,
	.payload_crc = 0xdeadbeefu,
};

static const struct dz_trailer typical_trailer = {
	.file_id = 0x1122334455667788u,
	.index_offset = 5000,
	.events = 123,
	.offset = 6000,
	.blocks = 20,
	.flags = DZ_TRAILER_CLEAN,
};

static void a_file_header_comes_back(void **state)
{
	struct dz_file_header header = sample_header(1), decoded;
	uint8_t bytes[DZ_FILE_HEADER_BYTES];

	(void)state;
	dz_file_header_encode(&header, bytes);
	memset(&decoded, 0, sizeof(decoded));
	assert_int_equal(dz_file_header_decode(bytes, &decoded), DZ_OK);
	assert_int_equal(decoded.version_major, 1);
	assert_memory_equal(decoded.uuid, header.uuid, sizeof(header.uuid));
	assert_memory_equal(decoded.boot_id, header.boot_id, sizeof(header.boot_id));
	assert_int_equal(decoded.arch, DZ_ARCH_X86_64);
	assert_int_equal(decoded.page_bytes, 4096);
	assert_int_equal(decoded.cpu_count, 2);
	assert_true(decoded.boottime_ns == header.boottime_ns);
	assert_true(decoded.monotonic_ns == header.monotonic_ns);
	assert_true(decoded.realtime_ns == header.realtime_ns);
}

static void flips_in_a_file_header_are_detected(void **state)
{
	struct dz_file_header header = sample_header(1), untouched = {.arch = 99};
	uint8_t bytes[DZ_FILE_HEADER_BYTES];

	(void)state;
	dz_file_header_encode(&header, bytes);
	for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
		enum dz_status expected = bit < 16 * 8 ? DZ_FOREIGN : DZ_CORRUPT;

		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(dz_file_header_decode(bytes, &untouched), expected);
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_int_equal(untouched.arch, 99);
}

static enum dz_status decode_with_byte(size_t at, uint8_t value)
{
	struct dz_file_header header = sample_header(1), decoded;
	uint8_t bytes[DZ_FILE_HEADER_BYTES];

	dz_file_header_encode(&header, bytes);
	bytes[at] = value;
	dz_put_u32(bytes + 124, dz_crc32c(bytes, 124));
	return dz_file_header_decode(bytes, &decoded);
}

static void a_newer_major_version_is_refused_and_a_newer_minor_one_read(void **state)
{
	(void)state;
	assert_int_equal(decode_with_byte(16, 2), DZ_UNSUPPORTED);
	assert_int_equal(decode_with_byte(16, 0), DZ_UNSUPPORTED);
	assert_int_equal(decode_with_byte(18, 9), DZ_OK);
}

static void required_features_and_reserved_bytes_are_refused_and_optional_ones_ignored(void **state)
{
	(void)state;
	assert_int_equal(decode_with_byte(20, 1), DZ_UNSUPPORTED);
	assert_int_equal(decode_with_byte(24, 1), DZ_OK);
	for (size_t at = 96; at < 124; at++)
		assert_int_equal(decode_with_byte(at, 1), DZ_UNSUPPORTED);
}

static void the_start_of_a_file_header_is_recognized_at_any_length(void **state)
{
	struct dz_file_header header = sample_header(1);
	uint8_t bytes[DZ_FILE_HEADER_BYTES];

	(void)state;
	dz_file_header_encode(&header, bytes);
	for (size_t size = 0; size <= sizeof(bytes); size++)
		assert_true(dz_file_header_starts(bytes, size));
	bytes[0] ^= 1;
	assert_true(dz_file_header_starts(bytes, 0));
	assert_false(dz_file_header_starts(bytes, 1));
}

static void a_block_header_comes_back(void **state)
{
	struct dz_block_header decoded;
	uint8_t bytes[DZ_BLOCK_HEADER_BYTES];

	(void)state;
	dz_block_header_encode(&typical_block, bytes);
	memset(&decoded, 0, sizeof(decoded));
	assert_int_equal(dz_block_header_decode(bytes, &decoded), DZ_OK);
	assert_int_equal(decoded.kind, typical_block.kind);
	assert_true(decoded.file_id == typical_block.file_id);
	assert_int_equal(decoded.sequence, 7);
	assert_int_equal(decoded.generation, 2);
	assert_int_equal(decoded.stored_bytes, 1000);
	assert_int_equal(decoded.raw_bytes, 3000);
	assert_int_equal(decoded.records, 50);
	assert_true(decoded.first == 100 && decoded.last == 200);
	assert_int_equal(decoded.payload_crc, 0xdeadbeefu);
	assert_int_equal(dz_block_header_check(&decoded), DZ_OK);
}

static void flips_in_a_block_header_are_detected(void **state)
{
	struct dz_block_header untouched = {.records = 99};
	uint8_t bytes[DZ_BLOCK_HEADER_BYTES];

	(void)state;
	dz_block_header_encode(&typical_block, bytes);
	for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(dz_block_header_decode(bytes, &untouched), DZ_CORRUPT);
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_int_equal(untouched.records, 99);
}

struct rule {
	const char *what;
	enum dz_status status;
	struct dz_block_header header;
};

#define EXITS(...)                                                                                 \
	{                                                                                          \
		.kind = DZ_KIND_EXIT, .records = 1, __VA_ARGS__                                    \
	}
#define TASKS(...)                                                                                 \
	{                                                                                          \
		.kind = DZ_KIND_TASK, __VA_ARGS__                                                  \
	}

static const struct rule rules[] = {
	{"a plain block", DZ_OK, EXITS(.raw_bytes = 1)},
	{"a reserved flag", DZ_UNSUPPORTED, EXITS(.flags = 0x8000)},
	{"the reserved word", DZ_UNSUPPORTED, EXITS(.reserved = 1)},
	{"raw bytes at the limit", DZ_OK, EXITS(.raw_bytes = DZ_LIMIT_RAW_BYTES)},
	{"raw bytes beyond", DZ_LIMIT, EXITS(.raw_bytes = DZ_LIMIT_RAW_BYTES + 1)},
	{"stored bytes at the limit", DZ_OK, EXITS(.stored_bytes = DZ_LIMIT_STORED_BYTES)},
	{"stored bytes beyond", DZ_LIMIT, EXITS(.stored_bytes = DZ_LIMIT_STORED_BYTES + 1)},
	{"generation at the limit", DZ_OK, EXITS(.generation = DZ_LIMIT_GENERATIONS - 1)},
	{"generation beyond", DZ_LIMIT, EXITS(.generation = DZ_LIMIT_GENERATIONS)},
	{"records at the limit", DZ_OK, {.kind = DZ_KIND_EXIT, .records = DZ_LIMIT_RECORDS}},
	{"records beyond", DZ_LIMIT, {.kind = DZ_KIND_EXIT, .records = DZ_LIMIT_RECORDS + 1}},
	{"no records", DZ_CORRUPT, {.kind = DZ_KIND_EXIT}},
	{"kind 0", DZ_CORRUPT, {.kind = 0, .records = 1}},
	{"times that fall", DZ_CORRUPT, EXITS(.first = 2, .last = 1)},
	{"identifiers", DZ_OK, TASKS(.records = 3, .first = 5, .last = 7)},
	{"identifier 0", DZ_CORRUPT, TASKS(.records = 3, .first = 0, .last = 2)},
	{"too few identifiers", DZ_CORRUPT, TASKS(.records = 3, .first = 1, .last = 2)},
	{"identifiers at the limit", DZ_OK,
	 TASKS(.records = 1, .first = DZ_LIMIT_DICTIONARY_ENTRIES,
	       .last = DZ_LIMIT_DICTIONARY_ENTRIES)},
	{"identifiers beyond", DZ_LIMIT,
	 TASKS(.records = 1, .first = DZ_LIMIT_DICTIONARY_ENTRIES + 1,
	       .last = DZ_LIMIT_DICTIONARY_ENTRIES + 1)},
	{"all identifiers there are", DZ_CORRUPT, TASKS(.records = 1, .last = UINT64_MAX)},
};

static void block_headers_keep_to_the_rules_and_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (dz_block_header_check(&rules[i].header) != rules[i].status)
			fail_msg("%s: not %s", rules[i].what, dz_status_phrase(rules[i].status));
	}
}

static void a_trailer_comes_back_and_flips_in_it_are_detected(void **state)
{
	struct dz_trailer decoded;
	uint8_t bytes[DZ_TRAILER_BYTES];

	(void)state;
	dz_trailer_encode(&typical_trailer, bytes);
	memset(&decoded, 0, sizeof(decoded));
	assert_int_equal(dz_trailer_decode(bytes, &decoded), DZ_OK);
	assert_true(decoded.file_id == typical_trailer.file_id);
	assert_true(decoded.index_offset == 5000 && decoded.events == 123);
	assert_true(decoded.offset == 6000);
	assert_int_equal(decoded.blocks, 20);
	assert_int_equal(decoded.flags, DZ_TRAILER_CLEAN);
	for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(dz_trailer_decode(bytes, &decoded), DZ_CORRUPT);
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
}

static void every_status_has_a_phrase(void **state)
{
	(void)state;
	for (int status = DZ_OK; status <= DZ_NO_MEMORY; status++)
		assert_true(strlen(dz_status_phrase((enum dz_status)status)) > 5);
	assert_string_equal(dz_status_phrase((enum dz_status)99), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_header_comes_back),
		cmocka_unit_test(flips_in_a_file_header_are_detected),
		cmocka_unit_test(a_newer_major_version_is_refused_and_a_newer_minor_one_read),
		cmocka_unit_test(
			required_features_and_reserved_bytes_are_refused_and_optional_ones_ignored),
		cmocka_unit_test(the_start_of_a_file_header_is_recognized_at_any_length),
		cmocka_unit_test(a_block_header_comes_back),
		cmocka_unit_test(flips_in_a_block_header_are_detected),
		cmocka_unit_test(block_headers_keep_to_the_rules_and_limits),
		cmocka_unit_test(a_trailer_comes_back_and_flips_in_it_are_detected),
		cmocka_unit_test(every_status_has_a_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
