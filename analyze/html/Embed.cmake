# cmake "-DSCRIPT=a.js;b.js" -DSTYLE=style.css -DOUTPUT=html_embedded.c -P Embed.cmake: writes the script of the page, which is
# put together from its parts, and its style sheet as C arrays.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/EmbedText.cmake)

join_script("${SCRIPT}" script)
file(READ ${STYLE} style)

file(WRITE ${OUTPUT} "#include \"analyze/html/html_embedded.h\"\n")
embed(html_script "${script}")
hash_of("${embedded}" hash)
file(APPEND ${OUTPUT} "const char html_script_hash[] = \"${hash}\";\n")
embed(html_style "${style}")
