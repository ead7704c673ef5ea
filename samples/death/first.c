/* samples/death/first.c - the program's own library: calls the second */
#include "death.h"

int first_start(const char *how)
{
	return second_work(how) + 1;
}
