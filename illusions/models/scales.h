/* Exponentials and logarithms for the scales of couplings, which compilers turn into vectors. */

#include <stdint.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define SMALLEST_LOGIT (-6.0f)

/* exp(x) for x <= 0, with a relative error of 1e-7. */
ALWAYS_INLINE float exp_of_negative(float x) {
    x = x < -87.0f ? -87.0f : x; /* in this order NaN stays NaN */
    float n = __builtin_rintf(x * 1.44269504088896341f);
    float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    union {
        int32_t bits;
        float value;
    } power = {.bits = ((int32_t)n + 127) << 23};
    return p * power.value;
}

/* log(1 + x) for 0 <= x <= 1: 2 artanh(x / (2 + x)). */
ALWAYS_INLINE float log_of_one_plus(float x) {
    float z = x / (2 + x), y = z * z;
    float p = 1.0f / 15;
    p = p * y + 1.0f / 13;
    p = p * y + 1.0f / 11;
    p = p * y + 1.0f / 9;
    p = p * y + 1.0f / 7;
    p = p * y + 1.0f / 5;
    p = p * y + 1.0f / 3;
    return 2 * z * (p * y + 1);
}
