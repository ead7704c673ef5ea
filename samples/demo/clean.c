/* samples/demo/clean.c - does its work and ends with status 0 */
#include <stdio.h>

int main(void)
{
	return puts("demo-clean: all is well") < 0;
}
