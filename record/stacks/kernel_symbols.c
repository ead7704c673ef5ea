/* record/stacks/kernel_symbols.c - the function at an address of the kernel */
#include "record/stacks/kernel_symbols.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/common/message.h"

/* On x86-64 the first symbols can be at small numbers, the next ones never are. */
#define FIRST_BYTES 4096u

#define KERNEL_NAME "[kernel]"

#define PROGRAM_PREFIX      "bpf_prog_"
#define PROGRAM_TAG_LETTERS 16u
#define TRAMPOLINE_PREFIX   "bpf_trampoline_"
#define DISPATCHER_PREFIX   "bpf_dispatcher_"
#define STRUCT_OPS_PREFIX   "bpf__"
#define PROGRAM_MODULE      "bpf"

#define TEXT_BYTES 1024u

/* After a list that could not be read, it is tried again after this many questions. */
#define QUESTIONS_UNTIL_RETRY 4096u

struct kernel_symbols {
	struct kallsyms table; /* empty until the list is read */
	int list_fd;           /* the list, which is not read yet; -1: none */
	struct symbol_source source;
	size_t unanswered;        /* questions until the list is tried again; 0: now */
	char text[TEXT_BYTES];    /* the last answer */
	char padding[TEXT_BYTES]; /* the answer about the end of padding */
};

/* An answer: its parts are in the text. */
struct answered {
	struct kernel_symbol symbol;
	uint64_t size_bytes;
};

enum answer {
	ANSWER_SYMBOL,
	ANSWER_NONE, /* no function is there */
	ANSWER_OVER, /* there are no answers any more */
};

/* Whether an address in the first lines is not 0. A line that is not whole does not matter. */
static bool shows_addresses(int fd, enum symbols_status *ret_status)
{
	char text[FIRST_BYTES + 1];
	const ssize_t size = pread(fd, text, FIRST_BYTES, 0);
	const char *line = text;

	*ret_status = size < 0 ? SYMBOLS_IO : SYMBOLS_OK;
	if (size <= 0)
		return false;
	text[size] = '\0';
	while (line) {
		if (strtoull(line, NULL, 16) != 0)
			return true;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static enum symbols_status open_list(struct kernel_symbols *symbols, const char *path)
{
	enum symbols_status status = SYMBOLS_OK;

	symbols->list_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (symbols->list_fd < 0 && errno != ENOENT && errno != EACCES && errno != EPERM)
		status = SYMBOLS_IO;
	if (symbols->list_fd >= 0 && shows_addresses(symbols->list_fd, &status))
		return SYMBOLS_OK;
	close_fd(&symbols->list_fd);
	close_fd(&symbols->source.fd);
	return status;
}

enum symbols_status kernel_symbols_open(const char *path, const struct symbol_source *source,
					struct kernel_symbols **ret_symbols)
{
	struct kernel_symbols *symbols = calloc(1, sizeof(*symbols));
	enum symbols_status status = SYMBOLS_NO_MEMORY;
	int fd = source->fd;

	*ret_symbols = NULL;
	if (!symbols) {
		close_fd(&fd);
		return status;
	}
	symbols->source = *source;
	status = open_list(symbols, path);
	if (status == SYMBOLS_OK)
		*ret_symbols = symbols;
	else
		kernel_symbols_free(symbols);
	return status;
}

enum symbols_status kernel_symbols_read(struct kernel_symbols *symbols)
{
	enum symbols_status status = SYMBOLS_OK;

	close_fd(&symbols->source.fd);
	if (symbols->list_fd < 0)
		return SYMBOLS_OK;
	status = lseek(symbols->list_fd, 0, SEEK_SET) == 0
			 ? kallsyms_read(symbols->list_fd, &symbols->table)
			 : SYMBOLS_IO;
	if (status != SYMBOLS_OK)
		symbols->table = (struct kallsyms){0};
	if (status == SYMBOLS_IO || status == SYMBOLS_NO_MEMORY)
		return status;
	close_fd(&symbols->list_fd);
	return SYMBOLS_OK;
}

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
	const size_t length = strlen(name);

	return length >= strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0;
}

/* bpf_prog_TAG_NAME, bpf_trampoline_NUMBER, bpf_dispatcher_NAME, or bpf__STRUCTURE_MEMBER. The list
 * has "[bpf]" behind such names. A dispatcher also has two functions in the kernel. */
static bool is_program(const char *name)
{
	if (has_prefix(name, PROGRAM_PREFIX))
		return strspn(name + strlen(PROGRAM_PREFIX), "0123456789abcdef") ==
		       PROGRAM_TAG_LETTERS;
	if (has_prefix(name, TRAMPOLINE_PREFIX))
		return isdigit((unsigned char)name[strlen(TRAMPOLINE_PREFIX)]);
	if (has_prefix(name, DISPATCHER_PREFIX))
		return !has_suffix(name, "_func") && !has_suffix(name, "_call");
	return has_prefix(name, STRUCT_OPS_PREFIX);
}

/* NAME+0xOFFSET/0xSIZE, or NAME+0xOFFSET/0xSIZE [MODULE]; a number without a name. */
static bool take_text(char *text, struct answered *ret_answered)
{
	char *module = strstr(text, " [");
	char *offset = strrchr(text, '+');
	char *size;

	if (!offset || offset == text)
		return false;
	*offset++ = '\0';
	ret_answered->symbol = (struct kernel_symbol){
		.name = text,
		.module = is_program(text) ? PROGRAM_MODULE : KERNEL_NAME,
		.offset_bytes = strtoull(offset, &size, 16),
	};
	ret_answered->size_bytes = *size == '/' ? strtoull(size + 1, NULL, 16) : 0;
	if (module) {
		module += strlen(" [");
		module[strcspn(module, "]")] = '\0';
		ret_answered->symbol.module = module;
	}
	return true;
}

static enum answer ask(const struct symbol_source *source, uint64_t address, char *text,
		       struct answered *ret_answered)
{
	ssize_t size;

	*source->address = address;
	do {
		size = read(source->fd, text, TEXT_BYTES - 1);
	} while (size < 0 && errno == EINTR);
	if (size <= 0)
		return ANSWER_OVER;
	text[size] = '\0';
	return take_text(text, ret_answered) ? ANSWER_SYMBOL : ANSWER_NONE;
}

/* As kallsyms_find(): padding belongs to its function, if that begins where the padding ends. */
static enum answer ask_twice(struct kernel_symbols *symbols, uint64_t address,
			     struct kernel_symbol *ret_symbol)
{
	struct answered answered, function;
	const enum answer answer = ask(&symbols->source, address, symbols->text, &answered);
	const char *name;
	uint64_t end;

	if (answer != ANSWER_SYMBOL)
		return answer;
	*ret_symbol = answered.symbol;
	name = answered.symbol.name + strlen(KALLSYMS_PADDING_PREFIX);
	end = address - answered.symbol.offset_bytes + answered.size_bytes;
	if (!has_prefix(answered.symbol.name, KALLSYMS_PADDING_PREFIX) ||
	    answered.size_bytes > KALLSYMS_PADDING_MAX_BYTES ||
	    ask(&symbols->source, end, symbols->padding, &function) != ANSWER_SYMBOL ||
	    function.symbol.offset_bytes != 0 || strcmp(function.symbol.name, name) != 0)
		return ANSWER_SYMBOL;
	ret_symbol->name = name;
	ret_symbol->offset_bytes = 0;
	return ANSWER_SYMBOL;
}

/* Functions have no names until it can be read, as with a list that is hidden. */
static bool read_later(struct kernel_symbols *symbols)
{
	enum symbols_status status;

	if (symbols->unanswered > 0) {
		symbols->unanswered--;
		return false;
	}
	status = kernel_symbols_read(symbols);
	if (status == SYMBOLS_OK)
		return true;
	symbols->unanswered = QUESTIONS_UNTIL_RETRY;
	message("warning: cannot read /proc/kallsyms: %s: functions of the kernel have no names "
		"for now",
		status == SYMBOLS_NO_MEMORY ? "out of memory" : strerror(errno));
	return false;
}

bool kernel_symbols_find(struct kernel_symbols *symbols, uint64_t address,
			 struct kernel_symbol *ret_symbol)
{
	if (!symbols)
		return false;
	if (symbols->source.fd >= 0 && address) {
		const enum answer answer = ask_twice(symbols, address, ret_symbol);

		if (answer != ANSWER_OVER)
			return answer == ANSWER_SYMBOL;
		close_fd(&symbols->source.fd);
		if (symbols->source.is_verbose)
			message("reading /proc/kallsyms: no more answers from "
				"print_kernel_symbol");
	}
	if (symbols->source.fd < 0 && symbols->list_fd >= 0 && !read_later(symbols))
		return false;
	return kallsyms_find(&symbols->table, address, ret_symbol);
}

const struct kallsyms *kernel_symbols_table(const struct kernel_symbols *symbols)
{
	return &symbols->table;
}

void kernel_symbols_free(struct kernel_symbols *symbols)
{
	if (!symbols)
		return;
	close_fd(&symbols->source.fd);
	close_fd(&symbols->list_fd);
	kallsyms_release(&symbols->table);
	free(symbols);
}
