/* flame/command/message.h - what diag-flame says on standard error */
#ifndef FLAME_COMMAND_MESSAGE_H
#define FLAME_COMMAND_MESSAGE_H
#include "flame/tree/status.h"

#define MESSAGE_PROGRAM "diag-flame"

/* `diag-flame: PATH: ...`; the path, which may be NULL, may have any bytes. */
void message(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a status; FLAME_IO says what errno does. */
void message_status(const char *path, enum flame_status status);
#endif
