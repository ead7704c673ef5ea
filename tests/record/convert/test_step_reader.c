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

static void put_word(uint64_t position, uint64_t word)
{
	memcpy(slot + position % SLOT_BYTES, &word, sizeof(word));
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
	put(648, (struct section_step){.size_bytes = 48,
				       .step_type = SECTION_STEP_CALL_OUT,
				       .time_ns = 1000,
				       .sequence = 2,
				       .number = 39,
				       .duration_ns = 700});
	put(696, (struct section_step){
			 .size_bytes = 96, .step_type = SECTION_STEP_CALL_IN, .time_ns = 1200});
	put_word(792, SECTION_REPEAT(18, 12, 2, 500));
	steps = begin(SECTION_HEAD(1, 1, 288));
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_CALL_IN);
	assert_ptr_equal(view.extra, slot + 48);
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_SWITCHED_OUT);
	assert_ptr_equal(view.extra, slot + 512 + 48);
	assert_ptr_equal(view.kernel_frames, slot + 512 + 48 + 48);
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_CALL_OUT);
	assert_int_equal(view.step.duration_ns, 700);
	assert_int_equal(steps.position, 184);
	assert_true(step_reader_next(&steps, &view));
	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_CALL_OUT);
	assert_int_equal(view.step.number, 39);
	assert_int_equal(view.step.time_ns, 1500);
	assert_int_equal(view.step.duration_ns, 300);
	assert_int_equal(steps.position, 288);
	assert_false(step_reader_next(&steps, &view));
}

/* The largest step has a file. A step that its segment ends in is invalid. */
static void a_file_is_behind_its_step_or_the_step_is_invalid(void **state)
{
	static uint8_t large[8u * 1024u];
	const struct section_file file = {.inode = 7, .parts = 1, .names = "name"};
	const uint32_t size = sizeof(struct section_step) + sizeof(file);
	const struct section_step step = {
		.size_bytes = (uint16_t)size, .step_type = SECTION_STEP_FILE, .number = 3};

	(void)state;
	memcpy(large, &step, sizeof(step));
	memcpy(large + sizeof(step), &file, sizeof(file));
	for (uint32_t used = size; used >= size - 8; used -= 8) {
		struct step_reader steps;
		struct section_file found;
		struct step_view view;

		assert_true(
			step_reader_begin(large, sizeof(large), SECTION_HEAD(0, 0, used), &steps));
		assert_int_equal(step_reader_next(&steps, &view), used == size);
		if (used < size)
			continue;
		assert_int_equal(view.step.number, 3);
		assert_ptr_equal(view.extra, large + sizeof(step));
		memcpy(&found, view.extra, sizeof(found));
		assert_string_equal(found.names, "name");
	}
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

static void expect_switch_in(struct step_reader *steps, uint64_t time_ns, uint64_t blocked_ns,
			     uint64_t runnable_ns)
{
	struct step_view view;

	do
		assert_true(step_reader_next(steps, &view));
	while (view.step.step_type != SECTION_STEP_SWITCHED_IN);
	assert_int_equal(view.step.time_ns, time_ns);
	assert_int_equal(view.step.duration_ns, blocked_ns);
	assert_int_equal(view.step.value, runnable_ns);
}

/* A thread is switched in after a wake-up that was written whole, after one that is a word, after
 * it was preempted, and without a known begin. */
static void a_repeated_switch_has_the_times_of_the_steps_before_it(void **state)
{
	const struct section_step out = {
		.size_bytes = 96, .step_type = SECTION_STEP_SWITCHED_OUT, .time_ns = 1000};
	const struct section_step woken = {.size_bytes = 96,
					   .step_type = SECTION_STEP_WOKEN_UP,
					   .time_ns = 1400,
					   .duration_ns = 400};
	struct step_reader steps;

	(void)state;
	put(0, (struct section_step){.size_bytes = 48,
				     .step_type = SECTION_STEP_SWITCHED_IN,
				     .time_ns = 900,
				     .value = 7,
				     .duration_ns = 8});
	put(48, out);
	put(144, woken);
	put_word(240, SECTION_REPEAT(30, 12, 0, 550));
	put_word(248, SECTION_REPEAT(25, 0, 0, 2000));
	put_word(256, SECTION_REPEAT(14, 1, 0, 2100));
	put_word(264, SECTION_REPEAT(33, 1, 0, 3000));
	put_word(272, SECTION_REPEAT(28, 0, 0, 4000));
	put_word(280, SECTION_REPEAT(35, 1, 0, 4200));
	put_word(288, SECTION_REPEAT(36, 0, 0, 5000));
	steps = begin(SECTION_HEAD(0, 0, 296));
	expect_switch_in(&steps, 900, 8, 7);
	expect_switch_in(&steps, 1450, 400, 50);
	expect_switch_in(&steps, 3900, 500, 400);
	expect_switch_in(&steps, 5100, 0, 100);
	expect_switch_in(&steps, 5900, 0, 0);
}

/* A word has the parts of the step that it repeats. */
static void a_repeated_step_has_the_stacks_of_the_other_one(void **state)
{
	const uint64_t id = UNWIND_CHAIN_ID | 0x1234567890;
	struct step_view view;
	struct step_reader steps;

	(void)state;
	put(0, (struct section_step){.size_bytes = 104,
				     .step_type = SECTION_STEP_WOKEN_UP,
				     .user_bytes = SECTION_USER_ID,
				     .sequence = 5,
				     .kernel_stack = 17});
	memcpy(slot + 96, &id, sizeof(id));
	put_word(104, SECTION_REPEAT(13, 0, 5, 1));
	steps = begin(SECTION_HEAD(0, 0, 112));
	for (uint64_t i = 0; i < 2; i++) {
		assert_true(step_reader_next(&steps, &view));
		assert_int_equal(view.step.time_ns, i);
		assert_int_equal(view.is_first, i == 0);
		assert_ptr_equal(view.extra, slot + 48);
		assert_int_equal(view.stack_copy_id, id);
		assert_int_equal(view.step.kernel_stack, 17);
	}
	assert_false(step_reader_next(&steps, &view));
}

static void a_word_that_refers_to_no_step_ends_its_segment(void **state)
{
	static const uint64_t bad[] = {
		SECTION_REPEAT(7, 0, 0, 0), /* before the segment */
		SECTION_REPEAT(5, 0, 0, 0), /* a step that does not end before the word */
		SECTION_REPEAT(6, 0, 1, 0), /* another sequence */
		SECTION_REPEAT(6, 7, 0, 0), /* begins before the segment */
		SECTION_REPEAT(6, 5, 0, 0), /* begins where no step is */
		SECTION_REPEAT(0, 0, 0, 0), /* itself */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct step_view view;
		struct step_reader steps;

		put(0, (struct section_step){.size_bytes = 48, .step_type = SECTION_STEP_MIGRATED});
		put_word(48, bad[i]);
		put(SEGMENT_BYTES,
		    (struct section_step){.size_bytes = 48, .step_type = SECTION_STEP_MIGRATED});
		steps = begin(SECTION_HEAD(1, 1, 48));
		assert_true(step_reader_next(&steps, &view));
		assert_true(step_reader_next(&steps, &view));
		assert_int_equal(steps.turn, 1);
		assert_false(step_reader_next(&steps, &view));
	}
}

/* Returns whether the first step finds frames, which are those at that position. */
static bool finds_frames(const struct event_step_batch *batch, uint64_t head, size_t position)
{
	struct step_reader steps = begin(head);
	struct step_view view;

	assert_true(step_reader_next(&steps, &view));
	assert_int_equal(view.step.step_type, SECTION_STEP_SWITCHED_OUT);
	step_reader_find_frames(steps, batch, &view);
	if (view.step.kernel_frames)
		assert_ptr_equal(view.kernel_frames, slot + position);
	return view.step.kernel_frames;
}

/* Switched out at 1000, moved, woken up at 5000, and switched in at 5200. */
static void a_thread_that_is_switched_in_can_have_its_stack(void **state)
{
	const struct event_step_batch batch = {.outermost = 7, .total = 100};
	const uint64_t head = SECTION_HEAD(0, 0, 208);
	struct section_step in = {.size_bytes = 64,
				  .step_type = SECTION_STEP_SWITCHED_IN,
				  .kernel_frames = 2,
				  .time_ns = 5200,
				  .value = 200,
				  .duration_ns = 4000,
				  .outermost = 7};

	(void)state;
	put(0, (struct section_step){.size_bytes = 96,
				     .step_type = SECTION_STEP_SWITCHED_OUT,
				     .time_ns = 1000,
				     .outermost = 7});
	put(96, (struct section_step){
			.size_bytes = 48, .step_type = SECTION_STEP_MIGRATED, .outermost = 7});
	put(144, in);
	assert_true(finds_frames(&batch, head, 144 + 48));
	/* Left from another section. */
	in.outermost = 6;
	put(144, in);
	assert_false(finds_frames(&batch, head, 0));
	in.outermost = 7;
	in.sequence = 100;
	put(144, in);
	assert_false(finds_frames(&batch, head, 0));
	/* From another wait, as steps are missing. */
	in.sequence = 9;
	in.duration_ns = 3999;
	put(144, in);
	assert_false(finds_frames(&batch, head, 0));
	/* Behind another switch. */
	in.duration_ns = 4000;
	put(144, in);
	put(96, (struct section_step){
			.size_bytes = 48, .step_type = SECTION_STEP_SWITCHED_OUT, .outermost = 7});
	assert_false(finds_frames(&batch, head, 0));
}

/* The stack is in the next segment. */
static void a_stack_is_found_in_the_next_segment(void **state)
{
	const struct event_step_batch batch = {.outermost = 7, .total = 100};

	(void)state;
	put(0, (struct section_step){.size_bytes = 96,
				     .step_type = SECTION_STEP_SWITCHED_OUT,
				     .time_ns = 1000,
				     .outermost = 7});
	put(SEGMENT_BYTES, (struct section_step){.size_bytes = 64,
						 .step_type = SECTION_STEP_SWITCHED_IN,
						 .kernel_frames = 2,
						 .time_ns = 5200,
						 .value = 200,
						 .duration_ns = 4000,
						 .outermost = 7});
	assert_true(finds_frames(&batch, SECTION_HEAD(1, 1, 64), SEGMENT_BYTES + 48));
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
		cmocka_unit_test(a_file_is_behind_its_step_or_the_step_is_invalid),
		cmocka_unit_test_setup(unused_space_of_a_step_is_skipped, clear),
		cmocka_unit_test_setup(segments_come_in_the_order_of_their_steps, clear),
		cmocka_unit_test_setup(what_was_not_written_is_not_read, clear),
		cmocka_unit_test_setup(a_step_has_its_parts_one_behind_the_other, clear),
		cmocka_unit_test_setup(a_step_has_the_id_of_its_user_stack, clear),
		cmocka_unit_test_setup(a_repeated_switch_has_the_times_of_the_steps_before_it,
				       clear),
		cmocka_unit_test_setup(a_repeated_step_has_the_stacks_of_the_other_one, clear),
		cmocka_unit_test_setup(a_word_that_refers_to_no_step_ends_its_segment, clear),
		cmocka_unit_test_setup(a_thread_that_is_switched_in_can_have_its_stack, clear),
		cmocka_unit_test_setup(a_stack_is_found_in_the_next_segment, clear),
		cmocka_unit_test_setup(an_interrupt_without_a_name_has_no_space_for_one, clear),
		cmocka_unit_test_setup(an_invalid_step_ends_its_segment, clear),
		cmocka_unit_test(a_slot_of_an_invalid_size_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
