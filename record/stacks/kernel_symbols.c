/* record/stacks/kernel_symbols.c - the function at an address of the kernel */
#include "record/stacks/kernel_symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* On x86-64 the first symbols can be at small numbers, the next ones never are. */
#define FIRST_BYTES 4096u

#define KERNEL_NAME "[kernel]"

#define PROGRAM_PREFIX      "bpf_prog_"
#define PROGRAM_TAG_LETTERS 16u
#define TRAMPOLINE_PREFIX   "bpf_trampoline_"
#define PROGRAM_MODULE      "bpf"

#define TEXT_BYTES 1024u

struct kernel_symbols {
	struct kallsyms table; /* empty until the list is read */
	int list_fd;           /* the list, which is not read yet; -1: none */
	struct symbol_source source;
	char text[TEXT_BYTES]; /* the last answer */
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
	status = kallsyms_read(symbols->list_fd, &symbols->table);
	if (status != SYMBOLS_OK)
		symbols->table = (struct kallsyms){0};
	close_fd(&symbols->list_fd);
	return status == SYMBOLS_IO || status == SYMBOLS_NO_MEMORY ? status : SYMBOLS_OK;
}

/* bpf_prog_TAG_NAME or bpf_trampoline_NUMBER. The list has "[bpf]" behind such names. */
static bool is_program(const char *name)
{
	static const char digits[] = "0123456789abcdef";

	if (strncmp(name, PROGRAM_PREFIX, strlen(PROGRAM_PREFIX)) == 0)
		return strspn(name + strlen(PROGRAM_PREFIX), digits) == PROGRAM_TAG_LETTERS;
	return strncmp(name, TRAMPOLINE_PREFIX, strlen(TRAMPOLINE_PREFIX)) == 0 &&
	       strspn(name + strlen(TRAMPOLINE_PREFIX), digits) > 0;
}

/* NAME+0xOFFSET/0xSIZE, or NAME+0xOFFSET/0xSIZE [MODULE]; a number without a name. */
static bool take_text(char *text, struct kernel_symbol *ret_symbol)
{
	char *module = strstr(text, " [");
	char *offset = strrchr(text, '+');

	if (!offset || offset == text)
		return false;
	*offset++ = '\0';
	ret_symbol->name = text;
	ret_symbol->offset_bytes = strtoull(offset, NULL, 16);
	ret_symbol->module = is_program(text) ? PROGRAM_MODULE : KERNEL_NAME;
	if (module) {
		module += strlen(" [");
		module[strcspn(module, "]")] = '\0';
		ret_symbol->module = module;
	}
	return true;
}

static enum answer ask(struct kernel_symbols *symbols, uint64_t address,
		       struct kernel_symbol *ret_symbol)
{
	ssize_t size;

	*symbols->source.address = address;
	do {
		size = read(symbols->source.fd, symbols->text, sizeof(symbols->text) - 1);
	} while (size < 0 && errno == EINTR);
	if (size <= 0)
		return ANSWER_OVER;
	symbols->text[size] = '\0';
	return take_text(symbols->text, ret_symbol) ? ANSWER_SYMBOL : ANSWER_NONE;
}

bool kernel_symbols_find(struct kernel_symbols *symbols, uint64_t address,
			 struct kernel_symbol *ret_symbol)
{
	if (!symbols)
		return false;
	if (symbols->source.fd >= 0 && address) {
		const enum answer answer = ask(symbols, address, ret_symbol);

		if (answer != ANSWER_OVER)
			return answer == ANSWER_SYMBOL;
		/* Functions have no names then, as with a list that is hidden. */
		if (kernel_symbols_read(symbols) != SYMBOLS_OK)
			return false;
	}
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
