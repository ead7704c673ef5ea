/* samples/demo/fails.c - a program that its configuration reader ends with status 42 */
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void config_error(const char *path)
{
	(void)fprintf(stderr, "demo-fails: %s: no such setting\n", path);
	exit(42);
}

static void config_read(const char *path)
{
	char line[64];
	FILE *file = fopen(path, "r");
	if (!file || !fgets(line, sizeof(line), file) || line[0] != '[') {
		config_error(path);
	}
	(void)fclose(file);
}

int main(void)
{
	config_read("/dev/null");
	return 0;
}
