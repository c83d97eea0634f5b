/* Complex functions: inverses undo each other, identities hold to a few units in the last place, and zeros keep their signs. */
/* harness: flags -fno-builtin -lm */
#define _GNU_SOURCE
#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int failures;

static void near(int line, double complex a, double complex b, double units) {
    double distance = hypot(creal(a) - creal(b), cimag(a) - cimag(b));
    if (!(distance <= units * DBL_EPSILON * fmax(cabs(b), 1e-300)) && failures++ < 20)
        printf("line %d: %.17g%+.17gi is not %.17g%+.17gi\n", line, creal(a), cimag(a), creal(b), cimag(b));
}

#define NEAR(a, b, units) near(__LINE__, a, b, units)

/* The same numbers, signs of zeros and NaNs included. */
static void same(int line, double complex a, double re, double im) {
    int real = creal(a) == re ? !signbit(creal(a)) == !signbit(re) : isnan(creal(a)) && isnan(re);
    int imaginary = cimag(a) == im ? !signbit(cimag(a)) == !signbit(im) : isnan(cimag(a)) && isnan(im);
    if (!(real && imaginary) && failures++ < 20)
        printf("line %d: %g%+gi is not %g%+gi\n", line, creal(a), cimag(a), re, im);
}

#define SAME(a, re, im) same(__LINE__, a, re, im)

static double random_number(double most) { return (rand() / (RAND_MAX + 1.0) * 2 - 1) * most; }

static void identities(void) {
    for (int i = 0; i < 20000; i++) {
        double size = ldexp(1, rand() % 8 - 5);
        double complex z = CMPLX(random_number(size), random_number(size)), w;
        double r = cabs(z) + 1;
        NEAR(clog(cexp(CMPLX(creal(z), fmod(cimag(z), 3)))), CMPLX(creal(z), fmod(cimag(z), 3)), 40 * (1 + 1 / cabs(z)));
        NEAR(cexp(clog(z)), z, 20);
        w = csqrt(z);
        NEAR(w * w, z, 8);
        if (creal(w) < 0) NEAR(w, -w, 0);
        NEAR(csin(casin(z)), z, 200), NEAR(ccos(cacos(z)), z, 200 * (1 + 1 / cabs(z))), NEAR(ctan(catan(z)), z, 200 * r);
        NEAR(csinh(casinh(z)), z, 200), NEAR(ccosh(cacosh(z)), z, 200 * (1 + 1 / cabs(z))), NEAR(ctanh(catanh(z)), z, 200 * r);
        NEAR(csinh(z) + ccosh(z), cexp(z), 20 * (1 + cabs(csinh(z)) / cabs(cexp(z))));
        NEAR(csin(z) * csin(z) + ccos(z) * ccos(z), 1, 20 * (1 + cabs(csin(z)) * cabs(csin(z))));
        NEAR(ctan(z), csin(z) / ccos(z), 40), NEAR(ctanh(z), csinh(z) / ccosh(z), 40);
        NEAR(cpow(z, 2), z * z, 60 * r), NEAR(cpow(z, CMPLX(0.5, 0)), csqrt(z), 60 * r);
        NEAR(cexpf(z), cexp((float complex)z), 2e9), NEAR(csqrtf(z), csqrt((float complex)z), 2e9);
        NEAR(cabs(z), hypot(creal(z), cimag(z)), 2), NEAR(carg(z), atan2(cimag(z), creal(z)), 2);
        NEAR(conj(z), CMPLX(creal(z), -cimag(z)), 0), NEAR(cproj(z), z, 0);
    }
    /* Near the circle of radius 1 the logarithm of the distance is small. */
    for (double d = 1e-3; d > 1e-15; d /= 10) NEAR(creal(clog(CMPLX(1, d))), log1p(d * d) / 2, 4);
}

static void ends(void) {
    double huge = DBL_MAX / 2;
    /* Both sides of the cuts. */
    SAME(csqrt(CMPLX(-4, 0.0)), 0, 2), SAME(csqrt(CMPLX(-4, -0.0)), 0, -2);
    SAME(clog(CMPLX(-1, 0.0)), 0, M_PI), SAME(clog(CMPLX(-1, -0.0)), 0, -M_PI);
    NEAR(casin(CMPLX(2, 0.0)), CMPLX(M_PI_2, 1.3169578969248167), 4), NEAR(casin(CMPLX(2, -0.0)), CMPLX(M_PI_2, -1.3169578969248167), 4);
    NEAR(cacos(CMPLX(2, 0.0)), CMPLX(0, -1.3169578969248167), 4), NEAR(cacos(CMPLX(-2, 0.0)), CMPLX(M_PI, -1.3169578969248167), 4);
    NEAR(catanh(CMPLX(2, 0.0)), CMPLX(0.54930614433405489, M_PI_2), 4), NEAR(catanh(CMPLX(2, -0.0)), CMPLX(0.54930614433405489, -M_PI_2), 4);
    NEAR(cacosh(CMPLX(-2, 0.0)), CMPLX(1.3169578969248167, M_PI), 4), NEAR(cacosh(CMPLX(-2, -0.0)), CMPLX(1.3169578969248167, -M_PI), 4);
    /* Zeros. */
    SAME(cexp(CMPLX(0, -0.0)), 1, -0.0), SAME(csin(CMPLX(-0.0, 0.0)), -0.0, 0), SAME(csinh(CMPLX(0, -0.0)), 0, -0.0);
    SAME(ctanh(CMPLX(-0.0, 0.0)), -0.0, 0), SAME(csqrt(CMPLX(-0.0, -0.0)), 0, -0.0), SAME(clog(CMPLX(0, 0)), -INFINITY, 0);
    SAME(casinh(CMPLX(-0.0, 0.0)), -0.0, 0), SAME(catanh(CMPLX(0, -0.0)), 0, -0.0), SAME(clog(CMPLX(-0.0, 0)), -INFINITY, M_PI);
    /* Infinities and NaN. */
    SAME(csqrt(CMPLX(NAN, INFINITY)), INFINITY, INFINITY), SAME(csqrt(CMPLX(-INFINITY, 1)), 0, INFINITY), SAME(csqrt(CMPLX(INFINITY, -1)), INFINITY, -0.0);
    SAME(cexp(CMPLX(-INFINITY, 1)), 0, 0), SAME(cexp(CMPLX(INFINITY, 0)), INFINITY, 0), SAME(cexp(CMPLX(NAN, 0)), NAN, 0);
    SAME(ctanh(CMPLX(INFINITY, 1)), 1, 0), SAME(clog(CMPLX(INFINITY, NAN)), INFINITY, NAN), SAME(cproj(CMPLX(-INFINITY, -1)), INFINITY, -0.0);
    if (!isinf(cabs(CMPLX(NAN, -INFINITY)))) failures++;
    /* Large ones do not overflow on the way. */
    NEAR(csqrt(CMPLX(huge, huge)), huge / 1e154 * csqrt(CMPLX(1, 1)) * (1e154 / sqrt(huge)), 20);
    NEAR(clog(CMPLX(huge, huge)), CMPLX(log(huge) + M_LN2 / 2, M_PI_4), 4);
    NEAR(casinh(CMPLX(1e200, 1e200)), CMPLX(log(2) + 200 * M_LN10 + M_LN2 / 2, M_PI_4), 4);
    NEAR(cacos(CMPLX(1e200, 1e200)), CMPLX(M_PI_4, -(log(2) + 200 * M_LN10 + M_LN2 / 2)), 4);
}

int main(void) {
    identities();
    ends();
    return failures != 0;
}
