/* record/output/output_helper.c - the helper process that creates the further files of a recording
 */
#include "record/output/output_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/output/naming.h"
#include "record/privilege/helper_process.h"
#include "record/privilege/privileges.h"

#define FILES_MAX        100000u
#define DESCRIPTOR_COUNT 3u

enum request {
	REQUEST_COUNT_FIRST,
	REQUEST_NEXT,
	REQUEST_DISCARD,
	REQUEST_REMOVE_CONTROL,
	REQUEST_END,
	REQUEST_COUNT,
};

struct request_message {
	uint64_t bytes; /* that the newest file may have; inode of a socket to remove */
	uint8_t request;
};

/* The answer to each request. To REQUEST_NEXT it comes with the descriptors of the file and of its
 * directory, and one for reading, if the file was created. */
struct answer {
	bool done;
	struct output output;
	struct problem problem;
};

struct output_helper {
	struct helper_process process;
	int reader_fd;    /* of the last file; -1: none, or taken */
	bool awaits_next; /* the answer to REQUEST_NEXT did not come in time */
};

/* Identifies a file of this recording. */
struct kept_file {
	uint32_t number; /* of its name; 0: no file */
	dev_t device;
	ino_t inode;
};

/* State of the helper process. */
struct work {
	const struct output_helper_names *names;
	int socket;
	struct output made; /* the last file; directory_fd -1: none */
	uint32_t number;    /* of the last name */
	bool has_counted_first;
	uint64_t bytes;         /* of the request */
	struct kept_file *kept; /* a ring of kept_count entries; NULL: no limit */
	uint64_t made_count;    /* files so far; modulo kept_count: the oldest entry */
};

static bool send_answer(const struct work *work, const struct answer *answer)
{
	return helper_process_send(work->socket, answer, sizeof(*answer), NULL, 0);
}

static void forget_made(struct work *work)
{
	if (work->made.file.directory_fd < 0)
		return;
	(void)close(work->made.file.fd);
	(void)close(work->made.file.directory_fd);
	work->made.file.directory_fd = -1;
}

/* Makes the path of file `number`. In a directory all names of a call have the same time. */
static bool path_of(const struct output_helper_names *names, uint32_t number, time_t now,
		    char *path)
{
	return names->directory ? file_directory_path(names->directory, now, number, path, PATH_MAX)
				: naming_piece(names->output, number, path, PATH_MAX);
}

static bool make_next(struct work *work, struct problem *ret_problem)
{
	const struct file_directory *directory = work->names->directory;
	const uint32_t first = work->names->ascending && !directory ? work->number + 1 : 1;
	const time_t now = time(NULL);
	char path[PATH_MAX];

	forget_made(work);
	for (uint32_t number = first; number < first + FILES_MAX; number++) {
		if (!path_of(work->names, number, now, path))
			return problem_set(
				ret_problem,
				"%s: name of the next file too long: choose a shorter name",
				work->names->output);
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (!output_open(path, false, &work->made, ret_problem)) {
			work->made.file.directory_fd = -1;
			return false;
		}
		work->made.stream_id = directory ? directory->stream_id : 0;
		work->number = number;
		return true;
	}
	return problem_set(ret_problem, "%s: no free name for the next file: remove old files",
			   work->names->output);
}

/* Removes a file unless another one has its name by now. */
static void remove_kept(const struct work *work, const struct kept_file *file, const char *path,
			struct problem *ret_problem)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int directory = work->made.file.directory_fd;
	struct stat status;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(status.st_mode) || status.st_dev != file->device ||
	    status.st_ino != file->inode)
		return;
	if (unlinkat(directory, name, 0) != 0 && errno != ENOENT)
		problem_set(ret_problem, "%s: cannot remove for --rotate: %s", path,
			    strerror(errno));
}

/* Replaces the oldest entry by the newest file, and removes the oldest. Allocates nothing: the
 * filter of system calls forbids it. */
static void keep(struct work *work, const struct stat *status, struct problem *ret_problem)
{
	struct kept_file *place;
	char path[PATH_MAX];

	if (!work->kept)
		return;
	place = &work->kept[work->made_count++ % work->names->kept_count];
	if (place->number && naming_piece(work->names->output, place->number, path, sizeof(path)))
		remove_kept(work, place, path, ret_problem);
	*place = (struct kept_file){work->number, status->st_dev, status->st_ino};
}

static bool count_first(struct work *work, struct answer *answer)
{
	struct stat status;

	answer->done = true;
	if (work->names->directory)
		answer->done = file_directory_prune(work->names->directory, 1, work->bytes,
						    &answer->problem);
	else if (!work->has_counted_first && lstat(work->names->output, &status) == 0)
		keep(work, &status, &answer->problem);
	work->has_counted_first = true;
	return send_answer(work, answer);
}

static bool next(struct work *work, struct answer *answer)
{
	int descriptors[DESCRIPTOR_COUNT], reader;
	struct stat status;
	bool sent;

	answer->done = make_next(work, &answer->problem);
	if (!answer->done)
		return send_answer(work, answer);
	if (work->names->directory)
		(void)file_directory_prune(work->names->directory, 1, work->bytes,
					   &answer->problem);
	else if (fstat(work->made.file.fd, &status) == 0)
		keep(work, &status, &answer->problem);
	answer->output = work->made;
	descriptors[0] = work->made.file.fd;
	descriptors[1] = work->made.file.directory_fd;
	reader = output_open_to_read(&work->made);
	/* All three come, or none. */
	descriptors[2] = reader >= 0 ? reader : work->made.file.directory_fd;
	sent = helper_process_send(work->socket, answer, sizeof(*answer), descriptors,
				   DESCRIPTOR_COUNT);
	if (reader >= 0)
		(void)close(reader);
	/* The recorder did not wait for it. */
	if (!sent)
		output_discard(&work->made);
	return sent;
}

static bool discard(struct work *work, struct answer *answer)
{
	if (work->made.file.directory_fd >= 0)
		output_discard(&work->made);
	work->made.file.directory_fd = -1;
	answer->done = true;
	return send_answer(work, answer);
}

static bool remove_control(struct work *work, struct answer *answer)
{
	struct socket_place place;

	if (work->names->control) {
		place = *work->names->control;
		place.inode = (ino_t)work->bytes;
		answer->done = socket_place_remove(&place);
	}
	return send_answer(work, answer);
}

static bool end(struct work *work, struct answer *answer)
{
	(void)work;
	(void)answer;
	return false;
}

static bool handle(struct work *work, enum request request)
{
	static bool (*const table[REQUEST_COUNT])(struct work * work, struct answer * answer) = {
		[REQUEST_COUNT_FIRST] = count_first,
		[REQUEST_NEXT] = next,
		[REQUEST_DISCARD] = discard,
		[REQUEST_REMOVE_CONTROL] = remove_control,
		[REQUEST_END] = end,
	};
	struct answer answer;

	/* All bytes are sent, padding too. */
	memset(&answer, 0, sizeof(answer));
	return request < REQUEST_COUNT && table[request](work, &answer);
}

static void serve(void *context, int socket)
{
	struct work *work = context;
	struct request_message message;

	work->socket = socket;
	while (helper_process_receive(socket, &message, sizeof(message), NULL, 0)) {
		work->bytes = message.bytes;
		if (!handle(work, message.request))
			break;
	}
}

static bool receive_answer(struct output_helper *helper, struct answer *answer)
{
	int descriptors[DESCRIPTOR_COUNT];

	if (!helper_process_receive(helper->process.socket, answer, sizeof(*answer), descriptors,
				    DESCRIPTOR_COUNT))
		return false;
	answer->output.file.fd = descriptors[0];
	answer->output.file.directory_fd = descriptors[1];
	if (descriptors[2] >= 0) {
		if (helper->reader_fd >= 0)
			(void)close(helper->reader_fd);
		helper->reader_fd = descriptors[2];
	}
	return true;
}

static bool send_message(struct output_helper *helper, enum request request, uint64_t bytes)
{
	struct request_message message;

	/* All bytes are sent, padding too. */
	memset(&message, 0, sizeof(message));
	message.request = (uint8_t)request;
	message.bytes = bytes;
	return helper_process_send(helper->process.socket, &message, sizeof(message), NULL, 0);
}

/* Removes the file that was not taken, if it is there by now. */
static bool forget_late(struct output_helper *helper)
{
	struct answer answer;

	if (!helper->awaits_next)
		return true;
	if (output_helper_is_late(helper))
		return false;
	helper->awaits_next = false;
	if (!receive_answer(helper, &answer))
		return false;
	if (!answer.done || answer.output.file.fd < 0)
		return true;
	(void)close(answer.output.file.fd);
	(void)close(answer.output.file.directory_fd);
	return send_message(helper, REQUEST_DISCARD, 0) && receive_answer(helper, &answer);
}

static bool send_request(struct output_helper *helper, enum request request, uint64_t bytes,
			 struct answer *answer)
{
	if (forget_late(helper) && send_message(helper, request, bytes) &&
	    receive_answer(helper, answer))
		return true;
	helper_process_give_up(&helper->process);
	return false;
}

bool output_helper_start(const struct output_helper_names *names, struct output_helper **ret_helper,
			 struct problem *ret_problem)
{
	struct work work = {.names = names, .made.file = {.directory_fd = -1}, .number = 1};
	const struct helper_process_role role = {
		.name = "diag-files",
		.purpose = "files",
		.keep_privileges = privileges_keep_files,
		.serve = serve,
		.context = &work,
	};
	struct output_helper *helper = calloc(1, sizeof(*helper));
	bool started = false;

	if (helper)
		helper->reader_fd = -1;
	if (names->kept_count && !names->directory)
		work.kept = calloc(names->kept_count, sizeof(*work.kept));
	if (!helper || (names->kept_count && !names->directory && !work.kept))
		problem_set(ret_problem, "out of memory");
	else
		started = helper_process_start(&role, &helper->process, ret_problem);
	free(work.kept);
	if (started)
		*ret_helper = helper;
	else
		free(helper);
	return started;
}

bool output_helper_count_first(struct output_helper *helper, uint64_t bytes,
			       struct problem *ret_problem)
{
	struct answer answer;

	if (!send_request(helper, REQUEST_COUNT_FIRST, bytes, &answer))
		return problem_set(ret_problem, "the helper process for files does not answer");
	if (!answer.done)
		*ret_problem = answer.problem;
	return answer.done;
}

bool output_helper_is_late(const struct output_helper *helper)
{
	struct pollfd place = {.fd = helper->process.socket, .events = POLLIN};

	return helper->awaits_next && poll(&place, 1, 0) == 0;
}

/* Waits a second at most for each request, and does not wait again for the same one. */
static bool request_next(struct output_helper *helper, uint64_t bytes, struct answer *answer)
{
	if (output_helper_is_late(helper))
		return false;
	errno = 0;
	if ((helper->awaits_next || send_message(helper, REQUEST_NEXT, bytes)) &&
	    receive_answer(helper, answer)) {
		helper->awaits_next = false;
		return true;
	}
	helper->awaits_next = !helper->awaits_next && errno == EAGAIN;
	if (!helper->awaits_next)
		helper_process_give_up(&helper->process);
	return false;
}

bool output_helper_next(struct output_helper *helper, uint64_t bytes, struct output *ret_output,
			struct problem *ret_problem)
{
	struct answer answer;

	if (!request_next(helper, bytes, &answer))
		return problem_set(ret_problem,
				   "cannot create the next file: the helper process for "
				   "files does not answer");
	if (!answer.done || answer.output.file.fd < 0) {
		*ret_problem = answer.problem;
		return false;
	}
	*ret_output = answer.output;
	*ret_problem = answer.problem;
	return true;
}

int output_helper_take_reader(struct output_helper *helper)
{
	int fd = helper->reader_fd;

	helper->reader_fd = -1;
	return fd;
}

void output_helper_discard(struct output_helper *helper)
{
	struct answer answer;

	(void)send_request(helper, REQUEST_DISCARD, 0, &answer);
}

void output_helper_remove_control(struct output_helper *helper, ino_t inode)
{
	struct answer answer;

	(void)send_request(helper, REQUEST_REMOVE_CONTROL, inode, &answer);
}

void output_helper_watch(const struct output_helper *helper)
{
	if (helper)
		(void)helper_process_watch(&helper->process, "files",
					   "further files cannot be created");
}

void output_helper_end(struct output_helper *helper)
{
	struct answer answer;

	if (!helper)
		return;
	(void)send_request(helper, REQUEST_END, 0, &answer);
	helper_process_end(&helper->process);
	if (helper->reader_fd >= 0)
		(void)close(helper->reader_fd);
	free(helper);
}
