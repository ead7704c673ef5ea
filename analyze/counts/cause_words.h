/* analyze/counts/cause_words.h - a cause in a few words, the same for similar ends */
#ifndef ANALYZE_COUNTS_CAUSE_WORDS_H
#define ANALYZE_COUNTS_CAUSE_WORDS_H

#include "analyze/cause/cause.h"
#include "base/buffer.h"

/* Appends the words after the class: "SIGTERM by systemd", "SIGSEGV in ExecEvalStep", "exit code
 * 7". Appends nothing for OOM and CLEAN. Names are as in the file: not escaped. */
void cause_words_put(struct buffer *out, const struct cause *cause);

/* Appends the name of the process that sent the signal, as in the file. Appends nothing if there is
 * none, or if it is unknown. */
void cause_words_put_sender(struct buffer *out, const struct cause *cause);

#endif
