# cmake -DSCRIPT=script.js -DSTYLE=style.css -DOUTPUT=embedded.c -P Embed.cmake: writes both as C arrays, without comment
# lines and indentation. A comment has lines of its own, so that no string can be mistaken for one.
function(embed name path)
  file(READ ${path} text)
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

file(WRITE ${OUTPUT} "#include \"flame/svg/embedded.h\"\n")
embed(script ${SCRIPT})
embed(style ${STYLE})
