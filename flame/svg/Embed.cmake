# cmake "-DSCRIPT=a.js;b.js" -DSTYLE=style.css -DOUTPUT=embedded.c -P Embed.cmake: writes the script, which is put together
# from its parts, and the style sheet as C arrays.

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

include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/EmbedText.cmake)

# The parts share one function, so that none of their names is visible outside.
set(script "(() => {\n\"use strict\";\n")
foreach(part ${SCRIPT})
  file(READ ${part} text)
  string(APPEND script "${text}")
endforeach()
string(APPEND script "})();\n")
file(READ ${STYLE} style)

file(WRITE ${OUTPUT} "#include \"flame/svg/embedded.h\"\n")
embed(embedded_script "${script}")
# A script element starts with the line break after its CDATA mark.
hash_of("\n${embedded}" hash)
file(APPEND ${OUTPUT} "const char embedded_script_hash[] = \"${hash}\";\n")
embed(embedded_style "${style}")
