/* record/options/old_words.h - words of earlier tools, and what diag-record has for them */
#ifndef RECORD_OPTIONS_OLD_WORDS_H
#define RECORD_OPTIONS_OLD_WORDS_H

/* Returns the options to use for a word such as "exit-monitor", with the page to read. The text is
 * static. Returns NULL for any other word. */
const char *old_words_hint(const char *word);

/* Like old_words_hint(), for the first word of a COMMAND. Returns NULL if such a program can be
 * started. */
const char *old_words_hint_of_command(const char *word);

#endif
