/* record/common/process_title.c - the command line that /proc shows for a process */
#include "record/common/process_title.h"

#include <stdlib.h>
#include <string.h>

/* The memory of argv: the kernel puts all arguments one behind the other. */
static struct {
	char *text;
	size_t size;
} title;

/* Stops at an argument that is elsewhere. */
static size_t size_of_arguments(int argc, char **argv)
{
	size_t size = 0;

	for (int i = 0; i < argc && argv[i] == argv[0] + size; i++)
		size += strlen(argv[i]) + 1;
	return size;
}

char **process_title_take_arguments(int argc, char **argv)
{
	const size_t count = (size_t)argc;
	size_t size = 0;
	char **copy;
	char *text;

	for (size_t i = 0; i < count; i++)
		size += strlen(argv[i]) + 1;
	copy = malloc((count + 1) * sizeof(copy[0]) + size);
	if (!copy)
		return NULL;
	text = (char *)(copy + count + 1);
	for (size_t i = 0; i < count; i++) {
		copy[i] = text;
		text = stpcpy(text, argv[i]) + 1;
	}
	copy[count] = NULL;
	title.text = argv[0];
	title.size = size_of_arguments(argc, argv);
	return copy;
}

/* The last byte stays 0: otherwise the kernel would show the environment, too. */
void process_title_set(const char *name)
{
	size_t length = strlen(name);

	if (title.size == 0)
		return;
	if (length >= title.size)
		length = title.size - 1;
	memset(title.text, 0, title.size);
	memcpy(title.text, name, length);
}
