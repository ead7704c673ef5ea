/* tests/symbols/described_go.c - debug information as of Go: another calling convention than C
 *
 * Of the four parameters, the first is where the function stores it, the second and the third are
 * in registers, of which only the latter is for arguments in C, and the fourth is a result. */
#if defined(__aarch64__)
#define OTHER_REGISTER "0x64" /* x20 */
#define C_REGISTER     "0x53" /* x3 */
#else
#define OTHER_REGISTER "0x53" /* rbx */
#define C_REGISTER     "0x52" /* rcx */
#endif

#define GO        "0x16"
#define PARAMETER ".uleb128 4\n.asciz "

__asm__(".section .debug_abbrev,\"\",%progbits\n"
	".uleb128 1\n.uleb128 0x11\n.byte 1\n" /* compile unit with children */
	".uleb128 0x13\n.uleb128 0x0b\n"       /* language: 1 byte */
	".uleb128 0x11\n.uleb128 0x01\n"       /* low_pc: address */
	".uleb128 0x12\n.uleb128 0x07\n"       /* high_pc: 8 bytes */
	".byte 0,0\n"
	".uleb128 2\n.uleb128 0x24\n.byte 0\n" /* base type */
	".uleb128 0x03\n.uleb128 0x08\n"       /* name: string */
	".uleb128 0x3e\n.uleb128 0x0b\n"       /* encoding */
	".uleb128 0x0b\n.uleb128 0x0b\n"       /* byte_size */
	".byte 0,0\n"
	".uleb128 3\n.uleb128 0x2e\n.byte 1\n" /* subprogram with children */
	".uleb128 0x03\n.uleb128 0x08\n"
	".uleb128 0x11\n.uleb128 0x01\n"
	".uleb128 0x12\n.uleb128 0x07\n"
	".uleb128 0x3f\n.uleb128 0x0c\n" /* external: flag */
	".byte 0,0\n"
	".uleb128 4\n.uleb128 0x05\n.byte 0\n" /* formal parameter */
	".uleb128 0x03\n.uleb128 0x08\n"
	".uleb128 0x4b\n.uleb128 0x0c\n" /* variable_parameter: flag */
	".uleb128 0x49\n.uleb128 0x13\n" /* type: reference within the unit */
	".uleb128 0x02\n.uleb128 0x18\n" /* location: expression */
	".byte 0,0\n.byte 0\n"
	".section .debug_info,\"\",%progbits\n"
	"go_unit: .long go_end - go_start\n"
	"go_start: .2byte 4\n.long 0\n.byte 8\n"
	".uleb128 1\n.byte " GO "\n.quad goes\n.quad 16\n"
	"go_int: .uleb128 2\n.asciz \"int\"\n.byte 5\n.byte 8\n"
	".uleb128 3\n.asciz \"main.goes\"\n.quad goes\n.quad 16\n.byte 1\n"
	/* fbreg 8; a register; a register; fbreg 24 */
	PARAMETER "\"a\"\n.byte 0\n.long go_int - go_unit\n.byte 2, 0x91, 8\n" PARAMETER
	"\"b\"\n.byte 0\n.long go_int - go_unit\n.byte 1, " OTHER_REGISTER "\n" PARAMETER
	"\"c\"\n.byte 0\n.long go_int - go_unit\n.byte 1, " C_REGISTER "\n" PARAMETER
	"\"~r0\"\n.byte 1\n.long go_int - go_unit\n.byte 2, 0x91, 24\n"
	".byte 0\n"
	".byte 0\n"
	"go_end:\n"
	".text\n.globl goes\n.type goes,%function\ngoes: .fill 16,1,0x90\n.size goes,16\n");
