/* Elementary functions, long double and errno, to the digits that printf shows. */
/* harness: flags -fno-builtin -lm */
/* harness: compare */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <math.h>
#include <stdio.h>

#define ONE(f) for (unsigned i = 0; i < sizeof x / sizeof *x; i++) printf(#f "(%g) = %.13g\n", x[i], f(x[i]))
#define LONG(f) for (unsigned i = 0; i < sizeof y / sizeof *y; i++) printf(#f "(%Lg) = %.15Lg\n", y[i], f(y[i]))
#define ERR(e) do { errno = 0; volatile double r = (e); printf(#e " = %g, errno %d\n", r, errno); } while (0)

int main(void) {
    double x[] = {0.1, 0.5, 1, 0.75, 0.999}, z[] = {-3.5, -2.5, -0.4, 0, 0.5, 1.5, 2.49, 1e15 + 0.5, -1e300};
    long double y[] = {0.1L, 0.5L, 1, 0.75L, 0.999L};
    ONE(sin); ONE(cos); ONE(tan); ONE(asin); ONE(acos); ONE(atan); ONE(sinh); ONE(cosh); ONE(tanh); ONE(exp);
    ONE(log); ONE(log2); ONE(log10); ONE(log1p); ONE(expm1); ONE(exp2); ONE(cbrt); ONE(sqrt); ONE(erf); ONE(tgamma);
    ONE(lgamma); ONE(asinh);
    LONG(sinl); LONG(cosl); LONG(tanl); LONG(asinl); LONG(acosl); LONG(atanl); LONG(expl); LONG(logl); LONG(log2l);
    LONG(log10l); LONG(exp2l); LONG(sqrtl);
    for (unsigned i = 0; i < sizeof z / sizeof *z; i++) {
        long double whole;
        double w;
        int e, le;
        double m = frexp(z[i], &e);
        long double lm = frexpl(z[i], &le);
        printf("%g: %g %g %g %g %g | %Lg %Lg %Lg %Lg %Lg | %ld %ld | %g %d %Lg %d | %g %Lg\n", z[i], floor(z[i]),
               ceil(z[i]), trunc(z[i]), round(z[i]), rint(z[i]), floorl(z[i]), ceill(z[i]), truncl(z[i]), roundl(z[i]),
               rintl(z[i]), lround(z[i]), lrintl(z[i]), m, e, lm, le, modf(z[i], &w), modfl(z[i], &whole));
        printf("%g %Lg\n", w, whole);
    }
    for (int i = -3; i < 6; i++)
        printf("%g %.13g %.15Lg %.15Lg %.15Lg\n", pow(-2.5, i), pow(2.5, i + 0.3), powl(-2.5L, i), powl(2.5L, i + 0.3L),
               powl(10, 100 * i));
    printf("%g %g %Lg %Lg %g\n", fmod(7.5, -2), remainder(7.5, 2), fmodl(1e300L, 7), remainderl(-7.5L, 2), hypot(3, 4));
    printf("%Lg %Lg %Lg %Lg\n", fmaxl(1, NAN), fminl(NAN, 2), copysignl(3, -0.0L), ldexpl(1, 10000));
    printf("%d %d %d %d %d\n", fpclassify(0.0L), fpclassify(1.0L), fpclassify(INFINITY + 0.0L), fpclassify(NAN + 0.0L),
           fpclassify(1e-4945L));
    ERR(log(-1)); ERR(log(0)); ERR(sqrt(-1)); ERR(exp(1000)); ERR(exp(-1000)); ERR(pow(0, -1)); ERR(pow(-1, 0.5));
    ERR(pow(1e300, 2)); ERR(fmod(1, 0)); ERR(exp(1)); ERR(log(INFINITY)); ERR(sin(INFINITY));
    fesetround(FE_UPWARD);
    printf("%d %g %Lg\n", fegetround() == FE_UPWARD, rint(0.1), rintl(0.1L));
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
    volatile double zero = 0, inf = 1 / zero;
    printf("%d %d %g\n", fetestexcept(FE_DIVBYZERO) != 0, fetestexcept(FE_INVALID) != 0, inf);
    return 0;
}
