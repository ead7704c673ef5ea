/* tests/fuzz/replay.c - runs a fuzz target over stored files: TARGET FILE-OR-DIRECTORY... */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	/* Exactly as large, so that a sanitizer sees the first byte beyond the end. */
	uint8_t *bytes = malloc(size > 0 ? size : 1);
	size_t got;

	if (!file || !bytes) {
		perror(path);
		exit(1);
	}
	got = fread(bytes, 1, size, file);
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, got);
	free(bytes);
	return 1;
}

static int replay_directory(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);
	int replayed = 0;

	for (int i = 0; i < count; i++) {
		char name[PATH_MAX];
		struct stat status;

		if (snprintf(name, sizeof(name), "%s/%s", path, names[i]->d_name) < PATH_MAX &&
		    stat(name, &status) == 0 && S_ISREG(status.st_mode))
			replayed += replay_file(name, (size_t)status.st_size);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return replayed;
}

int main(int argc, char **argv)
{
	int replayed = 0;

	for (int i = 1; i < argc; i++) {
		struct stat status;

		if (stat(argv[i], &status) != 0) {
			perror(argv[i]);
			return 1;
		}
		replayed += S_ISDIR(status.st_mode) ? replay_directory(argv[i])
						    : replay_file(argv[i], (size_t)status.st_size);
	}
	printf("%d inputs\n", replayed);
	return replayed > 0 ? 0 : 1;
}
