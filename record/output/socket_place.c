/* record/output/socket_place.c - the place of a socket: an open directory, and a name in it */
#include "record/output/socket_place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_directory(const char *path, const char *name)
{
	const size_t length = (size_t)(name - path);
	char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = ".";

	if (length) {
		memcpy(directory, path, length);
		directory[length] = '\0';
	}
	if (strcmp(path, SOCKET_PLACE_DEFAULT) == 0)
		(void)mkdir(SOCKET_PLACE_DEFAULT_DIRECTORY, S_IRWXU);
	return open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool socket_place_open(const char *path, struct socket_place *ret_place,
		       struct problem *ret_problem)
{
	const char *slash = strrchr(path, '/');

	*ret_place = (struct socket_place){path, slash ? slash + 1 : path, -1, 0};
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return problem_set(ret_problem, "--control %s: name too long for a socket", path);
	ret_place->directory_fd = open_directory(path, ret_place->name);
	return ret_place->directory_fd >= 0 ||
	       problem_set(ret_problem, "--control %s: cannot open the directory: %s", path,
			   strerror(errno));
}

void socket_place_address(const struct socket_place *place, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, place->path, strlen(place->path));
}

static bool find_socket(const struct socket_place *place, struct stat *ret_status)
{
	return fstatat(place->directory_fd, place->name, ret_status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISSOCK(ret_status->st_mode);
}

bool socket_place_remember(struct socket_place *place)
{
	struct stat status, by_path;

	if (!find_socket(place, &status) || lstat(place->path, &by_path) != 0 ||
	    by_path.st_ino != status.st_ino || by_path.st_dev != status.st_dev)
		return false;
	place->inode = status.st_ino;
	return true;
}

bool socket_place_remove(const struct socket_place *place)
{
	struct stat status;

	if (place->inode == 0)
		return true;
	/* Without a privilege to look, it may be there. */
	if (fstatat(place->directory_fd, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(status.st_mode) || status.st_ino != place->inode)
		return true;
	return unlinkat(place->directory_fd, place->name, 0) == 0 || errno == ENOENT;
}

void socket_place_close(struct socket_place *place)
{
	if (place->path && place->directory_fd >= 0)
		(void)close(place->directory_fd);
	*place = (struct socket_place){.directory_fd = -1};
}
