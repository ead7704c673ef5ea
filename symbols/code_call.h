/* symbols/code_call.h - kinds of call instructions, of any machine */
#ifndef SYMBOLS_CODE_CALL_H
#define SYMBOLS_CODE_CALL_H

enum code_call {
	CODE_CALL_NONE,     /* no call instruction ends there */
	CODE_CALL_INDIRECT, /* through a register or memory */
	CODE_CALL_DIRECT,
};

#endif
