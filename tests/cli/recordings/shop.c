/* tests/cli/recordings/shop.c - orders that compute, wait, and share one CPU */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sdt.h>
#include <time.h>
#include <unistd.h>

#define ORDERS 12
#define MS     1000000

static pthread_mutex_t stock = PTHREAD_MUTEX_INITIALIZER;
static volatile bool is_over;

/* Computes for a time of this thread's own clock. */
static __attribute__((noinline)) void compute(int64_t ns)
{
	struct timespec now;
	int64_t start;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	start = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while (now.tv_sec * INT64_C(1000000000) + now.tv_nsec - start < ns);
}

__attribute__((noinline)) int check_order(int number, const char *customer)
{
	DTRACE_PROBE2(shop, order, number, customer);
	compute(10 * MS);
	return number % 5 == 0 ? -1 : number * 100;
}

static __attribute__((noinline)) void take_from_stock(void)
{
	pthread_mutex_lock(&stock);
	pthread_mutex_unlock(&stock);
	compute(20 * MS);
}

static __attribute__((noinline)) void store_order(int number)
{
	int fd = open("orders", O_WRONLY | O_CREAT | O_APPEND, 0600);

	dprintf(fd, "%d\n", number);
	fsync(fd);
	close(fd);
	usleep(15000);
}

static void pin(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
}

/* Holds the stock for 30 ms at a time. */
static void *count_stock(void *name)
{
	pthread_setname_np(pthread_self(), name);
	while (!is_over) {
		pthread_mutex_lock(&stock);
		usleep(30000);
		pthread_mutex_unlock(&stock);
		usleep(5000);
	}
	return NULL;
}

/* Takes the CPU of the orders. */
static void *print_labels(void *name)
{
	pthread_setname_np(pthread_self(), name);
	pin();
	while (!is_over)
		compute(5 * MS);
	return NULL;
}

int main(void)
{
	static const char *const customers[] = {"Ada", "Grace", "Edsger"};
	pthread_t threads[2];

	pin();
	if (pthread_create(&threads[0], NULL, count_stock, "stock") != 0 ||
	    pthread_create(&threads[1], NULL, print_labels, "labels") != 0)
		return 1;
	for (int number = 1; number <= ORDERS; number++) {
		if (check_order(number, customers[number % 3]) < 0)
			continue;
		take_from_stock();
		store_order(number);
	}
	is_over = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
