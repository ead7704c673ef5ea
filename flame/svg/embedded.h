/* flame/svg/embedded.h - the script and the style sheet that every flame graph contains */
#ifndef FLAME_SVG_EMBEDDED_H
#define FLAME_SVG_EMBEDDED_H
#include <stddef.h>

/* flame/svg/script/ and flame/svg/style.css, without comments and indentation (Embed.cmake). */
extern const char embedded_script[];
extern const size_t embedded_script_size;
/* SHA-256 of the content of the script element, in base64. */
extern const char embedded_script_hash[];
extern const char embedded_style[];
extern const size_t embedded_style_size;
#endif
