/* flame/command/message.h - messages of diag-flame on standard error */
#ifndef FLAME_COMMAND_MESSAGE_H
#define FLAME_COMMAND_MESSAGE_H
#include "base/problem.h"
#include "flame/tree/status.h"

#define MESSAGE_PROGRAM "diag-flame"

/* Prints `diag-flame: PATH: ...`. The path can be NULL, and is escaped; the rest is not. */
void message(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the phrase of a status; for FLAME_IO, the text of errno. */
void message_status(const char *path, enum flame_status status);

/* Prints the text of a problem, escaped. */
void message_problem(const struct problem *problem);
#endif
