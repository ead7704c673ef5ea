# Text as a C array, without comment lines and indentation. A comment must start and end its lines, so that no string can be
# mistaken for one. Include it for embed(), or run it: cmake -DINPUT=x.css -DSYMBOL=x -DHEADER=x.h -DOUTPUT=x.c -P EmbedText.cmake

# Appends the arrays ${symbol} and ${symbol}_size to the file ${OUTPUT}. Sets ${embedded} to the bytes.
function(embed symbol text)
  string(REGEX REPLACE "[ \t]*/\\*[^*]*\\*+([^/*][^*]*\\*+)*/[ \t]*\n" "" text "${text}")
  string(REGEX REPLACE "\n[ \t\n]+" "\n" text "${text}")
  string(REGEX REPLACE "^[ \t\n]+" "" text "${text}")
  set(embedded "${text}" PARENT_SCOPE)
  file(WRITE ${OUTPUT}.text "${text}")
  file(READ ${OUTPUT}.text bytes HEX)
  file(REMOVE ${OUTPUT}.text)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(APPEND ${OUTPUT}
    "const char ${symbol}[] = {${bytes}};\nconst size_t ${symbol}_size = sizeof(${symbol});\n")
endfunction()

# Sets ${result} to a script that is put together from its parts. They share one function, so that none of their names is visible
# outside.
function(join_script parts result)
  set(script "(() => {\n\"use strict\";\n")
  foreach(part ${parts})
    file(READ ${part} text)
    string(APPEND script "${text}")
  endforeach()
  set(${result} "${script}})();\n" PARENT_SCOPE)
endfunction()

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

if(DEFINED INPUT)
  file(READ ${INPUT} text)
  file(WRITE ${OUTPUT} "#include \"${HEADER}\"\n")
  embed(${SYMBOL} "${text}")
endif()
