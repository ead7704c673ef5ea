/* analyze/json/json_members.c - table of the members that are not fields of dz(5) */
#include "analyze/json/json_members.h"

#define START(name) "\"" #name "\":"
#define ROW(NAME, name, type, objects, meaning)                                                    \
	[JSON_MEMBER_##NAME] = {#name,                                                             \
				{START(name), sizeof(START(name)) - 1},                            \
				JSON_TYPE_##type,                                                  \
				(objects),                                                         \
				(meaning)},

const struct json_member json_members[JSON_MEMBER_COUNT] = {JSON_MEMBERS(ROW)};
