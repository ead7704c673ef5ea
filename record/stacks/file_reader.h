/* record/stacks/file_reader.h - reads files of watched processes in a helper process, each in time
 *
 * A file system can stop answering: FUSE, NFS, a broken disk. A thread that waits for it cannot be
 * ended, and neither can its process. Therefore the recorder itself opens no file of a watched
 * process for reading, and none of /proc that can wait for the memory of a process: mappings and
 * command lines. A helper process does, and has FILE_READER_WAIT_NS for each request. One
 * that has not answered by then is abandoned: it ends when the file system answers. The next one
 * takes its place.
 *
 *     recorder ----- starter ("diag-readers"): starts readers, touches no file
 *         \_________ readers ("diag-reader"): open and read files, one for each thread that asks
 *
 * While a reader waits, the recorder asks for no file of the same device. At most two readers can
 * wait for files of one user in one pid namespace, and eight in all. A process that has ended has
 * no user: then files of devices that have answered are read nevertheless.
 *
 * Descriptors that the recorder keeps are of O_PATH: they keep a deleted file, cannot be read, and
 * closing one does not ask the file system. Those on the mount of the root directory alone can be
 * read: a reader opens them, since the path to them can lead anywhere, and the recorder reads them
 * itself. Each request takes two switches between processes, which are long on a busy machine.
 */
#ifndef RECORD_STACKS_FILE_READER_H
#define RECORD_STACKS_FILE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/problem.h"
#include "record/stacks/file_facts.h"
#include "record/stacks/proc_stat.h"
#include "symbols/mappings.h"
#include "symbols/status.h"

/* A third of the time that an event waits for its stack. */
#define FILE_READER_WAIT_NS UINT64_C(100000000)

#define FILE_READER_HUNG_MAX      8u /* readers that wait */
#define FILE_READER_HUNG_MAX_USER 2u
/* An ordinary user can make any number of pid namespaces. */
#define FILE_READER_HUNG_MAX_UID 4u

struct file_reader_statistics {
	uint64_t requests;
	uint64_t timeouts; /* readers that were abandoned */
	uint64_t refused; /* requests not made, because another reader waits for that device or user
			   */
	uint64_t lost;    /* readers that ended */
};

#define FILE_USER_UNKNOWN UINT32_MAX

/* A user in a pid namespace: the root of a container is not that of the machine. */
struct file_user {
	uint64_t pid_namespace;
	uint32_t uid; /* FILE_USER_UNKNOWN: the process has ended */
};

/* On whose behalf a request is made. */
struct file_requester {
	struct file_user user;
	uint32_t device_major; /* of the file; 0.0: not known */
	uint32_t device_minor;
	pid_t pid; /* of a text of /proc; 0: none */
};

struct file_reader;

/* Starts the helper process. Call before starting any thread. Returns false and sets *ret_problem
 * on failure. */
bool file_reader_start(struct file_reader **ret_reader, struct problem *ret_problem);

/* Changes how long a request may take, from FILE_READER_WAIT_NS. Call between requests. */
void file_reader_set_wait(struct file_reader *reader, uint64_t wait_ns);

/* Reports if the process that starts readers has ended or is stopped. NULL is allowed. */
void file_reader_watch(struct file_reader *reader);

/* Ends the helper process, but waits for no reader. NULL is allowed. */
void file_reader_end(struct file_reader *reader);

/* Work for the thread of the reader. `is_cancelled`: the reader ends; only free the context. */
struct file_task {
	void (*run)(void *context, bool is_cancelled);
	void *context;
	bool is_urgent; /* goes before all that wait */
};

/* Starts the thread that runs tasks; it calls `begin` first, unless that is NULL. Returns false on
 * failure. */
bool file_reader_start_thread(struct file_reader *reader, bool (*begin)(void));

/* Has the thread run a task, and does not wait. Returns false if too many are waiting, or on
 * allocation failure; then it is not run. */
bool file_reader_submit(struct file_reader *reader, const struct file_task *task);

/* Ends the thread and cancels the tasks that wait. From here on each request returns TIMEOUT. */
void file_reader_stop_thread(struct file_reader *reader);

/* Returns the user of a process. */
struct file_user file_reader_user_of(pid_t pid);

/* Returns whether a process may have memory, and its user then. Kernel threads and processes that
 * have ended have none. */
bool file_reader_has_memory(pid_t pid, struct file_user *ret_user);

/* The following requests wait at most for FILE_READER_WAIT_NS, and for that of another thread. They
 * return TIMEOUT if no answer came, otherwise the errors of the function in parentheses. The caller
 * closes descriptors. */

/* Opens the file of a mapping (mapped_open()) and reads its ELF headers. A memfd without them is
 * REFUSED. */
MUST_CHECK enum symbols_status file_reader_open(struct file_reader *reader, pid_t pid,
						const struct mapping *mapping,
						struct file_facts *ret_facts, int *ret_fd);

/* Opens the perf map of a process (perf_map_open()). */
MUST_CHECK enum symbols_status file_reader_open_perf_map(struct file_reader *reader, pid_t pid,
							 int *ret_fd);

/* A part of a file. */
struct file_part {
	uint64_t offset;
	void *buffer;
	size_t size_bytes;
};

/* Reads exactly this part of an open file. Returns CORRUPT if it ends before, or IO. */
MUST_CHECK enum symbols_status file_reader_read(struct file_reader *reader,
						const struct file_requester *requester, int fd,
						const struct file_part *part);

/* Returns what the file system says of the file now, without the build ID. */
MUST_CHECK enum symbols_status file_reader_measure(struct file_reader *reader,
						   const struct file_requester *requester, int fd,
						   struct file_facts *ret_facts);

/* Copies at most `limit_bytes` of an open file into memory. Returns LIMIT if it is larger. */
MUST_CHECK enum symbols_status file_reader_copy(struct file_reader *reader,
						const struct file_requester *requester, int fd,
						size_t limit_bytes, int *ret_fd);

/* The start of a text. */
struct file_text {
	struct proc_stat stat; /* start and threads of the process */
	size_t size_bytes;     /* that were read */
	int fd; /* for the rest, for file_reader_read_text() only; -1: none is left */
};

/* Opens the text of the mappings of a process, and reads at most part->size_bytes of it, as
 * file_reader_read_text() does. Returns NOT_FOUND if the process has ended. */
MUST_CHECK enum symbols_status file_reader_open_maps(struct file_reader *reader,
						     const struct file_requester *requester,
						     const struct file_part *part,
						     struct file_text *ret_text);

/* Reads on in an open text: at most part->size_bytes (part->offset is not used), and at most
 * FILE_READER_CHUNK_BYTES. *ret_size_bytes is 0 at the end. */
MUST_CHECK enum symbols_status file_reader_read_text(struct file_reader *reader,
						     const struct file_requester *requester, int fd,
						     const struct file_part *part,
						     size_t *ret_size_bytes);

/* Reads the start of the arguments of a process, each with its NUL: at most part->size_bytes. Also
 * returns its start and threads. Returns NOT_FOUND if the process has ended. */
MUST_CHECK enum symbols_status file_reader_read_command_line(struct file_reader *reader, pid_t pid,
							     const struct file_part *part,
							     struct proc_stat *ret_stat,
							     size_t *ret_size_bytes);

/* Returns the sums since the start. Thread-safe. */
void file_reader_get_statistics(struct file_reader *reader,
				struct file_reader_statistics *ret_statistics);

#endif
