/* analyze/html/html_page.h - a trace as one page, complete without its script and without a network
 */
#ifndef ANALYZE_HTML_HTML_PAGE_H
#define ANALYZE_HTML_HTML_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/html/html_flame.h"
#include "analyze/report/report_request.h"

/* How every page starts, and no other HTML. */
#define HTML_PAGE_START       "<!DOCTYPE html>\n<!-- page of diag-report -->\n"
#define HTML_PAGE_START_BYTES (sizeof(HTML_PAGE_START) - 1)

struct html_page {
	const struct report *report; /* a loaded trace; its `out` is not used */
	struct html_flames *flames;  /* the same files; not read yet */
	bool with_command;           /* show the command line of the recorder */
};

/* Returns whether a file that starts with these bytes, at least HTML_PAGE_START_BYTES, is a page.
 */
bool html_page_recognizes(const char *start, size_t size);

/* Writes the page. The caller must check the stream for errors. Returns false on allocation
 * failure; the file is then incomplete. */
bool html_page_write(const struct html_page *page, FILE *out);

#endif
