/* text/similar_names.c - finds names similar to one that does not exist
 *
 * Similarity is the number of letters to add, remove, change or exchange with their neighbour.
 * Names of very different length are skipped, so that tens of thousands of names can be compared.
 */
#include "text/similar_names.h"

#include <stdio.h>
#include <string.h>

#define SIMILAR_DISTANCE_SHARE 3 /* at most a third of the letters may differ */

void similar_names_begin(struct similar_names *similar, const char *target)
{
	*similar = (struct similar_names){.target = target};
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

static size_t distance_of(const char *left, size_t left_length, const char *right,
			  size_t right_length)
{
	size_t rows[3][SIMILAR_NAME_BYTES + 1] = {{0}};

	for (size_t j = 0; j <= right_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= left_length; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= right_length; j++) {
			row[j] = smallest(above[j] + 1, row[j - 1] + 1,
					  above[j - 1] + (left[i - 1] != right[j - 1]));
			if (i > 1 && j > 1 && left[i - 1] == right[j - 2] &&
			    left[i - 2] == right[j - 1] && second[j - 2] + 1 < row[j])
				row[j] = second[j - 2] + 1;
		}
	}
	return rows[left_length % 3][right_length];
}

static void insert(struct similar_names *similar, const char *name, size_t distance)
{
	size_t at = similar->count < SIMILAR_NAMES_MAX ? similar->count++ : SIMILAR_NAMES_MAX - 1;

	for (; at > 0 && similar->names[at - 1].distance > distance; at--)
		similar->names[at] = similar->names[at - 1];
	(void)snprintf(similar->names[at].name, sizeof(similar->names[at].name), "%s", name);
	similar->names[at].distance = distance;
}

void similar_names_offer(struct similar_names *similar, const char *name)
{
	size_t target = strlen(similar->target), length = strlen(name);
	size_t limit = target / SIMILAR_DISTANCE_SHARE;
	size_t difference = target > length ? target - length : length - target;
	size_t distance;

	if (similar->count == SIMILAR_NAMES_MAX &&
	    similar->names[SIMILAR_NAMES_MAX - 1].distance <= limit)
		limit = similar->names[SIMILAR_NAMES_MAX - 1].distance - 1;
	if (target >= SIMILAR_NAME_BYTES || length >= SIMILAR_NAME_BYTES || difference > limit)
		return;
	distance = distance_of(similar->target, target, name, length);
	if (distance > 0 && distance <= limit)
		insert(similar, name, distance);
}

void similar_names_text(const struct similar_names *similar, char out[SIMILAR_NAMES_TEXT_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < similar->count; i++)
		used += (size_t)snprintf(out + used, SIMILAR_NAMES_TEXT_MAX - used, "%s%s",
					 used ? ", " : "", similar->names[i].name);
}
