/* record/options/refusal.c - the end of the program for a value that an option cannot take */
#include "record/options/refusal.h"

#include <stdlib.h>

#include "record/common/message.h"

void refusal_of_value(const char *option, const char *value, const char *reason)
{
	message("--%s %s: %s", option, value, reason);
	exit(REFUSAL_STATUS);
}
