/* text/page_style.h - the style sheet of flame graphs and pages: colours, fonts, controls */
#ifndef TEXT_PAGE_STYLE_H
#define TEXT_PAGE_STYLE_H
#include <stddef.h>

/*
 * text/page_style.css without comments, for a style element in HTML or SVG. It defines variables on
 * the root element, light and dark, and the rules of the controls:
 *
 *   --page, --ink, --ink-2, --ink-3, --line, --hover, --accent, --error, ...   the page
 *   --text-font, --code-font                                                   fonts
 *   --user, --library, --kernel, --jit, --inlined, --group, --unknown, --lost  frame types
 *   --crashed, --killed, --oom, --failed, --clean                              classes of deaths
 *   .top, .tools, .searching, .legend, .status, .help, .content, .tip          controls, tables
 *
 * Frame types have the colour of their middle shade in a flame graph. Text on them is dark.
 */
extern const char page_style[];
extern const size_t page_style_size;
#endif
