/* analyze/trace/container.c - container, pod and unit that the path of a control group names */
#define _GNU_SOURCE
#include "analyze/trace/container.h"

#include <string.h>

#define ID_DIGITS_LEAST 8u

#define POD_DIGITS 36u /* of a uid, with its dashes */

/* What stands before an id. The empty prefix is that of a bare id. */
static const struct {
	const char *prefix;
	const char *runtime;
} runtimes[] = {
	{"docker-", "docker"},
	{"cri-containerd-", "containerd"},
	{"crio-", "cri-o"},
	{"libpod-", "podman"},
	{"", NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool starts(struct trace_text text, const char *prefix)
{
	return text.size >= strlen(prefix) && memcmp(text.bytes, prefix, strlen(prefix)) == 0;
}

static bool ends(struct trace_text text, const char *suffix)
{
	size_t size = strlen(suffix);

	return text.size > size && memcmp(text.bytes + text.size - size, suffix, size) == 0;
}

static struct trace_text skip(struct trace_text text, size_t size)
{
	return (struct trace_text){text.bytes + size, text.size - size};
}

static size_t count_digits(const char *text, size_t size)
{
	size_t count = 0;

	while (count < size && ((text[count] >= '0' && text[count] <= '9') ||
				(text[count] >= 'a' && text[count] <= 'f')))
		count++;
	return count;
}

/* Sets id and runtime from a part of the path. Returns false if it names no container. */
static bool take_id(struct container *container, struct trace_text part)
{
	for (size_t i = 0; i < COUNT(runtimes); i++) {
		struct trace_text id;

		if (!starts(part, runtimes[i].prefix))
			continue;
		id = skip(part, strlen(runtimes[i].prefix));
		if (ends(id, ".scope"))
			id.size -= strlen(".scope");
		if (id.size != CONTAINER_ID_DIGITS || count_digits(id.bytes, id.size) != id.size)
			continue;
		container->id = id;
		container->runtime = runtimes[i].runtime;
		return true;
	}
	return false;
}

/* "pod5c1e2d7a-...", or "kubepods-burstable-pod5c1e2d7a_....slice" */
static void take_pod(struct container *container, struct trace_text part)
{
	const char *found = memmem(part.bytes, part.size, "pod", strlen("pod"));

	while (found) {
		struct trace_text rest = skip(part, (size_t)(found - part.bytes) + strlen("pod"));

		if (ends(rest, ".slice"))
			rest.size -= strlen(".slice");
		if (rest.size == POD_DIGITS && count_digits(rest.bytes, rest.size) == 8) {
			for (size_t i = 0; i < rest.size; i++)
				container->pod[i] =
					(char)(rest.bytes[i] == '_' ? '-' : rest.bytes[i]);
			container->pod[rest.size] = '\0';
			return;
		}
		found = memmem(rest.bytes, rest.size, "pod", strlen("pod"));
	}
}

static bool is_unit(struct trace_text part)
{
	return ends(part, ".service") || ends(part, ".scope");
}

struct container container_find(struct trace_text cgroup)
{
	struct container container = {.id = {"", 0}};
	struct trace_text rest = cgroup;

	while (rest.size > 0) {
		const char *slash = memrchr(rest.bytes, '/', rest.size);
		size_t before = slash ? (size_t)(slash - rest.bytes) : 0;
		struct trace_text part = slash ? skip(rest, before + 1) : rest;

		rest.size = before;
		if (part.size == 0)
			continue;
		if (container.id.size == 0 && take_id(&container, part))
			continue;
		if (container.pod[0] == '\0')
			take_pod(&container, part);
		if (container.unit.size == 0 && is_unit(part))
			container.unit = part;
	}
	return container;
}

bool container_is_id(const char *text)
{
	size_t size = strlen(text);

	return size >= ID_DIGITS_LEAST && size <= CONTAINER_ID_DIGITS &&
	       count_digits(text, size) == size;
}

bool container_has_id(struct trace_text cgroup, const char *id)
{
	return starts(container_find(cgroup).id, id);
}
