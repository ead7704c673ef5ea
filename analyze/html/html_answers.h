/* analyze/html/html_answers.h - the answers of a page, with call chains to unfold */
#ifndef ANALYZE_HTML_HTML_ANSWERS_H
#define ANALYZE_HTML_HTML_ANSWERS_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/report/answers.h"

/* Answers on a page; the deaths of other kinds are counted. */
#define HTML_ANSWERS_MAX 200u

/* Writes the section. The answers have whole stacks (style->whole). Returns false on allocation
 * failure. */
bool html_answers_write(const struct answers *answers, FILE *out);

/* Returns the word for a class as a class of the style sheet: "crashed". Static. */
const char *html_answers_class(enum cause_class class);

#endif
