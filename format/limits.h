/* format/limits.h - limits of the format, checked before any allocation (dz(5), LIMITS) */
#ifndef FORMAT_LIMITS_H
#define FORMAT_LIMITS_H

#define DZ_LIMIT_RAW_BYTES          8388608u
#define DZ_LIMIT_STORED_BYTES       9437184u
#define DZ_LIMIT_RECORDS            1048576u
#define DZ_LIMIT_COLUMNS            256u
#define DZ_LIMIT_BLOCK_VALUES       4194304u
#define DZ_LIMIT_STRING_BYTES       4096u
#define DZ_LIMIT_STACK_FRAMES       512u
#define DZ_LIMIT_DICTIONARY_ENTRIES 16777216u
#define DZ_LIMIT_GENERATIONS        1048576u
#define DZ_LIMIT_BLOCKS             67108864u
#define DZ_LIMIT_KINDS              4096u
#define DZ_LIMIT_NAME_BYTES         63u

/* All blocks together hold at most this plus a multiple of the file size, so that the time to read
 * a file is linear in its size. */
#define DZ_LIMIT_FILE_RAW_BYTES          67108864u
#define DZ_LIMIT_FILE_RAW_BYTES_PER_BYTE 256u
#define DZ_LIMIT_FILE_RECORDS            2097152u
#define DZ_LIMIT_FILE_RECORDS_PER_BYTE   64u

/* Bytes that a reader searches for a block if the file header is damaged. */
#define DZ_LIMIT_SEARCH_BYTES 16777216u

/* The walk computes checksums of at most this multiple of the file size. */
#define DZ_LIMIT_WALK_CHECKSUMS 4u

#endif
