/* record/options/name_pattern.c - names of threads for the filters in BPF, with * and ? */
#include "record/options/name_pattern.h"

#include <stddef.h>
#include <string.h>

#define LENGTH_MAX (EVENT_COMM_BYTES - 1u)

static void add_pattern(struct filter_names *names, const char *text, size_t length)
{
	__u32 index = names->count;

	names->patterns |= 1u << index;
	for (size_t i = 0; i < length; i++) {
		names->any[index] |= (text[i] == '?' ? 1u : 0u) << i;
		names->stars[index] |= (text[i] == '*' ? 1u : 0u) << i;
	}
	names->lengths[index] = (__u32)length;
}

/* Copies a text with one * for several in a row. Returns the length of the copy, which can exceed
 * LENGTH_MAX, and then is not complete. */
static size_t copy_pattern(char out[EVENT_COMM_BYTES], const char *text)
{
	size_t length = 0;

	for (; *text; text++) {
		if (text[0] == '*' && text[1] == '*')
			continue;
		if (length < LENGTH_MAX)
			out[length] = *text;
		length++;
	}
	return length;
}

const char *name_pattern_add(struct filter_names *names, const char *text, bool *ret_is_cut)
{
	bool is_pattern = text[strcspn(text, "*?")] != '\0';
	char copy[EVENT_COMM_BYTES] = "";
	size_t length = strnlen(text, LENGTH_MAX);

	*ret_is_cut = false;
	if (length == 0)
		return "not a name";
	if (names->count == FILTER_NAMES_MAX)
		return "more than 16 names";
	if (is_pattern) {
		length = copy_pattern(copy, text);
		if (length > LENGTH_MAX)
			return "a pattern of more than 15 bytes: the kernel keeps no more of a "
			       "name";
		add_pattern(names, copy, length);
	} else {
		memcpy(copy, text, length);
		*ret_is_cut = text[length] != '\0';
	}
	memcpy(names->names[names->count++], copy, sizeof(copy));
	return NULL;
}

bool name_pattern_matches(const struct filter_names *names, __u32 index, const char *name)
{
	const char *pattern = names->names[index];
	__u32 stars = names->stars[index], any = names->any[index];
	__u32 states = 1 | ((1 & stars) << 1);

	if (!(names->patterns >> index & 1))
		return strncmp(pattern, name, EVENT_COMM_BYTES) == 0;
	for (size_t at = 0; at < LENGTH_MAX && name[at]; at++) {
		__u32 same = any;

		for (size_t j = 0; j < LENGTH_MAX; j++)
			same |= (pattern[j] == name[at] ? 1u : 0u) << j;
		states = ((states & same & ~stars) << 1) | (states & stars);
		states |= (states & stars) << 1;
	}
	return states >> names->lengths[index] & 1;
}
