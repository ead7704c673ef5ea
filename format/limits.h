/* format/limits.h - the limits of the format, which a reader checks before it allocates (dz(5),
 * LIMITS) */
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

/* All blocks together may hold at most so much, so that the work to read a file is linear in its
 * size. */
#define DZ_LIMIT_FILE_RAW_BYTES        67108864u
#define DZ_LIMIT_FILE_RAW_BYTES_A_BYTE 256u
#define DZ_LIMIT_FILE_RECORDS          2097152u
#define DZ_LIMIT_FILE_RECORDS_A_BYTE   64u

/* How far a reader looks for a block if the file header is damaged. */
#define DZ_LIMIT_SEARCH_BYTES 16777216u

/* How often, at most, the bytes of a file are summed up to find out where its blocks are. */
#define DZ_LIMIT_WALK_CHECKSUMS 4u

#endif
