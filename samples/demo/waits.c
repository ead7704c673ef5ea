/* samples/demo/waits.c - a server that waits until it is killed */
#include <unistd.h>

static void wait_for_work(void)
{
	for (;;) {
		(void)pause();
	}
}

int main(void)
{
	wait_for_work();
	return 0;
}
