/* tests/analyze/make_share.c - prints a file of share/: report.schema.json, exits.sql and so on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_schema.h"
#include "analyze/rows/rows.h"

static int print_schema(void)
{
	struct buffer out = {0};

	if (!json_schema_put(&out)) {
		fputs("make_share: out of memory\n", stderr);
		return EXIT_FAILURE;
	}
	fwrite(out.data, 1, out.size, stdout);
	buffer_release(&out);
	return EXIT_SUCCESS;
}

static int print_sql(const char *name)
{
	const struct rows_table *table;

	for (size_t i = 0; (table = rows_table_at(i)); i++) {
		size_t size = strlen(table->name);

		if (strncmp(name, table->name, size) != 0 || strcmp(name + size, ".sql") != 0)
			continue;
		rows_write_sql(table, stdout);
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "make_share: %s: not a file of share/\n", name);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: make_share NAME\n", stderr);
		return 2;
	}
	return strcmp(argv[1], "report.schema.json") == 0 ? print_schema() : print_sql(argv[1]);
}
