/* tests/symbols/cyclic_debug_info.c - a function whose DWARF entry has itself as abstract origin
 *
 * Its names have invalid offsets. */
__asm__(".section .debug_abbrev,\"\",@progbits\n"
	".uleb128 1\n.uleb128 0x11\n.byte 1\n" /* compile unit with children */
	".uleb128 0x11\n.uleb128 0x01\n"       /* low_pc: address */
	".uleb128 0x12\n.uleb128 0x07\n"       /* high_pc: 8 bytes */
	".byte 0,0\n"
	".uleb128 2\n.uleb128 0x2e\n.byte 0\n" /* subprogram */
	".uleb128 0x11\n.uleb128 0x01\n"
	".uleb128 0x12\n.uleb128 0x07\n"
	".uleb128 0x31\n.uleb128 0x13\n" /* abstract_origin: reference within the unit */
	".byte 0,0\n.byte 0\n"
	".section .debug_info,\"\",@progbits\n"
	"unit: .long unit_end - unit_start\n"
	"unit_start: .2byte 4\n.long 0\n.byte 8\n"
	".uleb128 1\n.quad cyclic\n.quad 16\n"
	"self: .uleb128 2\n.quad cyclic\n.quad 16\n.long self - unit\n"
	".byte 0\n"
	"unit_end:\n"
	".text\n.globl cyclic\n.type cyclic,@function\ncyclic: .fill 16,1,0x90\n.size cyclic,16\n");
