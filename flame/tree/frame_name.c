/* flame/tree/frame_name.c - names of functions as people write them in the source */
#include "flame/tree/frame_name.h"

#include <ctype.h>
#include <string.h>

#include "symbols/demangle.h"

#define RUST_HASH_DIGITS 16u

static bool starts_with(const char *text, size_t size, const char *start)
{
	size_t length = strlen(start);

	return size >= length && memcmp(text, start, length) == 0;
}

static bool contains(const char *text, size_t size, const char *part)
{
	return memmem(text, size, part, strlen(part)) != NULL;
}

static bool put(struct frame_name *name, const char *text, size_t size)
{
	if (size > FRAME_NAME_MAX - 1 - name->size)
		return false;
	memcpy(name->text + name->size, text, size);
	name->size += size;
	return true;
}

static bool is_hash(const char *text)
{
	for (size_t i = 0; i < RUST_HASH_DIGITS; i++)
		if (!memchr("0123456789abcdef", text[i], 16))
			return false;
	return true;
}

/* Returns the size without `::h0123456789abcdef` at the end. */
static size_t without_hash(const char *text, size_t size)
{
	static const char before[] = "::h";
	size_t length = strlen(before) + RUST_HASH_DIGITS;

	if (size > length && memcmp(text + size - length, before, strlen(before)) == 0 &&
	    is_hash(text + size - RUST_HASH_DIGITS))
		return size - length;
	return size;
}

struct escape {
	const char *escape;
	const char *text;
};

/* What rustc writes for characters that a symbol cannot have. */
static const struct escape escapes[] = {
	{"$LT$", "<"},  {"$GT$", ">"},  {"$RF$", "&"},  {"$BP$", "*"},  {"$LP$", "("},
	{"$RP$", ")"},  {"$C$", ","},   {"$SP$", "@"},  {"$u20$", " "}, {"$u22$", "\""},
	{"$u27$", "'"}, {"$u2b$", "+"}, {"$u3b$", ";"}, {"$u5b$", "["}, {"$u5d$", "]"},
	{"$u7b$", "{"}, {"$u7d$", "}"}, {"$u7e$", "~"}, {"$u3d$", "="}, {"..", "::"},
};

/* Puts a name whose escapes are decoded. A name that starts with `_$` has the `_` only because a
 * symbol cannot start with `$`. */
static bool put_rust(struct frame_name *name, const char *text, size_t size)
{
	size_t at = starts_with(text, size, "_$") ? 1 : 0;

	while (at < size) {
		const struct escape *found = NULL;

		for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]) && !found; i++)
			if (starts_with(text + at, size - at, escapes[i].escape))
				found = &escapes[i];
		if (found ? !put(name, found->text, strlen(found->text)) : !put(name, text + at, 1))
			return false;
		at += found ? strlen(found->escape) : 1;
		/* In a path, `_$` after `::` is the same case. */
		if (found && found->escape[0] == '.' && starts_with(text + at, size - at, "_$"))
			at++;
	}
	return true;
}

static bool is_mangled_rust(const char *text, size_t size)
{
	if (size > 2 && memcmp(text, "_R", 2) == 0)
		return (text[2] >= 'A' && text[2] <= 'Z') || (text[2] >= '0' && text[2] <= '9');
	return starts_with(text, size, "_ZN") && size > RUST_HASH_DIGITS + 7 &&
	       text[size - 1] == 'E' && memcmp(text + size - RUST_HASH_DIGITS - 4, "17h", 3) == 0 &&
	       is_hash(text + size - RUST_HASH_DIGITS - 1);
}

/* The names of perf script are demangled already; those of other logs are as in the symbol table.
 */
static bool put_demangled(struct frame_name *name, const char *text, size_t size)
{
	char mangled[FRAME_NAME_MAX];

	memcpy(mangled, text, size);
	mangled[size] = '\0';
	if (!demangle(mangled, name->text, sizeof(name->text)))
		return false;
	name->size = strlen(name->text);
	return name->size > 0;
}

/* The size of a symbol before what tools append to it: an offset, @plt, or a mark such as _[j]. */
static size_t symbol_size(const char *text, size_t size)
{
	size_t end = 0;

	if (size > 4 && memcmp(text + size - 4, "_[", 2) == 0 && text[size - 1] == ']')
		size -= 4;
	while (end < size && (isalnum((unsigned char)text[end]) || strchr("_.$", text[end])))
		end++;
	return end;
}

static bool clean_cpp(const char *text, size_t size, struct frame_name *name)
{
	size_t symbol = symbol_size(text, size);

	return starts_with(text, size, "_Z") && put_demangled(name, text, symbol) &&
	       put(name, text + symbol, size - symbol);
}

static bool clean_rust(const char *text, size_t size, struct frame_name *name)
{
	size_t kept = without_hash(text, size);

	if (is_mangled_rust(text, size)) {
		if (!put_demangled(name, text, size))
			return false;
		name->size = without_hash(name->text, name->size);
		return name->size > 0;
	}
	return (kept < size || contains(text, size, "$LT$")) && put_rust(name, text, kept);
}

/* Puts a class with dots, `com/acme/App` as com.acme.App. */
static bool put_class(struct frame_name *name, const char *text, size_t size)
{
	size_t start = name->size;

	if (!put(name, text, size))
		return false;
	for (size_t i = start; i < name->size; i++)
		if (name->text[i] == '/')
			name->text[i] = '.';
	return true;
}

/* Puts the type of one descriptor, such as `[Ljava/io/File;`, and moves *at behind it. Returns
 * false if it is not one. */
static bool put_type(struct frame_name *name, const char *text, size_t size, size_t *at)
{
	static const char letters[] = "BCDFIJSZV";
	static const char *const words[] = {"byte", "char",  "double",  "float", "int",
					    "long", "short", "boolean", "void"};
	size_t dimensions = 0;
	const char *letter;

	for (; *at < size && text[*at] == '['; (*at)++)
		dimensions++;
	if (*at == size)
		return false;
	letter = strchr(letters, text[*at]);
	if (text[*at] == 'L') {
		const char *end = memchr(text + *at, ';', size - *at);

		if (!end || !put_class(name, text + *at + 1, (size_t)(end - text) - *at - 1))
			return false;
		*at = (size_t)(end - text) + 1;
	} else if (letter && *letter) {
		const char *word = words[letter - letters];

		if (!put(name, word, strlen(word)))
			return false;
		(*at)++;
	} else {
		return false;
	}
	for (; dimensions > 0; dimensions--)
		if (!put(name, "[]", 2))
			return false;
	return true;
}

/* Puts `(java.io.File, long)` for `(Ljava/io/File;J)I`. The type of the result is dropped. */
static bool put_signature(struct frame_name *name, const char *text, size_t size)
{
	size_t at = 1;

	if (!put(name, "(", 1))
		return false;
	while (at < size && text[at] != ')') {
		if (at > 1 && !put(name, ", ", 2))
			return false;
		if (!put_type(name, text, size, &at))
			return false;
	}
	return at < size && put(name, ")", 1);
}

/* `Lcom/acme/App;::run(J)I` with `::` or `.` between class and method, and with or without the
 * semicolon and the signature. */
static bool clean_java(const char *text, size_t size, struct frame_name *name)
{
	const char *end = memchr(text, ';', size);
	const char *bracket = memchr(text, '(', size);
	size_t class_size;
	size_t at;

	if (size < 4 || text[0] != 'L' || memchr(text, ' ', size))
		return false;
	if (!end || (bracket && bracket < end))
		end = memmem(text, size, "::", 2);
	if (!end || !memchr(text, '/', (size_t)(end - text)))
		return false;
	class_size = (size_t)(end - text);
	at = class_size + (*end == ';');
	if (starts_with(text + at, size - at, "::"))
		at += 2;
	else if (at < size && text[at] == '.')
		at++;
	else if (at < size)
		return false;
	bracket = memchr(text + at, '(', size - at);
	if (!put_class(name, text + 1, class_size - 1))
		return false;
	if (at == size)
		return true;
	if (!put(name, ".", 1) ||
	    !put(name, text + at, bracket ? (size_t)(bracket - text) - at : size - at))
		return false;
	return !bracket || put_signature(name, bracket, (size_t)(text + size - bracket));
}

bool frame_name_may_change(const struct frame *frame)
{
	return frame->size > 3 && (frame->name[0] == '_' || frame->name[0] == 'L' ||
				   contains(frame->name, frame->size, "::h") ||
				   contains(frame->name, frame->size, "$LT$"));
}

bool frame_name_clean(const struct frame *frame, struct frame_name *ret_name)
{
	const char *text = frame->name;
	size_t size = frame->size;

	ret_name->size = 0;
	if (size < 4 || size >= FRAME_NAME_MAX || memchr(text, '\0', size))
		return false;
	if (clean_rust(text, size, ret_name))
		return true;
	ret_name->size = 0;
	if (clean_cpp(text, size, ret_name))
		return true;
	ret_name->size = 0;
	return clean_java(text, size, ret_name);
}

/* A regular expression can start with what is a mark elsewhere, and has no place after it. */
static const char regexp_kind[] = "RegExp:";

static const char *const code_kinds[] = {
	"LazyCompile:", "Function:", "InterpretedFunction:", "Script:", "Eval:",
	"JS:",          "Builtin:",  "BytecodeHandler:",     "Stub:",
};

bool frame_name_is_regexp(const char *name, size_t size)
{
	return size > strlen(regexp_kind) && starts_with(name, size, regexp_kind);
}

/* Returns the size of node's kind of code, with the mark of its tier; 0 without one. */
static size_t node_prefix(const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof(code_kinds) / sizeof(code_kinds[0]); i++) {
		size_t length = strlen(code_kinds[i]);

		if (!starts_with(name, size, code_kinds[i]) ||
		    starts_with(name + length, size - length, ":"))
			continue;
		while (length < size && memchr("~*^+", name[length], 4))
			length++;
		return length < size ? length : 0;
	}
	return 0;
}

/* Returns the size of `[Assembly] ` before a method of .NET; 0 without one. */
static size_t dotnet_prefix(const char *name, size_t size)
{
	const char *end = memmem(name, size, "] ", 2);

	if (size == 0 || name[0] != '[' || !end || !contains(name, size, "::"))
		return 0;
	return (size_t)(end - name) + 2;
}

static size_t find(const char *name, size_t size, const char *part)
{
	const char *found = memmem(name, size, part, strlen(part));

	return found ? (size_t)(found - name) : size;
}

struct frame_name_core frame_name_core(const char *name, size_t size)
{
	struct frame_name_core core = {.size = size};
	size_t end;

	if (frame_name_is_regexp(name, size))
		return core;
	if ((core.start = node_prefix(name, size)) > 0) {
		end = find(name + core.start, size - core.start, " ");
		/* A function without a name is known by its place, which follows a space. */
		core.start += end == 0;
		core.size = end > 0 ? end : size - core.start;
	} else if ((core.start = dotnet_prefix(name, size)) > 0) {
		end = find(name + core.start, size - core.start, ")[");
		core.size = end < size - core.start ? end + 1 : end;
	} else if (starts_with(name, size, "py::")) {
		core.start = strlen("py::");
		core.size = find(name + core.start, size - core.start, ":");
	}
	if (core.size == 0)
		return (struct frame_name_core){.size = size};
	return core;
}

bool frame_name_is_jit(const char *name, size_t size)
{
	return node_prefix(name, size) > 0 || frame_name_is_regexp(name, size) ||
	       dotnet_prefix(name, size) > 0 ||
	       (size > 5 && starts_with(name, size, "py::") && contains(name, size, ":/"));
}
