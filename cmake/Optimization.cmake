# Optimization, for every host target of the tree.
include(CheckCCompilerFlag)
# All code is position-independent because libdz is. No function of ours is meant to be replaced at run time, so the compiler may inline.
check_c_compiler_flag(-fno-semantic-interposition DIAG_HAS_no_semantic_interposition)
if(DIAG_HAS_no_semantic_interposition)
  add_compile_options(-fno-semantic-interposition)
endif()
