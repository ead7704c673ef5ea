/* symbols/elf_image.c - the headers of one ELF file: segments, sections, build ID */
#define ZLIB_CONST /* zlib.h: input is const */

#include "symbols/elf_image.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cursor.h"

#define NOTES_MAX_BYTES   65536u
#define NOTE_SECTIONS_MAX 32u

/* Bytes that are read or written at once when decompressing, which takes a millisecond. */
#define INFLATE_STEP_BYTES ((size_t)256 << 10)

static bool fits(uint64_t offset, uint64_t size, uint64_t whole)
{
	return offset <= whole && size <= whole - offset;
}

enum symbols_status elf_image_read_file(int fd, uint64_t offset, void *buffer, size_t size_bytes)
{
	size_t done = 0;

	while (done < size_bytes) {
		ssize_t got =
			pread(fd, (char *)buffer + done, size_bytes - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return SYMBOLS_IO;
		if (got == 0) /* truncated since it was opened */
			return SYMBOLS_CORRUPT;
		done += (size_t)got;
	}
	return SYMBOLS_OK;
}

bool elf_image_may_go_on(const struct elf_image *image)
{
	struct elf_budget *budget = image->budget;
	const struct elf_source *source = budget ? budget->source : NULL;

	if (!source || !source->may_go_on)
		return true;
	if (!budget->is_ended && !source->may_go_on(source->context, budget->ends)) {
		budget->is_ended = true;
		budget->ends++;
	}
	return !budget->is_ended;
}

static enum symbols_status read_part(const struct elf_image *image, uint64_t offset, void *buffer,
				     size_t size_bytes)
{
	if (!elf_image_may_go_on(image))
		return SYMBOLS_TIMEOUT;
	if (image->memory) {
		memcpy(buffer, image->memory + offset, size_bytes);
		return SYMBOLS_OK;
	}
	if (image->source)
		return image->source->read(image->source->context, image->fd, offset, buffer,
					   size_bytes);
	return elf_image_read_file(image->fd, offset, buffer, size_bytes);
}

enum symbols_status elf_image_read(const struct elf_image *image, uint64_t offset, void *buffer,
				   size_t size_bytes)
{
	enum symbols_status status = SYMBOLS_OK;
	size_t done = 0;

	if (!fits(offset, size_bytes, image->size_bytes))
		return SYMBOLS_CORRUPT;
	while (done < size_bytes && status == SYMBOLS_OK) {
		const size_t left = size_bytes - done;
		const size_t part = left < ELF_IMAGE_PART_BYTES ? left : ELF_IMAGE_PART_BYTES;

		status = read_part(image, offset + done, (uint8_t *)buffer + done, part);
		done += part;
	}
	return status;
}

/* The headers of a 32-bit file have smaller fields, some in another order. They are converted when
 * they are read. */
static void convert_header(const Elf32_Ehdr *from, Elf64_Ehdr *to)
{
	*to = (Elf64_Ehdr){
		.e_type = from->e_type,
		.e_machine = from->e_machine,
		.e_phoff = from->e_phoff,
		.e_shoff = from->e_shoff,
		.e_phentsize = from->e_phentsize,
		.e_phnum = from->e_phnum,
		.e_shentsize = from->e_shentsize,
		.e_shnum = from->e_shnum,
		.e_shstrndx = from->e_shstrndx,
	};
	memcpy(to->e_ident, from->e_ident, sizeof(to->e_ident));
}

static void convert_segment(const void *entry, void *ret_header)
{
	Elf64_Phdr *to = ret_header;
	Elf32_Phdr from;

	memcpy(&from, entry, sizeof(from));
	*to = (Elf64_Phdr){
		.p_type = from.p_type,
		.p_flags = from.p_flags,
		.p_offset = from.p_offset,
		.p_vaddr = from.p_vaddr,
		.p_filesz = from.p_filesz,
		.p_memsz = from.p_memsz,
	};
}

static void convert_section(const void *entry, void *ret_header)
{
	Elf64_Shdr *to = ret_header;
	Elf32_Shdr from;

	memcpy(&from, entry, sizeof(from));
	*to = (Elf64_Shdr){
		.sh_name = from.sh_name,
		.sh_type = from.sh_type,
		.sh_flags = from.sh_flags,
		.sh_addr = from.sh_addr,
		.sh_offset = from.sh_offset,
		.sh_size = from.sh_size,
		.sh_link = from.sh_link,
	};
}

static void convert_symbol(const void *entry, void *ret_symbol)
{
	Elf64_Sym *to = ret_symbol;
	Elf32_Sym from;

	memcpy(&from, entry, sizeof(from));
	*to = (Elf64_Sym){
		.st_name = from.st_name,
		.st_info = from.st_info,
		.st_other = from.st_other,
		.st_shndx = from.st_shndx,
		.st_value = from.st_value,
		.st_size = from.st_size,
	};
}

/* One kind of table. */
struct table_format {
	size_t bytes;    /* of an entry */
	size_t bytes_32; /* of an entry in a 32-bit file */
	void (*convert)(const void *entry_32, void *ret_entry);
};

static const struct table_format segment_format = {sizeof(Elf64_Phdr), sizeof(Elf32_Phdr),
						   convert_segment};
static const struct table_format section_format = {sizeof(Elf64_Shdr), sizeof(Elf32_Shdr),
						   convert_section};
static const struct table_format symbol_format = {sizeof(Elf64_Sym), sizeof(Elf32_Sym),
						  convert_symbol};

static size_t entry_bytes(const struct elf_image *image, const struct table_format *format)
{
	return image->is_32bit ? format->bytes_32 : format->bytes;
}

/* Reads a table as one of a 64-bit file. The last entry is converted first, so that none is
 * overwritten before. */
static enum symbols_status read_table(const struct elf_image *image,
				      const struct table_format *format, uint64_t offset,
				      size_t count, void *table)
{
	enum symbols_status status =
		elf_image_read(image, offset, table, count * entry_bytes(image, format));
	uint8_t *bytes = table;

	if (status != SYMBOLS_OK || !image->is_32bit)
		return status;
	for (size_t i = count; i-- > 0;)
		format->convert(bytes + i * format->bytes_32, bytes + i * format->bytes);
	return SYMBOLS_OK;
}

size_t elf_image_symbol_bytes(const struct elf_image *image)
{
	return entry_bytes(image, &symbol_format);
}

enum symbols_status elf_image_read_symbols(const struct elf_image *image, uint64_t offset,
					   size_t count, Elf64_Sym *ret_symbols)
{
	return read_table(image, &symbol_format, offset, count, ret_symbols);
}

static enum symbols_status read_header(struct elf_image *image, Elf64_Ehdr *ret_header)
{
	unsigned char *ident = ret_header->e_ident;
	enum symbols_status status = elf_image_read(image, 0, ident, EI_NIDENT);
	Elf32_Ehdr header;

	if (status == SYMBOLS_OK &&
	    (memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != ELFDATA2LSB ||
	     (ident[EI_CLASS] != ELFCLASS64 && ident[EI_CLASS] != ELFCLASS32)))
		return SYMBOLS_FOREIGN;
	image->is_32bit = status == SYMBOLS_OK && ident[EI_CLASS] == ELFCLASS32;
	if (status == SYMBOLS_OK && !image->is_32bit)
		status = elf_image_read(image, 0, ret_header, sizeof(*ret_header));
	else if (status == SYMBOLS_OK)
		status = elf_image_read(image, 0, &header, sizeof(header));
	if (status != SYMBOLS_OK)
		return status == SYMBOLS_CORRUPT ? SYMBOLS_FOREIGN : status;
	if (image->is_32bit)
		convert_header(&header, ret_header);
	image->machine = ret_header->e_machine;
	return SYMBOLS_OK;
}

/* Keeps the first build ID among the notes. An invalid note ends the search and is not an error. */
static void scan_notes(struct elf_image *image, uint64_t offset, uint64_t size_bytes)
{
	size_t size = (size_t)size_bytes;
	uint8_t *notes;

	if (image->build_id_bytes || size_bytes > NOTES_MAX_BYTES || !(notes = malloc(size + 1)))
		return;
	if (elf_image_read(image, offset, notes, size) != SYMBOLS_OK)
		size = 0;

	struct cursor cursor = cursor_over(notes, size);

	while (cursor_left(&cursor) >= sizeof(Elf64_Nhdr)) {
		uint32_t name_size = cursor_u32(&cursor);
		uint32_t id_size = cursor_u32(&cursor);
		uint32_t type = cursor_u32(&cursor);
		const uint8_t *name =
			cursor_take(&cursor, (name_size + UINT64_C(3)) & ~UINT64_C(3));
		const uint8_t *id = cursor_take(&cursor, id_size);

		if (!name || !id)
			break;
		if (type == NT_GNU_BUILD_ID && name_size == sizeof(ELF_NOTE_GNU) &&
		    memcmp(name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0 && id_size > 0 &&
		    id_size <= ELF_IMAGE_BUILD_ID_MAX) {
			memcpy(image->build_id, id, id_size);
			image->build_id_bytes = id_size;
			break;
		}
		if (!cursor_take(&cursor, -id_size & 3u))
			break;
	}
	free(notes);
}

static void keep_segment(struct elf_image *image, const Elf64_Phdr *header)
{
	struct elf_segment *segment = &image->segments[image->segment_count];

	if (!fits(header->p_offset, header->p_filesz, image->size_bytes) ||
	    header->p_vaddr + header->p_filesz < header->p_vaddr)
		return;
	segment->address = header->p_vaddr;
	segment->file_offset = header->p_offset;
	segment->file_bytes = header->p_filesz;
	segment->executable = header->p_flags & PF_X;
	image->segment_count++;
}

static enum symbols_status read_segments(struct elf_image *image, const Elf64_Ehdr *header)
{
	Elf64_Phdr table[ELF_IMAGE_SEGMENTS_MAX];
	enum symbols_status status;

	if (header->e_phnum == 0)
		return SYMBOLS_OK;
	if (header->e_phentsize != entry_bytes(image, &segment_format))
		return SYMBOLS_CORRUPT;
	if (header->e_phnum > ELF_IMAGE_SEGMENTS_MAX)
		return SYMBOLS_LIMIT;
	status = read_table(image, &segment_format, header->e_phoff, header->e_phnum, table);
	if (status != SYMBOLS_OK)
		return status;
	for (size_t i = 0; i < header->e_phnum; i++) {
		if (table[i].p_type == PT_LOAD)
			keep_segment(image, &table[i]);
		else if (table[i].p_type == PT_NOTE)
			scan_notes(image, table[i].p_offset, table[i].p_filesz);
		else if (table[i].p_type == PT_GNU_EH_FRAME)
			image->eh_frame_header_address = table[i].p_vaddr;
	}
	return SYMBOLS_OK;
}

static enum symbols_status read_section_names(struct elf_image *image, const Elf64_Shdr *header)
{
	size_t size = (size_t)header->sh_size;
	enum symbols_status status;

	if (header->sh_type == SHT_NOBITS || header->sh_size == 0)
		return SYMBOLS_OK;
	if (header->sh_size > ELF_IMAGE_NAMES_MAX_BYTES)
		return SYMBOLS_LIMIT;
	if (!fits(header->sh_offset, header->sh_size, image->size_bytes))
		return SYMBOLS_CORRUPT;
	image->section_names = malloc(size);
	if (!image->section_names)
		return SYMBOLS_NO_MEMORY;
	status = elf_image_read(image, header->sh_offset, image->section_names, size);
	image->section_names[size - 1] = '\0';
	return status;
}

static void keep_section(struct elf_image *image, const Elf64_Shdr *header, uint64_t names_size)
{
	struct elf_section *section = &image->sections[image->section_count];

	if (header->sh_type != SHT_NOBITS &&
	    !fits(header->sh_offset, header->sh_size, image->size_bytes))
		return;
	section->name = image->section_names && header->sh_name < names_size
				? image->section_names + header->sh_name
				: "";
	section->type = header->sh_type;
	section->link = header->sh_link;
	section->flags = header->sh_flags;
	section->address = header->sh_addr;
	section->file_offset = header->sh_offset;
	section->size_bytes = header->sh_size;
	image->section_count++;
}

/* A section that is not within the file becomes an empty one, so that the indexes of the others
 * stay right. Users of `link` must expect it to lead to an empty or unrelated section. */
static void keep_sections(struct elf_image *image, const Elf64_Shdr *table, size_t count,
			  uint64_t names_size)
{
	static const Elf64_Shdr empty = {.sh_type = SHT_NULL};

	for (size_t i = 0; i < count; i++) {
		size_t before = image->section_count;

		keep_section(image, &table[i], names_size);
		if (image->section_count == before)
			keep_section(image, &empty, 0);
	}
}

static enum symbols_status read_sections(struct elf_image *image, const Elf64_Ehdr *header)
{
	size_t count = header->e_shnum;
	enum symbols_status status;
	Elf64_Shdr *table;

	if (header->e_shoff == 0 || count == 0) /* sstrip, or 65280 sections or more */
		return SYMBOLS_OK;
	if (header->e_shentsize != entry_bytes(image, &section_format))
		return SYMBOLS_CORRUPT;
	if (count > ELF_IMAGE_SECTIONS_MAX)
		return SYMBOLS_LIMIT;
	table = calloc(count, sizeof(*table));
	image->sections = calloc(count, sizeof(*image->sections));
	if (!table || !image->sections) {
		free(table);
		return SYMBOLS_NO_MEMORY;
	}
	status = read_table(image, &section_format, header->e_shoff, count, table);
	if (status == SYMBOLS_OK && header->e_shstrndx < count) {
		status = read_section_names(image, &table[header->e_shstrndx]);
		if (status == SYMBOLS_OK)
			keep_sections(image, table, count, table[header->e_shstrndx].sh_size);
	}
	free(table);
	return status;
}

static void scan_note_sections(struct elf_image *image)
{
	size_t scanned = 0;

	for (size_t i = 0; i < image->section_count && scanned < NOTE_SECTIONS_MAX; i++) {
		const struct elf_section *section = &image->sections[i];

		if (section->type != SHT_NOTE)
			continue;
		scan_notes(image, section->file_offset, section->size_bytes);
		scanned++;
	}
}

static enum symbols_status read_headers(struct elf_image *image)
{
	Elf64_Ehdr header;
	enum symbols_status status = read_header(image, &header);

	if (status == SYMBOLS_OK)
		status = read_segments(image, &header);
	if (status == SYMBOLS_OK)
		status = read_sections(image, &header);
	if (status != SYMBOLS_OK)
		return status;
	/* Some files have the section but not the segment, such as separate debug files. */
	scan_note_sections(image);
	return SYMBOLS_OK;
}

static enum symbols_status open_image(struct elf_image *image, struct elf_image *ret_image)
{
	enum symbols_status status = read_headers(image);

	if (status == SYMBOLS_OK)
		*ret_image = *image;
	else
		elf_image_release(image);
	return status;
}

enum symbols_status elf_image_open(int fd, struct elf_image *ret_image)
{
	struct elf_image image = {.fd = fd};
	struct stat status;

	if (fstat(fd, &status) != 0)
		return SYMBOLS_IO;
	if (!S_ISREG(status.st_mode))
		return SYMBOLS_REFUSED;
	image.size_bytes = (uint64_t)status.st_size;
	return open_image(&image, ret_image);
}

enum symbols_status elf_image_open_source(const struct elf_source *source, int fd,
					  struct elf_image *ret_image)
{
	struct elf_image image = {.source = source, .fd = fd};
	enum symbols_status status;

	if (!source)
		return elf_image_open(fd, ret_image);
	status = source->measure(source->context, fd, &image.size_bytes);
	return status == SYMBOLS_OK ? open_image(&image, ret_image) : status;
}

enum symbols_status elf_image_open_memory(const void *bytes, size_t size_bytes,
					  struct elf_image *ret_image)
{
	struct elf_image image = {.fd = -1, .memory = bytes, .size_bytes = size_bytes};

	return open_image(&image, ret_image);
}

void elf_image_release(struct elf_image *image)
{
	free(image->sections);
	free(image->section_names);
	image->sections = NULL;
	image->section_names = NULL;
	image->section_count = 0;
}

const struct elf_section *elf_image_section(const struct elf_image *image, const char *name)
{
	for (size_t i = 0; i < image->section_count; i++) {
		const struct elf_section *section = &image->sections[i];

		if (section->type != SHT_NOBITS && section->type != SHT_NULL &&
		    strcmp(section->name, name) == 0)
			return section;
	}
	return NULL;
}

const struct elf_section *elf_image_section_of_type(const struct elf_image *image, uint32_t type)
{
	for (size_t i = 0; i < image->section_count; i++) {
		if (image->sections[i].type == type)
			return &image->sections[i];
	}
	return NULL;
}

/* Sets *ret_header from the start of a compressed section. Returns the bytes of the header in the
 * file, 0 if it is incomplete. */
static size_t compression_header(const struct elf_image *image, const uint8_t *stored,
				 size_t stored_size, Elf64_Chdr *ret_header)
{
	Elf32_Chdr header;

	if (image->is_32bit && stored_size >= sizeof(header)) {
		memcpy(&header, stored, sizeof(header));
		*ret_header = (Elf64_Chdr){.ch_type = header.ch_type, .ch_size = header.ch_size};
		return sizeof(header);
	}
	if (image->is_32bit || stored_size < sizeof(*ret_header))
		return 0;
	memcpy(ret_header, stored, sizeof(*ret_header));
	return sizeof(*ret_header);
}

/* The bytes of a compressed section in the file. */
struct stored {
	const uint8_t *bytes;
	size_t size_bytes;
};

bool elf_image_take(const struct elf_image *image, size_t size_bytes)
{
	struct elf_budget *budget = image->budget;

	if (!budget)
		return true;
	if (size_bytes > budget->left_bytes)
		return false;
	budget->left_bytes -= size_bytes;
	return true;
}

void elf_image_give(const struct elf_image *image, size_t size_bytes)
{
	if (image->budget)
		image->budget->left_bytes += size_bytes;
}

static uInt bytes_of_step(size_t left)
{
	return (uInt)(left < INFLATE_STEP_BYTES ? left : INFLATE_STEP_BYTES);
}

/* Sets all of `bytes`. A step is bounded by its input as well: blocks can have no contents. */
static enum symbols_status inflate_all(const struct elf_image *image, struct stored stored,
				       uint8_t *bytes, size_t size)
{
	z_stream stream = {.next_in = stored.bytes};
	enum symbols_status status = SYMBOLS_OK;
	int result = inflateInit(&stream);

	if (result != Z_OK)
		return SYMBOLS_NO_MEMORY;
	stream.next_out = bytes;
	while (result == Z_OK && status == SYMBOLS_OK) {
		stream.avail_in =
			bytes_of_step(stored.size_bytes - (size_t)(stream.next_in - stored.bytes));
		stream.avail_out = bytes_of_step(size - (size_t)(stream.next_out - bytes));
		if (elf_image_may_go_on(image))
			result = inflate(&stream, Z_NO_FLUSH);
		else
			status = SYMBOLS_TIMEOUT;
	}
	if (status == SYMBOLS_OK && (result != Z_STREAM_END || stream.next_out != bytes + size))
		status = SYMBOLS_CORRUPT;
	(void)inflateEnd(&stream);
	return status;
}

/* The size in the header must be within the limit and match the size of the result. */
static enum symbols_status inflate_section(const struct elf_image *image, struct stored stored,
					   size_t limit, uint8_t **ret_bytes, size_t *ret_size)
{
	Elf64_Chdr header;
	size_t header_bytes = compression_header(image, stored.bytes, stored.size_bytes, &header);
	enum symbols_status status;
	uint8_t *bytes;

	if (header_bytes == 0)
		return SYMBOLS_CORRUPT;
	if (header.ch_type != ELFCOMPRESS_ZLIB)
		return SYMBOLS_NOT_FOUND;
	if (header.ch_size == 0 || header.ch_size > limit)
		return SYMBOLS_LIMIT;
	if (!elf_image_take(image, (size_t)header.ch_size))
		return SYMBOLS_MEMORY_LIMIT;
	bytes = malloc((size_t)header.ch_size);
	if (!bytes)
		return SYMBOLS_NO_MEMORY;
	stored.bytes += header_bytes;
	stored.size_bytes -= header_bytes;
	status = inflate_all(image, stored, bytes, (size_t)header.ch_size);
	if (status != SYMBOLS_OK) {
		elf_image_give(image, (size_t)header.ch_size);
		free(bytes);
		return status;
	}
	*ret_bytes = bytes;
	*ret_size = (size_t)header.ch_size;
	return SYMBOLS_OK;
}

enum symbols_status elf_image_load_section(const struct elf_image *image,
					   const struct elf_section *section, size_t limit_bytes,
					   uint8_t **ret_bytes, size_t *ret_size_bytes)
{
	size_t size = (size_t)section->size_bytes;
	enum symbols_status status;
	uint8_t *bytes;

	if (section->type == SHT_NOBITS || section->size_bytes == 0)
		return SYMBOLS_NOT_FOUND;
	if (section->size_bytes > limit_bytes)
		return SYMBOLS_LIMIT;
	if (!elf_image_take(image, size))
		return SYMBOLS_MEMORY_LIMIT;
	bytes = malloc(size);
	if (!bytes)
		return SYMBOLS_NO_MEMORY;
	status = elf_image_read(image, section->file_offset, bytes, size);
	if (status == SYMBOLS_OK && !(section->flags & SHF_COMPRESSED)) {
		*ret_bytes = bytes;
		*ret_size_bytes = size;
		return SYMBOLS_OK;
	}
	if (status == SYMBOLS_OK)
		status = inflate_section(image, (struct stored){bytes, size}, limit_bytes,
					 ret_bytes, ret_size_bytes);
	elf_image_give(image, size);
	free(bytes);
	return status;
}

bool elf_image_offset_to_address(const struct elf_image *image, uint64_t file_offset,
				 uint64_t *ret_address)
{
	const struct elf_segment *found = NULL;

	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];

		if (file_offset >= segment->file_offset &&
		    file_offset - segment->file_offset < segment->file_bytes &&
		    (!found || (segment->executable && !found->executable)))
			found = segment;
	}
	if (found)
		*ret_address = file_offset - found->file_offset + found->address;
	return found;
}

bool elf_image_address_to_offset(const struct elf_image *image, uint64_t address,
				 uint64_t *ret_file_offset)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];

		if (address >= segment->address &&
		    address - segment->address < segment->file_bytes) {
			*ret_file_offset = address - segment->address + segment->file_offset;
			return true;
		}
	}
	return false;
}
