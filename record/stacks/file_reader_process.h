/* record/stacks/file_reader_process.h - the helper processes that read files, and their messages */
#ifndef RECORD_STACKS_FILE_READER_PROCESS_H
#define RECORD_STACKS_FILE_READER_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/stacks/file_facts.h"
#include "record/stacks/proc_stat.h"
#include "symbols/mappings.h"
#include "symbols/status.h"

#define FILE_READER_CHUNK_BYTES (128u << 10) /* most bytes in one answer */

enum file_request_kind {
	FILE_REQUEST_OPEN,
	FILE_REQUEST_PERF_MAP,
	FILE_REQUEST_READ,
	FILE_REQUEST_MEASURE,
	FILE_REQUEST_COPY,
	FILE_REQUEST_MAPS,         /* opens /proc/PID/maps, and reads the start of it */
	FILE_REQUEST_TEXT,         /* reads on in it */
	FILE_REQUEST_COMMAND_LINE, /* reads /proc/PID/cmdline */
	FILE_REQUEST_COUNT,
};

/* READ, MEASURE and COPY come with the O_PATH descriptor of a file, TEXT with that of MAPS. */
struct file_request {
	struct file_identity identity; /* OPEN */
	uint64_t start;                /* OPEN: of the mapping */
	uint64_t end;
	int64_t seen_ns;
	uint64_t offset;     /* READ */
	uint32_t size_bytes; /* READ, MAPS, TEXT, COMMAND_LINE: most bytes of the answer, at most
			      * FILE_READER_CHUNK_BYTES; COPY: limit */
	int32_t pid;         /* OPEN, PERF_MAP, MAPS, COMMAND_LINE */
	uint8_t kind;        /* enum file_request_kind */
	uint8_t mapping;     /* enum mapping_kind */
	char path[MAPPINGS_PATH_MAX_BYTES + 1]; /* OPEN; the message ends with its NUL */
};

/* READ, MAPS, TEXT and COMMAND_LINE continue with the bytes. OPEN, PERF_MAP and COPY come with a
 * descriptor, MAPS only if there may be more bytes. */
struct file_answer {
	struct file_facts facts;
	struct proc_stat stat; /* MAPS, COMMAND_LINE */
	uint32_t size_bytes;   /* that follow */
	uint8_t status;        /* enum symbols_status */
};

/* What the starter is asked for. */
enum reader_request_kind {
	READER_REQUEST_NEXT,     /* start a reader: the answer comes with its socket */
	READER_REQUEST_IS_ALIVE, /* has not ended */
};

struct reader_request {
	int32_t kind;
	int32_t pid; /* IS_ALIVE */
};

struct reader_answer {
	int32_t pid; /* of the reader; 0: it has ended, or could not be started */
};

/* Serves the starter's socket. A role of helper_process_start(). */
void file_reader_process_serve(void *context, int socket);

/* Answers one request, as a reader does: `size_bytes` of `request` have come. Writes at most
 * FILE_READER_CHUNK_BYTES to `bytes`. Takes ownership of `fd`. Returns a descriptor to send, which
 * the caller closes; -1: none. */
int file_reader_process_answer(const struct file_request *request, size_t size_bytes, int fd,
			       struct file_answer *ret_answer, uint8_t *bytes);

#endif
