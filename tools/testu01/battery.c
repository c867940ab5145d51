/* Runs a battery of TestU01 on the little-endian 32-bit words of stdin.

   L'Ecuyer and Simard, "TestU01: A C library for empirical testing of random number generators" (ACM TOMS 33(4), 2007).

   battery SmallCrush | Crush | BigCrush [TEST ...]

   With numbers of tests only those run, so that processes can share a battery. The exit status is 1 if a p-value is outside
   [10^-10, 1 - 10^-10], where the authors speak of clear failure, and 2 if it could not run. */

#include <bbattery.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unif01.h>

#define FAILURE 1e-10
#define WORDS 16384
/* More than any battery has. */
#define TESTS 128

static unsigned char buffer[4 * WORDS];

static unsigned int next_word(void)
{
    static size_t next = WORDS;
    if (next == WORDS) {
        if (fread(buffer, 4, WORDS, stdin) != WORDS) {
            fputs("battery: the words ended\n", stderr);
            exit(2);
        }
        next = 0;
    }
    const unsigned char *word = buffer + 4 * next++;
    return word[0] | word[1] << 8 | word[2] << 16 | (unsigned int)word[3] << 24;
}

/* Prints the p-values of what ran; 1 if one of them is a clear failure. */
static int judge(void)
{
    int failures = 0;
    for (int test = 0; test < bbattery_NTests; test++) {
        double p = bbattery_pVal[test];
        /* What did not run is -1. */
        if (p < 0.0) continue;
        int failed = p < FAILURE || p > 1.0 - FAILURE;
        printf("%-28s p = %.3g%s\n", bbattery_TestNames[test], p, failed ? "  FAILED" : "");
        failures += failed;
    }
    printf("%d failures\n", failures);
    return failures > 0;
}

int main(int count, char **arguments)
{
    int chosen[TESTS] = {0};
    const char *name = count > 1 ? arguments[1] : "";
    for (int i = 2; i < count; i++) {
        int test = atoi(arguments[i]);
        if (test < 1 || test >= TESTS) {
            fprintf(stderr, "battery: no test %s\n", arguments[i]);
            return 2;
        }
        chosen[test] = 1;
    }
    /* Each test's report as it ends: Crush takes an hour. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    unif01_Gen *words = unif01_CreateExternGenBits("words of stdin", next_word);
    if (!strcmp(name, "SmallCrush"))
        count > 2 ? bbattery_RepeatSmallCrush(words, chosen) : bbattery_SmallCrush(words);
    else if (!strcmp(name, "Crush"))
        count > 2 ? bbattery_RepeatCrush(words, chosen) : bbattery_Crush(words);
    else if (!strcmp(name, "BigCrush"))
        count > 2 ? bbattery_RepeatBigCrush(words, chosen) : bbattery_BigCrush(words);
    else {
        fputs("battery SmallCrush | Crush | BigCrush [TEST ...]\n", stderr);
        return 2;
    }
    unif01_DeleteExternGenBits(words);
    return judge();
}
