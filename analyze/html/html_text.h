/* analyze/html/html_text.h - text in a page: whatever its bytes, they stay text */
#ifndef ANALYZE_HTML_HTML_TEXT_H
#define ANALYZE_HTML_HTML_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "analyze/trace/trace.h"

/* Bytes of a text that are written; an ellipsis follows. */
#define HTML_TEXT_MAX 2048u

/* Writes a text as content of an element or of a quoted attribute: escaped, without control
 * characters, on one line, at most HTML_TEXT_MAX bytes of it. LAYOUT_JOIN becomes a space. */
void html_text(FILE *out, const char *text);

/* The same for a text without a NUL at its end. */
void html_text_bytes(FILE *out, struct trace_text text);

/* Writes lines of text, of which each is escaped. */
void html_text_lines(FILE *out, const char *lines);

/* Writes <TAG class="CLASS">TEXT</TAG>. Tag and class are written as they are. */
void html_text_element(FILE *out, const char *tag, const char *class, const char *text);

#endif
