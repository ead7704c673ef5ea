/* analyze/copy/scrub.c - copies a trace with pseudonyms for its names, so that it can be shared */
#include "analyze/copy/scrub.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buffer.h"
#include "format/intern.h"
#include "text/escape.h"
#include <dz/reader.h>
#include <dz/rewrite.h>

/* A shorter host name can be a part of any word. It is replaced only as a whole word. */
#define HOST_ANYWHERE_MIN 4u

#define PSEUDONYM_MAX 32u

enum name_class {
	CLASS_HOST,
	CLASS_USER,
	CLASS_PATH,
	CLASS_COMMAND,
	CLASS_COMM,
	CLASS_OTHER,
	CLASS_COUNT,
};

static const struct {
	const char *option;
	const char *word; /* pseudonyms begin with it */
	const char *meaning;
	unsigned int names; /* bits of scrub_names that select it */
} classes[CLASS_COUNT] = {
	[CLASS_HOST] = {"hosts", "host", "names of hosts", SCRUB_HOSTS},
	[CLASS_USER] = {"users", "user", "names of users", SCRUB_USERS},
	[CLASS_PATH] = {"paths", "path", "parts of paths", SCRUB_PATHS},
	[CLASS_COMMAND] = {"cmdlines", "command", "command lines", SCRUB_CMDLINES},
	[CLASS_COMM] = {"comms", "comm", "names of processes and threads", SCRUB_COMMS},
	/* From fields of a newer recorder. They may hold any name. */
	[CLASS_OTHER] = {"", "text", "texts of unknown meaning", SCRUB_EVERYTHING},
};

/* Info records whose whole value is a name. */
static const struct {
	const char *key;
	enum name_class class;
} info_keys[] = {
	{"host.name", CLASS_HOST},          {"recorder.command", CLASS_COMMAND},
	{"filter.command", CLASS_COMMAND},  {"filter.comm", CLASS_COMM},
	{"filter.sender_comm", CLASS_COMM},
};

/* Base names that stay: reports need them to explain causes, and they reveal nothing. A
 * version follows. */
static const char *const public_names[] = {
	"libc.so.",
	"libm.so.",
	"libpthread.so.",
	"libstdc++.so.",
	"libgcc_s.so.",
	"ld-linux-x86-64.so.",
	"ld-linux-aarch64.so.",
};

/* Keys of info records that end with the name of a probe or a file. */
static const char *const named_keys[] = {
	"attach.failed.",       "probe.types.",        "probe.hits.",
	"probe.skipped_every.", "probe.skipped_rate.", "probe.skipped_min_latency.",
};

/* Files without a path: what the kernel calls them is no name. */
static const char *const kernel_files[] = {"pipe:[", "socket:[", "anon_inode:"};

static const char deleted[] = " (deleted)";
static const char missing[] = "..."; /* in place of the parts that are nearest to the root */

static const char no_unwind_information[] = "[no unwind information: ";

/* The names of one class. A name and its pseudonym have the same number. */
struct names {
	struct dz_intern originals;
	struct dz_intern pseudonyms;
};

struct scrub {
	unsigned int wanted;
	struct dz_siphash_key key;
	struct names names[CLASS_COUNT];
	struct dz_intern secrets[CLASS_COUNT]; /* values of info_keys, replaced wherever they are */
	struct dz_intern hosts;                /* replaced inside other texts as well */
	struct buffer text;                    /* the text that map_string() returns */
	uint64_t comm_fields;
	uint64_t path_fields;
	uint64_t command_fields;
	uint64_t plain_fields; /* parts of their values are not replaced */
	uint64_t symbol_field;
	uint64_t key_field;
};

static bool is_word(const char *word, const char *text, size_t size)
{
	return strlen(word) == size && memcmp(word, text, size) == 0;
}

bool scrub_parse(const char *list, unsigned int *ret_names)
{
	unsigned int names = 0;

	for (;;) {
		size_t size = strcspn(list, ",");
		size_t class = 0;

		while (class < CLASS_OTHER && !is_word(classes[class].option, list, size))
			class ++;
		if (class == CLASS_OTHER)
			return false;
		names |= classes[class].names;
		if (list[size] == '\0')
			break;
		list += size + 1;
	}
	*ret_names = names;
	return true;
}

static void init_fields(struct scrub *scrub)
{
	scrub->comm_fields = dz_string_use_bit(DZ_KIND_TASK, "comm") |
			     dz_string_use_bit(DZ_KIND_TASK, "process_comm") |
			     dz_string_use_bit(DZ_KIND_EXIT, "end_comm");
	scrub->path_fields = dz_string_use_bit(DZ_KIND_MODULE, "path") |
			     dz_string_use_bit(DZ_KIND_FRAME, "file") |
			     dz_string_use_bit(DZ_KIND_STEP, "path") |
			     dz_string_use_bit(DZ_KIND_TASK, "cgroup");
	scrub->command_fields = dz_string_use_bit(DZ_KIND_TASK, "command_line");
	scrub->symbol_field = dz_string_use_bit(DZ_KIND_FRAME, "symbol");
	scrub->key_field = dz_string_use_bit(DZ_KIND_INFO, "key");
	scrub->plain_fields = scrub->symbol_field | dz_string_use_bit(DZ_KIND_MODULE, "build_id");
}

struct scrub *scrub_new(unsigned int names)
{
	struct scrub *scrub = calloc(1, sizeof(*scrub));

	if (!scrub)
		return NULL;
	if (getrandom(&scrub->key, sizeof(scrub->key), 0) != sizeof(scrub->key)) {
		free(scrub);
		return NULL;
	}
	scrub->wanted = names;
	init_fields(scrub);
	dz_intern_init(&scrub->hosts, &scrub->key);
	for (size_t class = 0; class < CLASS_COUNT; class ++) {
		dz_intern_init(&scrub->names[class].originals, &scrub->key);
		dz_intern_init(&scrub->names[class].pseudonyms, &scrub->key);
		dz_intern_init(&scrub->secrets[class], &scrub->key);
	}
	return scrub;
}

static bool is_wanted(const struct scrub *scrub, enum name_class class)
{
	return (scrub->wanted & classes[class].names) != 0;
}

/* Adds the pseudonym of a new name. Its number is a keyed hash. If another name has that number
 * already, it is the next free one. */
static const struct dz_intern_entry *make_pseudonym(const struct scrub *scrub, struct names *names,
						    const char *word, struct dz_bytes name)
{
	uint32_t tag = (uint32_t)dz_siphash(&scrub->key, name.data, name.size);
	uint32_t before = names->pseudonyms.count;

	while (names->pseudonyms.count == before) {
		char text[PSEUDONYM_MAX];
		int size = snprintf(text, sizeof(text), "%s-%08" PRIx32, word, tag++);

		if (dz_intern_add(&names->pseudonyms, text, (size_t)size) == 0)
			return NULL;
	}
	return dz_intern_get(&names->pseudonyms, names->pseudonyms.count);
}

/* Returns false on allocation failure. */
static bool rename_as(struct scrub *scrub, enum name_class class, struct dz_bytes name,
		      struct dz_bytes *ret_text)
{
	struct names *names = &scrub->names[class];
	uint32_t known = names->originals.count;
	uint32_t number = dz_intern_add(&names->originals, name.data, name.size);
	const struct dz_intern_entry *entry = NULL;

	if (number != 0 && number <= known)
		entry = dz_intern_get(&names->pseudonyms, number);
	else if (number != 0)
		entry = make_pseudonym(scrub, names, classes[class].word, name);
	if (!entry)
		return false;
	*ret_text = (struct dz_bytes){entry->data, entry->size};
	return true;
}

static bool put_renamed(struct scrub *scrub, enum name_class class, const uint8_t *bytes,
			size_t size)
{
	struct dz_bytes pseudonym;

	if (!rename_as(scrub, class, (struct dz_bytes){bytes, size}, &pseudonym))
		return false;
	buffer_put(&scrub->text, pseudonym.data, pseudonym.size);
	return !scrub->text.failed;
}

static bool is_public(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof(public_names) / sizeof(public_names[0]); i++) {
		size_t at = strlen(public_names[i]);

		if (size < at || memcmp(bytes, public_names[i], at) != 0)
			continue;
		while (at < size && (isdigit(bytes[at]) || bytes[at] == '.'))
			at++;
		if (at == size)
			return true;
	}
	return false;
}

/* Whether the part of a path after this one is the name of a user. */
static bool is_home(const uint8_t *bytes, size_t size)
{
	return (size == 4 && memcmp(bytes, "home", 4) == 0) ||
	       (size == 5 && memcmp(bytes, "Users", 5) == 0);
}

/* Returns the longest host name at a place in a text, or NULL. */
static const struct dz_intern_entry *find_host(const struct scrub *scrub, struct dz_bytes text,
					       size_t at)
{
	const struct dz_intern_entry *longest = NULL;

	for (uint32_t i = 0; i < scrub->hosts.count; i++) {
		const struct dz_intern_entry *host = &scrub->hosts.entries[i];
		size_t end = at + host->size;

		if (host->size == 0 || end > text.size ||
		    memcmp(text.data + at, host->data, host->size) != 0)
			continue;
		if (host->size < HOST_ANYWHERE_MIN &&
		    ((at > 0 && isalnum(text.data[at - 1])) ||
		     (end < text.size && isalnum(text.data[end]))))
			continue;
		if (!longest || host->size > longest->size)
			longest = host;
	}
	return longest;
}

static bool put_without_hosts(struct scrub *scrub, struct dz_bytes text)
{
	for (size_t at = 0; at < text.size;) {
		const struct dz_intern_entry *host = find_host(scrub, text, at);

		if (!host) {
			buffer_put_u8(&scrub->text, text.data[at++]);
			continue;
		}
		if (!put_renamed(scrub, CLASS_HOST, host->data, host->size))
			return false;
		at += host->size;
	}
	return !scrub->text.failed;
}

static bool put_part(struct scrub *scrub, const uint8_t *part, size_t size, bool in_home)
{
	if (in_home && is_wanted(scrub, CLASS_USER))
		return put_renamed(scrub, CLASS_USER, part, size);
	if (is_wanted(scrub, CLASS_PATH) && !is_public(part, size))
		return put_renamed(scrub, CLASS_PATH, part, size);
	return put_without_hosts(scrub, (struct dz_bytes){part, size});
}

/* Each part on its own, so that files in one directory still share it in the copy. */
static bool put_path(struct scrub *scrub, const uint8_t *path, size_t size)
{
	bool in_home = false;
	size_t at = 0;

	while (at < size) {
		const uint8_t *slash = memchr(path + at, '/', size - at);
		size_t end = slash ? (size_t)(slash - path) : size;

		if (end > at) {
			if (!put_part(scrub, path + at, end - at, in_home))
				return false;
			in_home = is_home(path + at, end - at);
		}
		if (slash)
			buffer_put_u8(&scrub->text, '/');
		at = end + 1;
	}
	return !scrub->text.failed;
}

/* Returns the bytes of the prefix that is in the list, or 0. */
static size_t prefix_of(struct dz_bytes text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(list[i]);

		if (text.size >= size && memcmp(text.data, list[i], size) == 0)
			return size;
	}
	return 0;
}

/* A path as the kernel writes it: what it says of the file stays, and is no part of its name. */
static bool put_file(struct scrub *scrub, struct dz_bytes path)
{
	const size_t begin = sizeof(missing) - 1, end = sizeof(deleted) - 1;
	bool is_deleted = path.size > end && memcmp(path.data + path.size - end, deleted, end) == 0;
	size_t size = is_deleted ? path.size - end : path.size, at = 0;

	if (size >= begin && memcmp(path.data, missing, begin) == 0 &&
	    (size == begin || path.data[begin] == '/'))
		at = begin;
	buffer_put(&scrub->text, path.data, at);
	if (!put_path(scrub, path.data + at, size - at))
		return false;
	if (is_deleted)
		buffer_put(&scrub->text, deleted, end);
	return !scrub->text.failed;
}

/* [kernel], [vdso], names of kernel modules; but [anon:...] is a name set by a program. */
static bool is_special(struct dz_bytes text)
{
	if (memchr(text.data, '/', text.size))
		return false;
	if (prefix_of(text, kernel_files, sizeof(kernel_files) / sizeof(kernel_files[0])))
		return true;
	return text.size > 2 && text.data[0] == '[' && text.data[text.size - 1] == ']' &&
	       !memchr(text.data, ':', text.size);
}

/* Whether a byte separates words, each of which may be a path. */
static bool ends_word(uint8_t byte)
{
	return byte <= ' ' || memchr("\"'=,:;()<>", byte, 10) != NULL;
}

/* Replaces the paths and hosts in a text. */
static bool put_mixed(struct scrub *scrub, struct dz_bytes text)
{
	size_t at = 0;

	while (at < text.size) {
		size_t end = at;
		struct dz_bytes word;
		bool ok;

		while (end < text.size && !ends_word(text.data[end]))
			end++;
		word = (struct dz_bytes){text.data + at, end - at};
		ok = memchr(word.data, '/', word.size) ? put_path(scrub, word.data, word.size)
						       : put_without_hosts(scrub, word);
		if (!ok)
			return false;
		if (end < text.size)
			buffer_put_u8(&scrub->text, text.data[end]);
		at = end + 1;
	}
	return !scrub->text.failed;
}

static bool put_key(struct scrub *scrub, struct dz_bytes key)
{
	size_t prefix = prefix_of(key, named_keys, sizeof(named_keys) / sizeof(named_keys[0]));

	buffer_put(&scrub->text, key.data, prefix ? prefix : key.size);
	return prefix ? put_mixed(scrub, (struct dz_bytes){key.data + prefix, key.size - prefix})
		      : !scrub->text.failed;
}

/* Functions keep their names, but the marker of a missing unwind table holds a file name. */
static bool put_symbol(struct scrub *scrub, struct dz_bytes text)
{
	const size_t size = sizeof(no_unwind_information) - 1;

	if (text.size <= size || memcmp(text.data, no_unwind_information, size) != 0 ||
	    text.data[text.size - 1] != ']') {
		buffer_put(&scrub->text, text.data, text.size);
		return !scrub->text.failed;
	}
	buffer_put(&scrub->text, text.data, size);
	if (!put_part(scrub, text.data + size, text.size - size - 1, false))
		return false;
	buffer_put_u8(&scrub->text, ']');
	return !scrub->text.failed;
}

/* Returns the class of a string that is replaced as a whole, or CLASS_COUNT: replace its parts. */
static enum name_class classify(const struct scrub *scrub, struct dz_bytes text, uint64_t fields)
{
	for (size_t class = 0; class < CLASS_COUNT; class ++)
		if (dz_intern_find(&scrub->secrets[class], text.data, text.size) != 0)
			return (enum name_class) class;
	if (fields & DZ_USE_UNKNOWN)
		return CLASS_OTHER;
	if ((fields & scrub->command_fields) && is_wanted(scrub, CLASS_COMMAND))
		return CLASS_COMMAND;
	if ((fields & scrub->comm_fields) && is_wanted(scrub, CLASS_COMM))
		return CLASS_COMM;
	return CLASS_COUNT;
}

static bool map_string(void *context, struct dz_bytes text, const struct dz_string_use *use,
		       struct dz_bytes *ret_text)
{
	struct scrub *scrub = context;
	enum name_class class = classify(scrub, text, use->fields);
	bool ok;

	if (text.size == 0)
		return true;
	if (class != CLASS_COUNT)
		return rename_as(scrub, class, text, ret_text);
	buffer_clear(&scrub->text);
	if (use->fields & scrub->path_fields) {
		if (is_special(text))
			return true;
		ok = put_file(scrub, text);
	} else if (use->fields & scrub->symbol_field) {
		ok = put_symbol(scrub, text);
	} else if (use->fields & scrub->plain_fields) {
		return true;
	} else if (use->fields & scrub->key_field) {
		ok = put_key(scrub, text);
	} else {
		ok = put_mixed(scrub, text);
	}
	*ret_text = (struct dz_bytes){scrub->text.data, scrub->text.size};
	return ok;
}

/* Adds a host by its full name, and by the part before the first dot. */
static bool add_host(struct scrub *scrub, struct dz_bytes name)
{
	const uint8_t *dot = name.size > 0 ? memchr(name.data, '.', name.size) : NULL;

	if (dz_intern_add(&scrub->hosts, name.data, name.size) == 0)
		return false;
	return !dot || dot == name.data ||
	       dz_intern_add(&scrub->hosts, name.data, (size_t)(dot - name.data)) != 0;
}

static bool add_secret(struct scrub *scrub, struct dz_bytes key, struct dz_bytes value)
{
	for (size_t i = 0; i < sizeof(info_keys) / sizeof(info_keys[0]); i++) {
		enum name_class class = info_keys[i].class;

		if (!is_word(info_keys[i].key, (const char *)key.data, key.size) ||
		    value.size == 0 || !is_wanted(scrub, class))
			continue;
		if (dz_intern_add(&scrub->secrets[class], value.data, value.size) == 0 ||
		    (class == CLASS_HOST && !add_host(scrub, value)))
			return false;
	}
	return true;
}

/* A separate pass: an info record can come after other uses of its value. */
static enum dz_status read_secrets(struct scrub *scrub, const struct dz_source *source)
{
	const struct dz_reader_options options = {.kinds = UINT64_C(1) << DZ_KIND_INFO};
	struct dz_reader *reader;
	struct dz_event event;
	enum dz_status status = dz_reader_open(source, &options, &reader);

	if (status != DZ_OK)
		return status;
	while ((status = dz_reader_next(reader, &event)) == DZ_OK) {
		const struct dz_info *row = event.row;

		if (row && !add_secret(scrub, dz_reader_string(reader, row->key),
				       dz_reader_string(reader, row->value))) {
			status = DZ_NO_MEMORY;
			break;
		}
	}
	dz_reader_close(reader);
	return status == DZ_END ? DZ_OK : status;
}

enum dz_status scrub_copy(struct scrub *scrub, const struct dz_source *source,
			  const struct dz_sink *sink)
{
	const struct dz_rewrite_options options = {
		.context = scrub,
		.map = map_string,
		.clear_boot_id = is_wanted(scrub, CLASS_HOST),
		.drop_unknown = true,
	};
	enum dz_status status = read_secrets(scrub, source);

	return status == DZ_OK ? dz_rewrite(source, sink, &options) : status;
}

static void write_text(FILE *out, const struct dz_intern_entry *entry)
{
	if (entry)
		escape_write(out, ESCAPE_TERMINAL, (const char *)entry->data, entry->size);
}

void scrub_describe(const struct scrub *scrub, bool verbose, FILE *out)
{
	for (size_t class = 0; class < CLASS_COUNT; class ++) {
		const struct names *names = &scrub->names[class];

		if (!is_wanted(scrub, (enum name_class) class) ||
		    (class == CLASS_OTHER && names->originals.count == 0))
			continue;
		fprintf(out, "  %10" PRIu32 "  %s\n", names->originals.count,
			classes[class].meaning);
		for (uint32_t i = 1; verbose && i <= names->originals.count; i++) {
			fputs("              ", out);
			write_text(out, dz_intern_get(&names->pseudonyms, i));
			fputs("  ", out);
			write_text(out, dz_intern_get(&names->originals, i));
			fputc('\n', out);
		}
	}
}

void scrub_free(struct scrub *scrub)
{
	if (!scrub)
		return;
	for (size_t class = 0; class < CLASS_COUNT; class ++) {
		dz_intern_clear(&scrub->names[class].originals);
		dz_intern_clear(&scrub->names[class].pseudonyms);
		dz_intern_clear(&scrub->secrets[class]);
	}
	dz_intern_clear(&scrub->hosts);
	buffer_release(&scrub->text);
	free(scrub);
}
