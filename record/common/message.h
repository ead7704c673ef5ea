/* record/common/message.h - messages of diag-record on standard error */
#ifndef RECORD_COMMON_MESSAGE_H
#define RECORD_COMMON_MESSAGE_H

/* Prints "diag-record: ", the text and a newline, in one write. Escapes control characters. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
