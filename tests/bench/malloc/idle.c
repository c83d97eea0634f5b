/* bench: what resident memory of a program that says hello and has allocated once */
/* bench: allocators */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    char text[200] = {0};
    char *block = malloc(100);
    strcpy(block, "resident, idle");
    int fd = open("/proc/self/statm", O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0) return 1;
    printf("%s %ld KiB\n", block, strtol(strchr(text, ' '), 0, 10) * 4);
    free(block);
    return 0;
}
