/* tests/cli/recordings/server.c - crashes in a thread with a name */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

struct request {
	char *words[4];
};

static struct request *volatile request;

static __attribute__((noinline)) char *parse_line(void)
{
	return request->words[2];
}

static __attribute__((noinline)) int handle_request(void)
{
	return parse_line() != NULL;
}

static void *work(void *name)
{
	pthread_setname_np(pthread_self(), name);
	usleep(300000);
	printf("%d\n", handle_request());
	return NULL;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, "http-worker-3") == 0)
		pthread_join(thread, NULL);
	return 0;
}
