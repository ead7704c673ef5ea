/* samples/death/main.c - dies in the way that WAY names: PROGRAM WAY; without a way it lists them
 */
#include <stdio.h>

#include "death.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs(third_ways(), stdout);
		return argc == 1 ? 0 : 2;
	}
	return first_start(argv[1]);
}
