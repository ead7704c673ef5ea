/* tests/record/session/test_notify.c - record/session/notify.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "record/session/notify.h"

/* A socket as the service manager has one. */
static int manager_bind(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, length);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
			 0);
	return fd;
}

static void check_message(const char *name)
{
	int manager = manager_bind(name);
	int fd = notify_open(name);
	char text[64] = "";

	assert_true(fd >= 0);
	notify_send(fd, "READY=1");
	assert_int_equal(recv(manager, text, sizeof(text) - 1, 0), 7);
	assert_string_equal(text, "READY=1");
	(void)close(manager);
	notify_send(fd, "STOPPING=1"); /* the receiver is gone: no signal, no wait */
	(void)close(fd);
}

static void path_gets_the_message(void **state)
{
	char directory[] = "/tmp/notify-XXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/socket", directory);
	check_message(path);
	(void)unlink(path);
	(void)rmdir(directory);
}

static void abstract_name_gets_the_message(void **state)
{
	char name[64];

	(void)state;
	(void)snprintf(name, sizeof(name), "@diag-notify-%d", (int)getpid());
	check_message(name);
}

static void full_socket_does_not_wait(void **state)
{
	char name[64];
	int manager;
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "@diag-full-%d", (int)getpid());
	manager = manager_bind(name);
	fd = notify_open(name);
	for (int i = 0; i < 100000; i++)
		notify_send(fd, "READY=1");
	(void)close(fd);
	(void)close(manager);
}

static void invalid_names_are_refused(void **state)
{
	char name[200];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(notify_open(NULL), -1);
	assert_int_equal(notify_open(""), -1);
	assert_int_equal(notify_open("/"), -1);
	assert_int_equal(notify_open("relative"), -1);
	assert_int_equal(notify_open("/no/such/socket"), -1);
	assert_int_equal(notify_open(name), -1);
	notify_send(-1, "READY=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_gets_the_message),
		cmocka_unit_test(abstract_name_gets_the_message),
		cmocka_unit_test(full_socket_does_not_wait),
		cmocka_unit_test(invalid_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
