/* tests/fuzz/fuzz_step_reader.c - any bytes as a slot of steps that changes while it is read
 *
 * The BPF side is the writer.
 *
 * Input: 8 bytes of head, the slot. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/convert/section_path.h"
#include "record/convert/step_reader.h"

#define SLOT_UNIT (8u * SECTION_SEGMENTS)

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sink;

/* Reads each byte of a part, so that a sanitizer sees where it ends. */
static void touch(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; bytes && i < size; i++)
		sum ^= bytes[i];
	sink = sum;
}

/* The path ends, whatever its names are. */
static void touch_path(const struct step_view *view)
{
	char text[SECTION_PATH_TEXT_MAX];
	struct section_file file;

	if (!view->extra || view->step.step_type != SECTION_STEP_FILE)
		return;
	memcpy(&file, view->extra, sizeof(file));
	section_path_text(&file, text);
	touch((const uint8_t *)text, strlen(text));
}

static void touch_parts(const struct step_view *view)
{
	if (!view->registers != !view->user_stack)
		abort();
	touch(view->extra,
	      view->step.step_type == SECTION_STEP_FILE ? sizeof(struct section_file) : 48);
	touch_path(view);
	touch(view->kernel_frames, 8u * (size_t)view->step.kernel_frames);
	touch(view->registers, SECTION_REGISTER_WORDS * 8u);
	touch(view->user_stack, view->step.user_bytes);
}

static void walk(const uint8_t *slot, uint32_t slot_bytes, uint64_t head)
{
	struct step_view view;
	struct step_reader steps;
	size_t steps_left = slot_bytes / sizeof(uint64_t);

	if (!step_reader_begin(slot, slot_bytes, head, &steps)) {
		if (slot_bytes >= SECTION_SEGMENTS * sizeof(struct section_step))
			abort();
		return;
	}
	if (step_reader_bytes(slot_bytes, head) > slot_bytes)
		abort();
	/* No byte is walked through twice. */
	while (step_reader_next(&steps, &view)) {
		if (steps_left-- == 0)
			abort();
		touch_parts(&view);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t slot_bytes;
	uint64_t head;
	uint8_t *slot;

	if (size < sizeof(head))
		return 0;
	memcpy(&head, data, sizeof(head));
	slot_bytes = (uint32_t)(size - sizeof(head)) / SLOT_UNIT * SLOT_UNIT;
	slot = malloc(slot_bytes + !slot_bytes);
	if (!slot)
		abort();
	memcpy(slot, data + sizeof(head), slot_bytes);
	walk(slot, slot_bytes, head);
	free(slot);
	return 0;
}
