/* tests/fuzz/fuzz_file_reader.c - any bytes as a request to the process that reads files
 *
 * The recorder is the sender; a thread of it that was deceived could send anything.
 *
 * Input: 2 bytes of the size of the request, the request, the contents of the file that comes with
 * it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/stacks/file_reader_process.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[FILE_READER_CHUNK_BYTES];
	static struct file_request request;
	struct file_answer answer;
	uint16_t request_bytes;
	int sent;

	if (size < sizeof(request_bytes))
		return 0;
	memcpy(&request_bytes, data, sizeof(request_bytes));
	data += sizeof(request_bytes);
	size -= sizeof(request_bytes);
	if (request_bytes > size)
		request_bytes = (uint16_t)size;
	if (request_bytes > sizeof(request))
		request_bytes = sizeof(request);
	memset(&request, 0, sizeof(request));
	memcpy(&request, data, request_bytes);
	/* Not the files of processes that happen to run. */
	request.pid = -1;
	sent = file_reader_process_answer(&request, request_bytes,
					  file_of(data + request_bytes, size - request_bytes),
					  &answer, bytes);
	if (answer.size_bytes > sizeof(bytes) ||
	    (answer.status != SYMBOLS_OK && (sent >= 0 || answer.size_bytes > 0)))
		abort();
	if (answer.facts.build_id_bytes > sizeof(answer.facts.build_id))
		abort();
	if (sent >= 0)
		(void)close(sent);
	return 0;
}
