# cmake "-DSCRIPT=a.js;b.js" -DSTYLE=style.css -DOUTPUT=embedded.c -P Embed.cmake: writes the script, which is put together
# from its parts, and the style sheet as C arrays, without comment lines and indentation. A comment must start and end its
# lines, so that no string can be mistaken for one.

function(embed name text)
  string(REGEX REPLACE "[ \t]*/\\*[^*]*\\*+([^/*][^*]*\\*+)*/[ \t]*\n" "" text "${text}")
  string(REGEX REPLACE "\n[ \t\n]+" "\n" text "${text}")
  string(REGEX REPLACE "^[ \t\n]+" "" text "${text}")
  file(WRITE ${OUTPUT}.text "${text}")
  file(READ ${OUTPUT}.text bytes HEX)
  file(REMOVE ${OUTPUT}.text)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(APPEND ${OUTPUT}
    "const char embedded_${name}[] = {${bytes}};\nconst size_t embedded_${name}_size = sizeof(embedded_${name});\n")
endfunction()

# The parts share one function, so that none of their names is visible outside.
set(script "(() => {\n\"use strict\";\n")
foreach(part ${SCRIPT})
  file(READ ${part} text)
  string(APPEND script "${text}")
endforeach()
string(APPEND script "})();\n")
file(READ ${STYLE} style)

file(WRITE ${OUTPUT} "#include \"flame/svg/embedded.h\"\n")
embed(script "${script}")
embed(style "${style}")
