/* samples/cause/ends.cc - ends in the way that WAY names: PROGRAM WAY; without a way it lists them
 */
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <err.h>
#include <exception>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace
{

char *volatile text = const_cast<char *>("a text that is longer than the room for it");

[[gnu::noinline]] void write_null()
{
	*static_cast<volatile char *>(nullptr) = 1;
}

[[gnu::noinline]] void read_far()
{
	volatile char *far = reinterpret_cast<volatile char *>(0x123456789000);

	static_cast<void>(*far);
}

[[gnu::noinline]] void write_constant()
{
	*static_cast<volatile char *>(text) = 1;
}

[[gnu::noinline]] void measure_null()
{
	char *volatile none = nullptr;

	std::printf("%zu\n", std::strlen(none));
}

[[gnu::noinline]] void read_beyond_file()
{
	std::FILE *file = std::tmpfile();
	void *bytes = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fileno(file), 0);

	static_cast<void>(*static_cast<volatile char *>(bytes));
}

[[gnu::noinline]] int walk(int depth)
{
	volatile char room[400];

	room[0] = static_cast<char>(depth);
	return depth < 0 ? 0 : walk(depth + 1) + room[0];
}

[[gnu::noinline]] void walk_endlessly()
{
	std::printf("%d\n", walk(0));
}

[[gnu::noinline]] void finish()
{
	std::terminate();
}

[[gnu::noinline]] void throw_quietly() noexcept
{
	throw std::runtime_error("nobody may see this");
}

[[gnu::noinline]] void look_beyond()
{
	std::string found(text);

	std::printf("%c\n", found.at(100));
}

[[gnu::noinline]] void copy_too_much()
{
	char small[8];

	/* What a fortified strcpy() becomes. */
	__builtin___strcpy_chk(small, text, sizeof(small));
	__asm__ volatile("" : : "r"(small) : "memory");
}

[[gnu::noinline]] void free_inside()
{
	char *volatile block = static_cast<char *>(std::malloc(100));

	block += 8;
	std::free(block);
}

[[gnu::noinline]] void leave_with_a_word()
{
	errx(3, "a word");
}

[[gnu::noinline]] void leave_at_once()
{
	_exit(4);
}

[[gnu::noinline]] void raise_stop()
{
	raise(SIGTERM);
}

struct way {
	const char *name;
	void (*end)();
};

const way ways[] = {
	{"write-null", write_null},
	{"read-far", read_far},
	{"write-constant", write_constant},
	{"measure-null", measure_null},
	{"read-beyond-file", read_beyond_file},
	{"overflow", walk_endlessly},
	{"terminate", finish},
	{"noexcept", throw_quietly},
	{"at", look_beyond},
	{"fortify", copy_too_much},
	{"free", free_inside},
	{"errx", leave_with_a_word},
	{"_exit", leave_at_once},
	{"raise", raise_stop},
};

} // namespace

int main(int argc, char **argv)
{
	for (const way &way : ways) {
		if (argc < 2)
			std::puts(way.name);
		else if (std::strcmp(way.name, argv[1]) == 0)
			way.end();
	}
	return argc < 2 ? 0 : 2;
}
