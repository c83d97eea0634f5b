/* The child changes the environment and registers exit handlers; they are the parent's too, and no lock stays taken. */
#include "common.h"

static void nothing(void) {}

int main(int argc, char **argv)
{
    char value[16];
    for (int i = iterations(argc, argv); i > 0; i--) {
        memset(value, 'a' + i % 26, 8);
        value[8] = 0;
        CHECK(setenv("PARENT", value, 1) == 0);
        CHILD_PASSES(CHECK(strcmp(getenv("PARENT"), value) == 0); CHECK(setenv("CHILD", value, 1) == 0);
                     CHECK(unsetenv("PARENT") == 0); if (i % 64 == 0) CHECK(atexit(nothing) == 0));
        CHECK(strcmp(getenv("CHILD"), value) == 0 && !getenv("PARENT"));
        CHECK(unsetenv("CHILD") == 0);
    }
    return 0;
}
