/* analyze/report/histogram_text.c - a histogram of durations as text */
#include "analyze/report/histogram_text.h"

#include <stddef.h>

#include "text/quantity.h"

#define COUNT_COLUMN    10
#define DURATION_COLUMN 8
#define BAR_COLUMNS     40

static void write_bar(FILE *out, uint64_t part, uint64_t whole)
{
	size_t letters = whole ? (size_t)((double)part / (double)whole * BAR_COLUMNS) : 0;

	for (size_t i = 0; i < letters; i++)
		fputc('#', out);
}

static void write_bucket(const struct histogram *histogram, unsigned int bucket, FILE *out)
{
	uint64_t end =
		bucket + 1 < HISTOGRAM_BUCKETS ? histogram_bucket_start(bucket + 1) : UINT64_MAX;

	fprintf(out, "    %*s", DURATION_COLUMN,
		quantity_of_duration(histogram_bucket_start(bucket)).text);
	fprintf(out, " to %*s", DURATION_COLUMN, quantity_of_duration(end).text);
	fprintf(out, "  %*s", COUNT_COLUMN, quantity_exact(histogram->buckets[bucket]).text);
	if (histogram->buckets[bucket] > 0) {
		fputs("  ", out);
		write_bar(out, histogram->buckets[bucket], histogram_most(histogram));
	}
	fputc('\n', out);
}

/* From the first to the last bucket that is not empty, so that gaps are visible. */
void histogram_text_write(const struct histogram *histogram, const char *what, FILE *out)
{
	static const unsigned int shares[] = {50, 90, 99};

	fprintf(out, "    %s: %s", what, quantity_of_duration(histogram->min).text);
	if (histogram->count == 1) {
		fputc('\n', out);
		return;
	}
	fprintf(out, " to %s", quantity_of_duration(histogram->max).text);
	if (histogram->sum == UINT64_MAX)
		fputs(", mean unknown: the sum exceeds 64 bits", out);
	else
		fprintf(out, ", mean %s",
			quantity_of_duration(histogram->sum / histogram->count).text);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		fprintf(out, ", %u %% within %s", shares[i],
			quantity_of_duration(histogram_percentile(histogram, shares[i])).text);
	fputc('\n', out);
	for (unsigned int i = histogram_bucket(histogram->min);
	     i <= histogram_bucket(histogram->max); i++)
		write_bucket(histogram, i, out);
}
