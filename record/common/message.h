/* record/common/message.h - messages of diag-record on standard error */
#ifndef RECORD_COMMON_MESSAGE_H
#define RECORD_COMMON_MESSAGE_H

/* Prints "diag-record: ", the text and a newline, in one write. Escapes control characters. Never
 * waits: if standard error is full, the message is dropped, which the next one reports. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line as it is, which must end with a newline, in the same way. */
void message_hint(const char *line);

#endif
