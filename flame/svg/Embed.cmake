# cmake "-DSCRIPT=a.js;b.js" -DSTYLE=style.css -DOUTPUT=embedded.c -P Embed.cmake: writes the script, which is put together
# from its parts, and the style sheet as C arrays, without comment lines and indentation. A comment must start and end its
# lines, so that no string can be mistaken for one.

# Sets ${result} to the SHA-256 of the text in base64, as a Content-Security-Policy names a script.
function(hash_of text result)
  set(digits ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  string(SHA256 hex "${text}")
  set(base64 "")
  # 32 bytes, three of them (six digits) a step; the last step has two.
  foreach(at RANGE 0 60 6)
    string(SUBSTRING "${hex}00" ${at} 6 piece)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${piece} >> ${shift}) & 63")
      string(SUBSTRING "${digits}" ${index} 1 digit)
      string(APPEND base64 "${digit}")
    endforeach()
  endforeach()
  string(SUBSTRING "${base64}" 0 43 base64)
  set(${result} "${base64}=" PARENT_SCOPE)
endfunction()

function(embed name text)
  string(REGEX REPLACE "[ \t]*/\\*[^*]*\\*+([^/*][^*]*\\*+)*/[ \t]*\n" "" text "${text}")
  string(REGEX REPLACE "\n[ \t\n]+" "\n" text "${text}")
  string(REGEX REPLACE "^[ \t\n]+" "" text "${text}")
  set(embedded "${text}" PARENT_SCOPE)
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
# A script element starts with the line break after its CDATA mark.
hash_of("\n${embedded}" hash)
file(APPEND ${OUTPUT} "const char embedded_script_hash[] = \"${hash}\";\n")
embed(style "${style}")
