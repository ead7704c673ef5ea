/* analyze/html/html_embedded.h - the script and the style sheet that every page contains */
#ifndef ANALYZE_HTML_HTML_EMBEDDED_H
#define ANALYZE_HTML_HTML_EMBEDDED_H

#include <stddef.h>

/* analyze/html/script/ and analyze/html/style.css, without comments and indentation (Embed.cmake).
 * The style sheet follows text/page_style.css. */
extern const char html_script[];
extern const size_t html_script_size;
/* SHA-256 of html_script, in base64. */
extern const char html_script_hash[];
extern const char html_style[];
extern const size_t html_style_size;

#endif
