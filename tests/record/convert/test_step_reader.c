/* tests/record/convert/test_step_reader.c - record/convert/step_reader.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/convert/step_reader.h"

#define SLOT_BYTES    (8u * 512u)
#define SEGMENT_BYTES 512u

static uint8_t slot[SLOT_BYTES];

static int clear(void **state)
{
	(void)state;
	memset(slot, 0, sizeof(slot));
	return 0;
}

static void put(uint64_t position, struct section_step step)
{
	memcpy(slot + position % SLOT_BYTES, &step, sizeof(step));
}

static struct step_reader begin(uint64_t head)
{
	struct step_reader steps;

	assert_true(step_reader_begin(slot, SLOT_BYTES, head, &steps));
	return steps;
}

static void steps_come_in_order_and_skip_the_rest_of_a_segment(void **state)
{
	struct step_view view;
	struct step_reader steps;

	(void)state;
	put(0, (struct section_step){
		       .size_bytes = 48, .step_type = SECTION_STEP_SWITCHED_IN, .sequence = 0});
	put(48, (struct section_step){
			.size_bytes = 48, .step_type = SECTION_STEP_MIGRATED, .sequence = 1});
	put(SEGMENT_BYTES, (struct section_step){.size_bytes = 48,
						 .step_type = SECTION_STEP_CALL_OUT,
						 .sequence = 2});
	steps = begin(SECTION_HEAD(1, 1, 48));
	for (uint32_t i = 0; i < 3; i++) {
		assert_true(step_reader_next(&steps, &view));
		assert_int_equal(view.step.sequence, i);
		assert_null(view.extra);
		assert_null(view.registers);
	}
	assert_false(step_reader_next(&steps, &view));
}

/* The example of bpf/section_step.bpf.h. */
static void the_documented_example_is_read(void **state)
{
	struct step_view view;
	struct step_reader steps;

	(void)state;
	put(0, (struct section_step){.size_bytes = 96, .step_type = SECTION_STEP_CALL_IN});
	put(96, (struct section_step){.step_type = SECTION_STEP_PADDING});
	put(512, (struct section_step){.size_bytes = 136,
				       .step_type = SECTION_STEP_SWITCHED_OUT,
				       .kernel_frames = 5});
	put(648, (struct section_step){.size_bytes = 48, .step_type = SECTION_STEP_CALL_OUT});
	steps = begin(SECTION_HEAD(1, 1, 184));
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_CALL_IN);
	assert_ptr_equal(view.extra, slot + 48);
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_SWITCHED_OUT);
	assert_ptr_equal(view.extra, slot + 512 + 48);
	assert_ptr_equal(view.kernel_frames, slot + 512 + 48 + 48);
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_CALL_OUT);
	assert_int_equal(steps.position, 184);
	assert_false(step_reader_next(&steps, &view));
}

/* A step that an interrupt has followed keeps the space that it did not use. */
static void unused_space_of_a_step_is_skipped(void **state)
{
	struct step_view view;
	struct step_reader steps;

	(void)state;
	put(512, (struct section_step){.size_bytes = 480,
				       .step_type = SECTION_STEP_SWITCHED_OUT,
				       .kernel_frames = 5});
	put(1024, (struct section_step){.size_bytes = 48, .step_type = SECTION_STEP_CALL_OUT});
	steps = begin(SECTION_HEAD(2, 2, 48));
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.kernel_frames, 5);
	assert_ptr_equal(view.kernel_frames, slot + 512 + 48 + 48);
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_CALL_OUT);
	assert_false(step_reader_next(&steps, &view));
}

/* All eight are full. The third was filled again, then the first, to which the head points. */
static void segments_come_in_the_order_of_their_steps(void **state)
{
	static const uint32_t sequences[SECTION_SEGMENTS] = {9, 1, 8, 3, 4, 5, 6, 7};
	static const uint32_t expected[SECTION_SEGMENTS] = {1, 3, 4, 5, 6, 7, 8, 9};
	const uint64_t head = SECTION_HEAD(9, 0, 48);
	struct step_view view;
	struct step_reader steps;

	(void)state;
	for (uint32_t i = 0; i < SECTION_SEGMENTS; i++) {
		put(i * SEGMENT_BYTES, (struct section_step){.size_bytes = 48,
							     .step_type = SECTION_STEP_MIGRATED,
							     .sequence = sequences[i]});
		put(i * SEGMENT_BYTES + 48, (struct section_step){0});
	}
	assert_true(step_reader_is_full(head));
	assert_int_equal(step_reader_bytes(SLOT_BYTES, head), SLOT_BYTES);
	steps = begin(head);
	for (uint32_t i = 0; i < SECTION_SEGMENTS; i++) {
		assert_true(step_reader_next(&steps, &view));
		assert_int_equal(view.step.sequence, expected[i]);
		assert_true(view.is_first);
	}
	assert_false(step_reader_next(&steps, &view));
}

static void what_was_not_written_is_not_read(void **state)
{
	const uint64_t head = SECTION_HEAD(1, 1, 48);
	struct step_view view;
	struct step_reader steps;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		put(i * SEGMENT_BYTES, (struct section_step){.size_bytes = 48,
							     .step_type = SECTION_STEP_MIGRATED,
							     .sequence = i});
	assert_false(step_reader_is_full(head));
	assert_int_equal(step_reader_bytes(SLOT_BYTES, head), SEGMENT_BYTES + 48);
	steps = begin(head);
	assert_true(step_reader_next(&steps, &view));
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.sequence, 1);
	assert_false(step_reader_next(&steps, &view));
}

static void a_step_has_its_parts_one_behind_the_other(void **state)
{
	const uint16_t bytes = 48 + 48 + 2 * 8 + SECTION_REGISTER_WORDS * 8 + 64;
	struct step_view view;
	struct step_reader steps;

	(void)state;
	put(0, (struct section_step){.size_bytes = bytes,
				     .step_type = SECTION_STEP_SWITCHED_OUT,
				     .kernel_frames = 2,
				     .user_bytes = 64});
	steps = begin(SECTION_HEAD(0, 0, bytes));
	assert_true(step_reader_next(&steps, &view));
	assert_ptr_equal(view.extra, slot + 48);
	assert_ptr_equal(view.kernel_frames, slot + 96);
	assert_ptr_equal(view.registers, slot + 112);
	assert_ptr_equal(view.user_stack, slot + 112 + SECTION_REGISTER_WORDS * 8);
}

/* A stack that was walked is in its step as an id. */
static void a_step_has_the_id_of_its_user_stack(void **state)
{
	const uint64_t id = UNWIND_CHAIN_ID | 0x1234567890;
	const uint16_t bytes = 48 + 48 + 8;
	struct step_view view;
	struct step_reader steps;

	(void)state;
	put(0, (struct section_step){.size_bytes = bytes,
				     .step_type = SECTION_STEP_SWITCHED_OUT,
				     .user_bytes = SECTION_USER_ID,
				     .kernel_stack = 17});
	memcpy(slot + 96, &id, sizeof(id));
	steps = begin(SECTION_HEAD(0, 0, bytes));
	assert_true(step_reader_next(&steps, &view));
	assert_ptr_equal(view.extra, slot + 48);
	assert_int_equal(view.stack_copy_id, id);
	assert_int_equal(view.step.kernel_stack, 17);
	assert_null(view.registers);
	assert_null(view.user_stack);
}

static void an_interrupt_without_a_name_has_no_space_for_one(void **state)
{
	struct step_view view;
	struct step_reader steps;

	(void)state;
	put(0, (struct section_step){.size_bytes = 48, .step_type = SECTION_STEP_INTERRUPT_IN});
	put(48, (struct section_step){.size_bytes = 96, .step_type = SECTION_STEP_INTERRUPT_IN});
	steps = begin(SECTION_HEAD(0, 0, 144));
	assert_true(step_reader_next(&steps, &view));
	assert_null(view.extra);
	assert_true(step_reader_next(&steps, &view));
	assert_ptr_equal(view.extra, slot + 96);
}

static void an_invalid_step_ends_its_segment(void **state)
{
	static const struct section_step bad[] = {
		{.size_bytes = 40, .step_type = SECTION_STEP_MIGRATED},
		{.size_bytes = 52, .step_type = SECTION_STEP_MIGRATED},
		{.size_bytes = SEGMENT_BYTES + 8, .step_type = SECTION_STEP_MIGRATED},
		{.size_bytes = 48, .step_type = SECTION_STEP_SAMPLE, .kernel_frames = 1},
		{.size_bytes = 96, .step_type = SECTION_STEP_SAMPLE, .user_bytes = 64},
		{.size_bytes = 48, .step_type = SECTION_STEP_SAMPLE, .user_bytes = SECTION_USER_ID},
		{.size_bytes = 0, .step_type = SECTION_STEP_SAMPLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct step_view view;
		struct step_reader steps;

		put(0, bad[i]);
		put(SEGMENT_BYTES,
		    (struct section_step){.size_bytes = 48, .step_type = SECTION_STEP_MIGRATED});
		steps = begin(SECTION_HEAD(1, 1, 48));
		assert_true(step_reader_next(&steps, &view));
		assert_int_equal(steps.position, 48);
		assert_int_equal(steps.turn, 1);
		assert_false(step_reader_next(&steps, &view));
	}
}

static void a_slot_of_an_invalid_size_is_rejected(void **state)
{
	struct step_reader steps;

	(void)state;
	assert_false(step_reader_begin(slot, 0, 0, &steps));
	assert_false(step_reader_begin(slot, 64, 0, &steps));
	assert_false(step_reader_begin(slot, 4095, 0, &steps));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(steps_come_in_order_and_skip_the_rest_of_a_segment, clear),
		cmocka_unit_test_setup(the_documented_example_is_read, clear),
		cmocka_unit_test_setup(unused_space_of_a_step_is_skipped, clear),
		cmocka_unit_test_setup(segments_come_in_the_order_of_their_steps, clear),
		cmocka_unit_test_setup(what_was_not_written_is_not_read, clear),
		cmocka_unit_test_setup(a_step_has_its_parts_one_behind_the_other, clear),
		cmocka_unit_test_setup(a_step_has_the_id_of_its_user_stack, clear),
		cmocka_unit_test_setup(an_interrupt_without_a_name_has_no_space_for_one, clear),
		cmocka_unit_test_setup(an_invalid_step_ends_its_segment, clear),
		cmocka_unit_test(a_slot_of_an_invalid_size_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
