/* tests/record/session/test_control.c - record/session/control.c: the protocol of the socket */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/session/control.h"
#include "tests/record/directory.h"

#define SOCKET_NAME "control"
#define CLIENTS_MAX 8
#define LINE_MAX    512

struct fixture {
	void *directory;
	struct control *control;
	struct socket_place place;
	int epoll_fd;
	unsigned int commands;
};

static void answer_command(void *context, char *line, FILE *answer)
{
	struct fixture *fixture = context;

	fixture->commands++;
	(void)fprintf(answer, "%u %s\nok\n", fixture->commands, line);
}

static bool open_control(struct fixture *fixture, const char *path, struct problem *ret_problem)
{
	const struct control_handler handler = {fixture, answer_command};

	socket_place_close(&fixture->place);
	return socket_place_open(path, &fixture->place, ret_problem) &&
	       control_open(&fixture->place, &handler, fixture->epoll_fd, &fixture->control,
			    ret_problem);
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct problem problem;

	fixture = (struct fixture){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
	if (directory_enter(&fixture.directory) != 0 || fixture.epoll_fd < 0)
		return -1;
	*state = &fixture;
	return open_control(&fixture, SOCKET_NAME, &problem) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	(void)control_close(fixture->control);
	socket_place_close(&fixture->place);
	(void)close(fixture->epoll_fd);
	return directory_leave(&fixture->directory);
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, path, strlen(path));
	return address;
}

static int connect_client(void)
{
	const struct sockaddr_un address = address_of(SOCKET_NAME);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void send_text(int fd, const char *text, size_t size)
{
	assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), (ssize_t)size);
}

/* Asserts what has arrived, without waiting; an empty text: nothing. */
static void assert_received(int fd, const char *text)
{
	char bytes[2048];
	ssize_t size = recv(fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	if (text[0] == '\0') {
		assert_int_equal(size, -1);
		assert_int_equal(errno, EAGAIN);
		return;
	}
	assert_true(size > 0);
	bytes[size] = '\0';
	assert_string_equal(bytes, text);
}

static void assert_dropped(int fd)
{
	char byte;

	assert_true(recv(fd, &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET);
	(void)close(fd);
}

static void a_line_is_a_command(void **state)
{
	struct fixture *fixture = *state;
	int fd = connect_client();

	send_text(fd, "settings now\n", 13);
	control_serve(fixture->control);
	assert_received(fd, "1 settings now\nok\n");
	(void)close(fd);
}

static void lines_may_come_together_or_in_parts(void **state)
{
	struct fixture *fixture = *state;
	int fd = connect_client();

	send_text(fd, "one\ntwo\nthr", 11);
	control_serve(fixture->control);
	assert_received(fd, "1 one\nok\n2 two\nok\n");
	send_text(fd, "ee", 2);
	control_serve(fixture->control);
	assert_received(fd, "");
	send_text(fd, "\n\n", 2);
	control_serve(fixture->control);
	assert_received(fd, "3 three\nok\n4 \nok\n");
	(void)close(fd);
}

static void each_client_has_its_line(void **state)
{
	struct fixture *fixture = *state;
	int first = connect_client();
	int second = connect_client();

	send_text(first, "fir", 3);
	send_text(second, "second\n", 7);
	control_serve(fixture->control);
	assert_received(first, "");
	assert_received(second, "1 second\nok\n");
	send_text(first, "st\n", 3);
	control_serve(fixture->control);
	assert_received(first, "2 first\nok\n");
	(void)close(first);
	(void)close(second);
}

static void the_longest_line_is_answered(void **state)
{
	struct fixture *fixture = *state;
	char text[LINE_MAX];
	char expected[LINE_MAX + 8];
	int fd = connect_client();

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	send_text(fd, text, sizeof(text));
	control_serve(fixture->control);
	memcpy(expected, "1 ", 2);
	memcpy(expected + 2, text, sizeof(text));
	memcpy(expected + 2 + sizeof(text), "ok\n", 4);
	assert_received(fd, expected);
	(void)close(fd);
}

static void a_longer_line_drops_its_client(void **state)
{
	struct fixture *fixture = *state;
	char text[LINE_MAX];
	int fd = connect_client();
	int other = connect_client();

	memset(text, 'x', sizeof(text));
	send_text(fd, text, sizeof(text));
	send_text(other, "other\n", 6);
	control_serve(fixture->control);
	assert_received(fd, "error: the line is longer than 512 bytes\n");
	assert_dropped(fd);
	assert_received(other, "1 other\nok\n");
	(void)close(other);
}

static void a_line_without_its_end_is_not_run(void **state)
{
	struct fixture *fixture = *state;
	int fd = connect_client();

	send_text(fd, "stop", 4);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	control_serve(fixture->control);
	assert_int_equal(fixture->commands, 0);
	assert_received(fd, "error: the line has no newline\n");
	assert_dropped(fd);
}

static void a_line_with_a_null_byte_is_not_run(void **state)
{
	struct fixture *fixture = *state;
	int fd = connect_client();

	send_text(fd, "stop\0x\n", 7);
	control_serve(fixture->control);
	assert_int_equal(fixture->commands, 0);
	assert_received(fd, "error: the line has a null byte\n");
	(void)close(fd);
}

/* What a turn leaves makes the next one. */
static void a_turn_takes_few_lines_of_each_client(void **state)
{
	struct fixture *fixture = *state;
	struct epoll_event event;
	int flood = connect_client();
	int other = connect_client();

	for (size_t i = 0; i < 20; i++)
		send_text(flood, "flood\n", 6);
	send_text(other, "other\n", 6);
	control_serve(fixture->control);
	assert_int_equal(fixture->commands, 9);
	assert_received(other, "9 other\nok\n");
	assert_int_equal(epoll_wait(fixture->epoll_fd, &event, 1, 0), 1);
	control_serve(fixture->control);
	control_serve(fixture->control);
	assert_int_equal(fixture->commands, 21);
	assert_int_equal(epoll_wait(fixture->epoll_fd, &event, 1, 0), 0);
	(void)close(flood);
	(void)close(other);
}

static void a_client_that_takes_no_answers_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	int fd = connect_client();

	while (send(fd, "flood\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT) == 6)
		control_serve(fixture->control);
	assert_true(errno == EPIPE || errno == ECONNRESET);
	(void)close(fd);
	fd = connect_client();
	send_text(fd, "x\n", 2);
	fixture->commands = 0;
	control_serve(fixture->control);
	assert_received(fd, "1 x\nok\n");
	(void)close(fd);
}

static void a_thousand_connections_in_a_row_are_served(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 1; i <= 1000; i++) {
		char expected[32];
		int fd = connect_client();

		(void)snprintf(expected, sizeof(expected), "%u x\nok\n", i);
		send_text(fd, "x\n", 2);
		control_serve(fixture->control);
		assert_received(fd, expected);
		(void)close(fd);
	}
}

/* Sends a line as another user, who the mode of the socket lets in. */
static int be_another_user(void)
{
	const struct sockaddr_un address = address_of(SOCKET_NAME);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return setuid(1234) != 0 ||
	       connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	       send(fd, "stop\n", 5, MSG_NOSIGNAL) != 5;
}

static void another_user_is_refused(void **state)
{
	struct fixture *fixture = *state;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(SOCKET_NAME, 0666), 0);
	assert_int_equal(chmod(".", 0777), 0);
	pid = fork();
	if (pid == 0)
		_exit(be_another_user());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	control_serve(fixture->control);
	assert_int_equal(fixture->commands, 0);
}

static void one_client_too_many_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	int fds[CLIENTS_MAX];
	int fd;

	for (size_t i = 0; i < CLIENTS_MAX; i++)
		fds[i] = connect_client();
	control_serve(fixture->control);
	fd = connect_client();
	control_serve(fixture->control);
	assert_received(fd, "error: 8 clients are connected: try again later\n");
	assert_dropped(fd);
	/* The place of a client that has left is free again. */
	(void)close(fds[3]);
	control_serve(fixture->control);
	fds[3] = connect_client();
	send_text(fds[3], "again\n", 6);
	control_serve(fixture->control);
	assert_received(fds[3], "1 again\nok\n");
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		(void)close(fds[i]);
}

static void a_client_that_has_left_is_no_problem(void **state)
{
	struct fixture *fixture = *state;
	int fd = connect_client();

	send_text(fd, "last words\n", 11);
	(void)close(fd);
	control_serve(fixture->control);
	assert_int_equal(fixture->commands, 1);
	fd = connect_client();
	send_text(fd, "next\n", 5);
	control_serve(fixture->control);
	assert_received(fd, "2 next\nok\n");
	(void)close(fd);
}

static void the_epoll_set_reports_clients(void **state)
{
	struct fixture *fixture = *state;
	struct epoll_event event;
	int fd;

	assert_int_equal(epoll_wait(fixture->epoll_fd, &event, 1, 0), 0);
	fd = connect_client();
	assert_int_equal(epoll_wait(fixture->epoll_fd, &event, 1, 0), 1);
	control_serve(fixture->control);
	assert_int_equal(epoll_wait(fixture->epoll_fd, &event, 1, 0), 0);
	send_text(fd, "x\n", 2);
	assert_int_equal(epoll_wait(fixture->epoll_fd, &event, 1, 0), 1);
	(void)close(fd);
}

static void only_the_owner_can_connect(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat(SOCKET_NAME, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & (S_IRWXG | S_IRWXO), 0);
}

static void closing_removes_the_socket(void **state)
{
	struct fixture *fixture = *state;

	assert_true(control_close(fixture->control));
	fixture->control = NULL;
	assert_int_equal(access(SOCKET_NAME, F_OK), -1);
	assert_int_equal(errno, ENOENT);
}

static void the_socket_of_another_stays(void **state)
{
	struct fixture *fixture = *state;
	const struct sockaddr_un address = address_of(SOCKET_NAME);
	int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(rename(SOCKET_NAME, "aside"), 0);
	assert_int_equal(bind(other, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_true(control_close(fixture->control));
	fixture->control = NULL;
	assert_int_equal(access(SOCKET_NAME, F_OK), 0);
	(void)close(other);
}

/* The own socket goes from the directory where it was made, whatever its path means by then. */
static void a_directory_that_is_swapped_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct problem problem;
	int other;

	assert_true(control_close(fixture->control));
	fixture->control = NULL;
	assert_int_equal(mkdir("one", 0700), 0);
	assert_int_equal(mkdir("two", 0700), 0);
	other = open("two/" SOCKET_NAME, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(open_control(fixture, "one/" SOCKET_NAME, &problem));
	assert_int_equal(rename("one", "old"), 0);
	assert_int_equal(rename("two", "one"), 0);
	assert_true(control_close(fixture->control));
	fixture->control = NULL;
	assert_int_equal(access("one/" SOCKET_NAME, F_OK), 0);
	assert_int_equal(access("old/" SOCKET_NAME, F_OK), -1);
	(void)close(other);
	assert_int_equal(unlink("one/" SOCKET_NAME), 0);
	assert_int_equal(rmdir("one"), 0);
	assert_int_equal(rmdir("old"), 0);
}

static void a_socket_in_use_is_not_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct control *first = fixture->control;
	struct problem problem;

	assert_false(open_control(fixture, SOCKET_NAME, &problem));
	assert_string_equal(problem.text, "--control " SOCKET_NAME
					  ": cannot create a socket: Address already in use");
	fixture->control = first;
	assert_int_equal(access(SOCKET_NAME, F_OK), 0);
}

static void a_socket_that_was_left_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	const struct sockaddr_un address = address_of("left");
	int left = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct problem problem;

	assert_int_equal(bind(left, (const struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(left);
	assert_true(control_close(fixture->control));
	assert_true(open_control(fixture, "left", &problem));
}

static void another_file_is_not_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	struct problem problem;
	int fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	(void)close(fd);
	assert_true(control_close(fixture->control));
	fixture->control = NULL;
	assert_false(open_control(fixture, "file", &problem));
	assert_int_equal(stat("file", &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

static void a_name_that_is_too_long_is_reported(void **state)
{
	struct fixture *fixture = *state;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	struct problem problem;

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_true(control_close(fixture->control));
	fixture->control = NULL;
	assert_false(open_control(fixture, path, &problem));
	assert_non_null(strstr(problem.text, "name too long for a socket"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_is_a_command, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_may_come_together_or_in_parts, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(each_client_has_its_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_longest_line_is_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_longer_line_drops_its_client, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_line_without_its_end_is_not_run, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_line_with_a_null_byte_is_not_run, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_turn_takes_few_lines_of_each_client, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_client_that_takes_no_answers_is_dropped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_thousand_connections_in_a_row_are_served, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_user_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_socket_of_another_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_directory_that_is_swapped_is_left_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(one_client_too_many_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_client_that_has_left_is_no_problem, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_epoll_set_reports_clients, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_the_owner_can_connect, set_up, tear_down),
		cmocka_unit_test_setup_teardown(closing_removes_the_socket, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_socket_in_use_is_not_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_socket_that_was_left_is_replaced, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_file_is_not_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_that_is_too_long_is_reported, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
