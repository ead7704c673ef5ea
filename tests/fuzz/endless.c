/* tests/fuzz/endless.c - a target whose inputs take as many seconds as their first byte says */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct timespec now;

	if (size == 0)
		return 0;
	do
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while (now.tv_sec < data[0] - '0');
	return 0;
}
