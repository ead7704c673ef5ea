/* flame/command/output.c - standard output, or a new file that is whole or not there */
#include "flame/command/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "flame/command/message.h"
#include "flame/svg/svg.h"

#define BUFFER_BYTES ((size_t)256 << 10)

static bool is_own(int fd)
{
	char start[SVG_START_BYTES];

	return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	       svg_recognizes(start, sizeof(start));
}

bool output_open(struct output *output, const char *path, bool force)
{
	const struct new_file_options options = {
		.replace = force,
		.user_mode = true,
		.stream = true,
		.is_own = is_own,
	};
	struct problem problem;

	*output = (struct output){.path = path, .file = {.directory_fd = -1, .fd = -1}};
	if (!path || new_file_open(path, &options, &output->file, &problem))
		return true;
	message_problem(&problem);
	return false;
}

bool output_is_new_file(const struct output *output)
{
	return output->file.directory_fd >= 0;
}

bool output_start(struct output *output)
{
	output->stream = output->path ? fdopen(output->file.fd, "w") : stdout;
	if (!output->stream)
		return false;
	if (output->path)
		output->file.fd = -1; /* owned by the stream */
	setvbuf(output->stream, NULL, _IOFBF, BUFFER_BYTES);
	return true;
}

bool output_finish(struct output *output)
{
	bool whole = !ferror(output->stream);

	errno = whole ? 0 : EIO;
	if (fclose(output->stream) != 0)
		whole = false;
	output->stream = NULL;
	return whole;
}

bool output_publish(struct output *output)
{
	struct problem problem;

	if (!new_file_publish(&output->file, &problem)) {
		message_problem(&problem);
		return false;
	}
	if (new_file_close(&output->file))
		return true;
	message(output->path, "cannot write: %s", strerror(errno));
	return false;
}

void output_close(struct output *output)
{
	new_file_discard(&output->file);
}
