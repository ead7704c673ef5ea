/* samples/demo/waits.c - a server that waits until somebody kills it */
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
