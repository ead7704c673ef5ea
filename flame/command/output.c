/* flame/command/output.c - a file that appears whole or not at all */
#include "flame/command/output.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)256 << 10)

/* A device or a pipe is written to as it is; a file is replaced when the new one is complete. */
static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static bool open_temporary(struct output *output)
{
	mode_t mask = umask(077);
	int fd;

	umask(mask);
	if (asprintf(&output->temporary, "%s.XXXXXX", output->path) < 0) {
		output->temporary = NULL;
		return false;
	}
	fd = mkstemp(output->temporary);
	if (fd >= 0 && fchmod(fd, 0666 & ~mask) == 0)
		output->stream = fdopen(fd, "w");
	if (!output->stream) {
		int error = errno;

		if (fd >= 0) {
			close(fd);
			unlink(output->temporary);
		}
		free(output->temporary);
		output->temporary = NULL;
		errno = error;
	}
	return output->stream;
}

bool output_open(struct output *output, const char *path)
{
	*output = (struct output){.path = path};
	if (!path)
		output->stream = stdout;
	else if (is_special(path))
		output->stream = fopen(path, "w");
	else
		open_temporary(output);
	if (!output->stream)
		return false;
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

bool output_place(struct output *output)
{
	bool placed = !output->temporary || rename(output->temporary, output->path) == 0;
	int error = errno;

	if (placed)
		free(output->temporary);
	else
		output_abandon(output);
	errno = error;
	if (placed)
		output->temporary = NULL;
	return placed;
}

void output_abandon(struct output *output)
{
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	output->temporary = NULL;
}
