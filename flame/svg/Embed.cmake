# cmake "-DSCRIPT=a.js;b.js" -DSTYLE=style.css -DOUTPUT=embedded.c -P Embed.cmake: writes the script, which is put together
# from its parts, and the style sheet as C arrays.

include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/EmbedText.cmake)

join_script("${SCRIPT}" script)
file(READ ${STYLE} style)

file(WRITE ${OUTPUT} "#include \"flame/svg/embedded.h\"\n")
embed(embedded_script "${script}")
# A script element starts with the line break after its CDATA mark.
hash_of("\n${embedded}" hash)
file(APPEND ${OUTPUT} "const char embedded_script_hash[] = \"${hash}\";\n")
embed(embedded_style "${style}")
