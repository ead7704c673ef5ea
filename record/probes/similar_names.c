/* record/probes/similar_names.c - the names that are most like one that does not exist
 *
 * By the number of letters to add, drop or change (Levenshtein). Names of very different length are
 * not looked at, so that tens of thousands can be gone through.
 */
#include "record/probes/similar_names.h"

#include <stdio.h>
#include <string.h>

#define NEAR_DISTANCE_SHARE 3 /* at most a third of the letters may differ */

void near_names_begin(struct near_names *near, const char *wanted)
{
	*near = (struct near_names){.wanted = wanted};
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

static size_t distance_of(const char *left, size_t left_length, const char *right,
			  size_t right_length)
{
	size_t row[NEAR_NAME_BYTES + 1];

	for (size_t j = 0; j <= right_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= left_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= right_length; j++) {
			size_t above = row[j];

			row[j] = smallest(above + 1, row[j - 1] + 1,
					  diagonal + (left[i - 1] != right[j - 1]));
			diagonal = above;
		}
	}
	return row[right_length];
}

static void insert(struct near_names *near, const char *name, size_t distance)
{
	size_t at = near->count < NEAR_NAMES_MAX ? near->count++ : NEAR_NAMES_MAX - 1;

	for (; at > 0 && near->names[at - 1].distance > distance; at--)
		near->names[at] = near->names[at - 1];
	(void)snprintf(near->names[at].name, sizeof(near->names[at].name), "%s", name);
	near->names[at].distance = distance;
}

void near_names_offer(struct near_names *near, const char *name)
{
	size_t wanted = strlen(near->wanted), length = strlen(name);
	size_t limit = wanted / NEAR_DISTANCE_SHARE;
	size_t difference = wanted > length ? wanted - length : length - wanted;
	size_t distance;

	if (near->count == NEAR_NAMES_MAX && near->names[NEAR_NAMES_MAX - 1].distance <= limit)
		limit = near->names[NEAR_NAMES_MAX - 1].distance - 1;
	if (wanted >= NEAR_NAME_BYTES || length >= NEAR_NAME_BYTES || difference > limit)
		return;
	distance = distance_of(near->wanted, wanted, name, length);
	if (distance > 0 && distance <= limit)
		insert(near, name, distance);
}

void near_names_text(const struct near_names *near, char out[NEAR_NAMES_TEXT_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < near->count; i++)
		used += (size_t)snprintf(out + used, NEAR_NAMES_TEXT_MAX - used, "%s%s",
					 used ? ", " : "", near->names[i].name);
}
