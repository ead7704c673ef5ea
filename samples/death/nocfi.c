/* samples/death/nocfi.c - dies in code without call frame information: PROGRAM WAY
 *
 * Built without unwind tables and with frame pointers. The assembly functions have no frame
 * pointers, and one of them has garbage in the register. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int sink;
static int *volatile null;

/* Their frames differ: pushes and room for variables, one without a size, and a frame
 * pointer that leads to words which are code but not return addresses. */
__asm__(".text\n"
	".globl assembly_leaf\n"
	".type assembly_leaf,@function\n"
	"assembly_leaf:\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	sub $40, %rsp\n"
	"	xor %eax, %eax\n"
	"	mov %eax, (%rax)\n"
	"	add $40, %rsp\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	ret\n"
	".size assembly_leaf, .-assembly_leaf\n"
	".globl assembly_without_size\n"
	"assembly_without_size:\n"
	"	sub $8, %rsp\n"
	"	call assembly_leaf\n"
	"	add $8, %rsp\n"
	"	ret\n"
	".globl assembly_garbage\n"
	".type assembly_garbage,@function\n"
	"assembly_garbage:\n"
	"	push %rbp\n"
	"	lea assembly_leaf(%rip), %rax\n"
	"	push %rax\n"
	"	push %rax\n"
	"	mov %rsp, %rbp\n"
	"	jmp 1f\n"
	"1:	pop %rax\n"
	"	push %rax\n"
	"	xor %eax, %eax\n"
	"	mov %eax, (%rax)\n"
	"	ud2\n"
	".size assembly_garbage, .-assembly_garbage\n"
	/* As Go's runtime, which runs a function on the stack of the thread: top, function. */
	".globl \"runtime.systemstack\"\n"
	".type \"runtime.systemstack\",@function\n"
	"\"runtime.systemstack\":\n"
	"	push %rbx\n"
	"	mov %rsp, %rbx\n"
	"	mov %rdi, %rsp\n"
	"	call *%rsi\n"
	"	mov %rbx, %rsp\n"
	"	pop %rbx\n"
	"	ret\n"
	".size \"runtime.systemstack\", .-\"runtime.systemstack\"\n");

void system_stack(void *top, void (*function)(void)) __asm__("runtime.systemstack");
void assembly_leaf(void);
void assembly_without_size(void);
void assembly_garbage(void);

__attribute__((noinline)) void bare_crash(void)
{
	*null = 1;
}

/* A direct call of bytes that are not executable. */
static unsigned char bare_data[4096] __attribute__((aligned(4096), used)) = {0xc3};

__attribute__((noinline)) void bare_call_data(void)
{
	((void (*)(void))(void *)bare_data)();
	sink++;
}

/* Its own frame is the one that the frame pointer leaves out. */
__attribute__((noinline)) void bare_switch(void)
{
	static unsigned char other_stack[65536] __attribute__((aligned(16)));

	system_stack(other_stack + sizeof(other_stack), bare_crash);
	sink++;
}

static const struct {
	const char *name;
	void (*die)(void);
} ways[] = {
	{"crash", bare_crash},
	{"abort", abort},
	{"assembly", assembly_without_size},
	{"garbage", assembly_garbage},
	{"data", bare_call_data},
	{"switch", bare_switch},
};

__attribute__((noinline)) void bare_inner(const char *way)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, way) == 0)
			ways[i].die();
	if (strcmp(way, "exit") == 0)
		exit(4);
	sink++;
}

__attribute__((noinline)) void bare_outer(const char *way)
{
	bare_inner(way);
	sink++;
}

int main(int argc, char **argv)
{
	bare_outer(argc > 1 ? argv[1] : "");
	return 2;
}
