/* record/probes/usdt_notes.c - the USDT probes of a program or library (section .note.stapsdt) */
#include "record/probes/usdt_notes.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "symbols/elf_image.h"

#define NOTE_SECTION   ".note.stapsdt"
#define NOTE_OWNER     "stapsdt"
#define NOTE_TYPE      3u
#define NOTE_ADDRESSES 3u /* of the place, of a section, and of the semaphore */
#define NOTES_BYTES    (16u << 20)
#define NOTES_MAX      100000u

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* Returns a string of the range and moves *bytes behind it. NULL: it has no end. */
static const char *take_string(const uint8_t **bytes, const uint8_t *end)
{
	const uint8_t *start = *bytes;
	const uint8_t *nul = start < end ? memchr(start, '\0', (size_t)(end - start)) : NULL;

	if (!nul)
		return NULL;
	*bytes = nul + 1;
	return (const char *)start;
}

/* Returns false on allocation failure. */
static bool add(struct usdt_notes *notes, const uint8_t *description, size_t size,
		size_t address_bytes)
{
	const uint8_t *end = description + size;
	const uint8_t *at = description + NOTE_ADDRESSES * address_bytes;
	struct usdt_note *grown, note;

	if (size < NOTE_ADDRESSES * address_bytes)
		return true;
	note.provider = take_string(&at, end);
	note.name = note.provider ? take_string(&at, end) : NULL;
	note.arguments = note.name ? take_string(&at, end) : NULL;
	if (!note.arguments || !*note.provider || !*note.name)
		return true;
	grown = array_grow(notes->notes, &notes->capacity, notes->count + 1, sizeof(*grown),
			   NOTES_MAX);
	if (!grown)
		return false;
	notes->notes = grown;
	notes->notes[notes->count++] = note;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct usdt_note *a = left, *b = right;
	int order = strcmp(a->provider, b->provider);

	return order ? order : strcmp(a->name, b->name);
}

bool usdt_notes_parse(const uint8_t *bytes, size_t size, size_t address_bytes,
		      struct usdt_notes *notes)
{
	size_t at = 0;

	while (size - at >= sizeof(Elf64_Nhdr)) {
		const uint8_t *owner = bytes + at + sizeof(Elf64_Nhdr);
		size_t left = size - at - sizeof(Elf64_Nhdr), owner_bytes;
		Elf64_Nhdr header;

		memcpy(&header, bytes + at, sizeof(header));
		owner_bytes = padded(header.n_namesz);
		if (header.n_namesz > left || owner_bytes > left ||
		    header.n_descsz > left - owner_bytes)
			break;
		if (header.n_type == NOTE_TYPE && header.n_namesz == sizeof(NOTE_OWNER) &&
		    memcmp(owner, NOTE_OWNER, sizeof(NOTE_OWNER)) == 0 &&
		    !add(notes, owner + owner_bytes, header.n_descsz, address_bytes))
			return false;
		at += sizeof(header) + owner_bytes;
		at = padded(header.n_descsz) > size - at ? size : at + padded(header.n_descsz);
	}
	if (notes->count)
		qsort(notes->notes, notes->count, sizeof(*notes->notes), compare);
	return true;
}

bool usdt_notes_read(int fd, struct usdt_notes *ret_notes, struct problem *ret_problem)
{
	const struct elf_section *section;
	struct usdt_notes notes = {0};
	struct elf_image image = {0};
	bool is_read = true;
	size_t size;

	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return problem_set(ret_problem, "not a program or a library");
	section = elf_image_section(&image, NOTE_SECTION);
	if (section &&
	    elf_image_load_section(&image, section, NOTES_BYTES, &notes.bytes, &size) == SYMBOLS_OK)
		is_read = usdt_notes_parse(notes.bytes, size,
					   image.is_32bit ? sizeof(uint32_t) : sizeof(uint64_t),
					   &notes);
	elf_image_release(&image);
	if (!is_read) {
		usdt_notes_release(&notes);
		return problem_set(ret_problem, "out of memory");
	}
	*ret_notes = notes;
	return true;
}

void usdt_notes_release(struct usdt_notes *notes)
{
	free(notes->notes);
	free(notes->bytes);
	*notes = (struct usdt_notes){0};
}
