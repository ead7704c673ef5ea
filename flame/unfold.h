/* flame/unfold.h - diag-flame --unfold: from a picture back to folded stacks */
#ifndef FLAME_UNFOLD_H
#define FLAME_UNFOLD_H
#include <stdbool.h>
#include <stdio.h>

/*
 * Reads the picture, whose `path` is for messages, and prints its stacks; prints why it cannot. The
 * caller looks for errors of the stream.
 */
bool unfold(int fd, const char *path, FILE *stream);
#endif
