/* The smallest C program: gcc -static -BDIR -LDIR hello.c */
#include <stdio.h>

int main(void)
{
    puts("Hello from a static C program.");
    return 0;
}
