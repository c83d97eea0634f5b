/* getopt, getopt_long and getopt_long_only on random command lines, with their messages, against glibc. */
/* harness: compare */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>
#include "../out.h"

static const char *const words[] = {"-a", "-b", "-bval", "-c", "-cval", "-ab", "-abc", "-x", "--", "-", "file", "other", "--alpha", "--al", "--alpha=3",
    "--beta", "--beta=5", "--beta=", "--gamma", "--gam=1", "--g", "--delta", "--delt", "--unknown", "--unknown=3", "-alpha", "-beta", "-be=4",
    "-Wbeta=3", "-W", "alpha", "-:", "--=", "-gamma", "-del", "--beta-two", "-bc", "-1"};
static const char *const specs[] = {"ab:c::", "+ab:c::", "-ab:c::", ":ab:c::", "+:ab:c::W;", "", "ab:c::W;", "-:abW;g"};

int main(void) {
    static int flag;
    static const struct option options[] = {{"alpha", no_argument, NULL, 'A'}, {"beta", required_argument, NULL, 'B'},
        {"beta-two", required_argument, NULL, 'B'}, {"gamma", optional_argument, &flag, 7}, {"delta", no_argument, NULL, 1000},
        {"delayed", no_argument, &flag, 9}, {NULL, 0, NULL, 0}};
    dup2(1, 2);
    for (int round = 0; round < 6000; round++) {
        char *argv[12];
        int argc = 1 + below(8);
        argv[0] = "prog";
        for (int i = 1; i < argc; i++) argv[i] = (char *)words[below(sizeof words / sizeof *words)];
        argv[argc] = NULL;
        const char *spec = specs[below(8)];
        int kind = round % 3, index = -1, found;
        optind = 0, flag = 0, opterr = round % 5 != 0;
        for (int i = 0; i < argc; i++) out_text(argv[i]), out_char(' ');
        out_text(spec), out_line();
        do {
            out_flush();
            found = kind == 0   ? getopt(argc, argv, spec)
                    : kind == 1 ? getopt_long(argc, argv, spec, options, &index)
                                : getopt_long_only(argc, argv, spec, options, &index);
            out_int(found), out_int(optind), out_int(optopt), out_int(index), out_int(flag), out_text(optarg), out_line();
        } while (found != -1);
        for (int i = 0; i < argc; i++) out_text(argv[i]), out_char(' ');
        out_line();
    }
    out_flush();
    return 0;
}
