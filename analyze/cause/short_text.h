/* analyze/cause/short_text.h - the text of a cause for a line that names its class */
#ifndef ANALYZE_CAUSE_SHORT_TEXT_H
#define ANALYZE_CAUSE_SHORT_TEXT_H

#include <stdio.h>

/*
 * Writes a text of cause_text_string() without what the class says already: "killed by SIGSEGV
 * (11), segmentation fault reading 0x10 in parse_line of server" becomes "SIGSEGV reading 0x10 in
 * parse_line of server". A text about an exit code is written as it is.
 */
void short_text_write(FILE *out, const char *text);

#endif
