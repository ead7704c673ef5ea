/* record/common/message.h - what diag-record says on stderr, always one line, control characters
 * masked */
#ifndef RECORD_COMMON_MESSAGE_H
#define RECORD_COMMON_MESSAGE_H

/* Prints "diag-record: ", the text and a newline. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
