/* symbols/status.h - the one result type of symbols/ */
#ifndef SYMBOLS_STATUS_H
#define SYMBOLS_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum symbols_status {
	SYMBOLS_OK,
	SYMBOLS_NOT_FOUND, /* sound, but what was asked for is not there */
	SYMBOLS_FOREIGN,   /* not an ELF file of a supported machine */
	SYMBOLS_CORRUPT,   /* a size, offset or encoding does not hold */
	SYMBOLS_LIMIT,     /* sound as far as read, but larger than we are willing to read */
	SYMBOLS_REFUSED, /* not a regular file, not the expected file, or not the expected owner */
	SYMBOLS_IO,      /* errno tells why */
	SYMBOLS_NO_MEMORY,
	SYMBOLS_TIMEOUT, /* a helper process was stopped by its time limit */
};

/* A static English phrase, for use after "path: ". */
const char *symbols_status_phrase(enum symbols_status status);

#endif
