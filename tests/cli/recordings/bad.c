/* tests/cli/recordings/bad.c - a program that does not compile */
int main(void)
{
	return nothing;
}
