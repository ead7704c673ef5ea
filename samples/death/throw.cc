/* samples/death/throw.cc - a C++ exception that no function catches */
#include <stdexcept>
#include <string>

extern "C" {
#include "death.h"
}

namespace third
{
class Parser
{
      public:
	__attribute__((noinline)) int parse(const std::string &text)
	{
		if (text.size() > 3)
			throw std::runtime_error("third: cannot parse " + text);
		return 0;
	}
};
} // namespace third

extern "C" void third_throw(void)
{
	third::Parser parser;

	parser.parse("a text");
}
