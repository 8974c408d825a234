/* A step of flow and its gradients on processors with AMX, without leaving the cache.

   What it computes is what illusions/models/glow.py and layers.py do in PyTorch. The channels of every pixel go through
   an affine map (actnorm and 1x1 convolution in one). Then a network of convolutions 3x3, 1x1, 3x3 with ReLU between
   them turns the first half of the channels into a shift t and a raw scale s, and the second half b becomes
   (b + t) * sigmoid(max(s + 2, -6)). The convolutions multiply bfloat16 and add in float32; everything else is
   float32. Patches go through in blocks whose hidden layers stay in the second-level cache, and the backward pass
   computes them again, which costs less than to write them to memory and read them back.

   A matrix that is the right-hand side of a product lies as AMX wants it, "in pairs": the elements of rows 2i and
   2i + 1 of a column stand side by side. Rows, columns and channels are padded with zeros to multiples of 32.
*/

#include <immintrin.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scales.h"

#define BLOCK_PIXELS 256
/* GCC does not know what the instructions that load tiles read: before them, all must have been written. */
#define ALL_IS_WRITTEN __asm__ volatile("" ::: "memory")

typedef uint16_t bfloat16;

static size_t up_to_32(size_t n) { return (n + 31) / 32 * 32; }

ALWAYS_INLINE __mmask16 first_of_16(size_t n) { return n < 16 ? (__mmask16)((1u << n) - 1) : 0xffff; }

ALWAYS_INLINE bfloat16 rounded(float x) {
    return (bfloat16)_mm_cvtsi128_si32((__m128i)_mm_cvtneps_pbh(_mm_set_ss(x)));
}

ALWAYS_INLINE void store_rounded(bfloat16 *to, __mmask16 mask, __m512 x) {
    _mm256_mask_storeu_epi16(to, mask, (__m256i)_mm512_cvtneps_pbh(x));
}

/* ------------------------------------------------------------------------------------------------ products --- */

static void begin_tiles(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t columns[16];
        uint8_t rows[16];
    } __attribute__((packed)) eight_tiles = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        eight_tiles.columns[tile] = 64;
        eight_tiles.rows[tile] = 16;
    }
    ALL_IS_WRITTEN;
    _tile_loadconfig(&eight_tiles);
}

/* What happens to a product of 32 x 32 while it is in the cache. */
enum then { ADD_BIAS_AND_RELU, THROUGH_RELU, KEEP, ADD_TO_SUM };

/* The order of elements in pairs, from those of two rows. */
typedef struct {
    __m512i low, high;
} Pairing;

ALWAYS_INLINE Pairing pairing(void) {
    uint16_t low[32], high[32];
    for (int i = 0; i < 16; i++) {
        low[2 * i] = i, low[2 * i + 1] = 32 + i;
        high[2 * i] = 16 + i, high[2 * i + 1] = 48 + i;
    }
    return (Pairing){_mm512_loadu_si512(low), _mm512_loadu_si512(high)};
}

ALWAYS_INLINE void store_pairs(bfloat16 *to, Pairing order, __m512i even, __m512i odd) {
    _mm512_storeu_si512(to, _mm512_permutex2var_epi16(even, order.low, odd));
    _mm512_storeu_si512(to + 32, _mm512_permutex2var_epi16(even, order.high, odd));
}

/* (rows, inner) times (inner, columns) in pairs; all three are multiples of 32. Where `pairs` is given, the result is
   put there in pairs as well. */
ALWAYS_INLINE void product(
    enum then then, size_t rows, size_t columns, size_t inner, const bfloat16 *a, const bfloat16 *b,
    const float *bias, const bfloat16 *activation, float *column_sums, void *out, bfloat16 *pairs
) {
    Pairing order = pairing();
    float scratch[32 * 32] __attribute__((aligned(64)));
    ALL_IS_WRITTEN;
    for (size_t j = 0; j < columns; j += 32) {
        __m512 left_sum = _mm512_setzero_ps(), right_sum = _mm512_setzero_ps();
        for (size_t i = 0; i < rows; i += 32) {
            float *c = then == KEEP || then == ADD_TO_SUM ? (float *)out + i * columns + j : scratch;
            size_t stride = then == KEEP || then == ADD_TO_SUM ? columns : 32;
            if (then == ADD_TO_SUM) {
                _tile_loadd(0, c, stride * 4);
                _tile_loadd(1, c + 16, stride * 4);
                _tile_loadd(2, c + 16 * stride, stride * 4);
                _tile_loadd(3, c + 16 * stride + 16, stride * 4);
            } else {
                _tile_zero(0);
                _tile_zero(1);
                _tile_zero(2);
                _tile_zero(3);
            }
            for (size_t k = 0; k < inner; k += 32) {
                _tile_loadd(4, a + i * inner + k, inner * 2);
                _tile_loadd(6, b + k * columns + 2 * j, columns * 4);
                _tile_dpbf16ps(0, 4, 6);
                _tile_loadd(7, b + k * columns + 2 * j + 32, columns * 4);
                _tile_dpbf16ps(1, 4, 7);
                _tile_loadd(5, a + (i + 16) * inner + k, inner * 2);
                _tile_dpbf16ps(2, 5, 6);
                _tile_dpbf16ps(3, 5, 7);
            }
            _tile_stored(0, c, stride * 4);
            _tile_stored(1, c + 16, stride * 4);
            _tile_stored(2, c + 16 * stride, stride * 4);
            _tile_stored(3, c + 16 * stride + 16, stride * 4);
            __m512i even = _mm512_setzero_si512();
            for (size_t row = 0; then != KEEP && then != ADD_TO_SUM && row < 32; row++) {
                __m512 left, right;
                size_t at = (i + row) * columns + j;
                if (then == ADD_BIAS_AND_RELU) {
                    left = _mm512_add_ps(_mm512_load_ps(scratch + row * 32), _mm512_loadu_ps(bias + j));
                    right = _mm512_add_ps(_mm512_load_ps(scratch + row * 32 + 16), _mm512_loadu_ps(bias + j + 16));
                    left = _mm512_max_ps(_mm512_setzero_ps(), left); /* in this order NaN stays NaN */
                    right = _mm512_max_ps(_mm512_setzero_ps(), right);
                } else {
                    __mmask32 is_on =
                        _mm512_cmpgt_epi16_mask(_mm512_loadu_si512(activation + at), _mm512_setzero_si512());
                    left = _mm512_maskz_load_ps((__mmask16)is_on, scratch + row * 32);
                    right = _mm512_maskz_load_ps((__mmask16)(is_on >> 16), scratch + row * 32 + 16);
                    left_sum = _mm512_add_ps(left_sum, left);
                    right_sum = _mm512_add_ps(right_sum, right);
                }
                __m512i both = (__m512i)_mm512_cvtne2ps_pbh(right, left);
                _mm512_storeu_si512((bfloat16 *)out + at, both);
                if (row % 2 == 0)
                    even = both;
                else if (pairs)
                    store_pairs(pairs + (i + row - 1) * columns + 2 * j, order, even, both);
            }
        }
        if (then == THROUGH_RELU) {
            _mm512_storeu_ps(column_sums + j, _mm512_add_ps(_mm512_loadu_ps(column_sums + j), left_sum));
            _mm512_storeu_ps(column_sums + j + 16, _mm512_add_ps(_mm512_loadu_ps(column_sums + j + 16), right_sum));
        }
    }
}

/* Two rows at a time, their elements side by side; rows begin `stride` elements apart. */
static void put_in_pairs(const bfloat16 *x, size_t stride, size_t rows, size_t columns, bfloat16 *pairs) {
    Pairing order = pairing();
    for (size_t i = 0; i < rows; i += 2)
        for (size_t j = 0; j < columns; j += 32) {
            __m512i even = _mm512_loadu_si512(x + i * stride + j), odd = _mm512_loadu_si512(x + (i + 1) * stride + j);
            store_pairs(pairs + i * columns + 2 * j, order, even, odd);
        }
}

/* The transpose (columns, rows) of a matrix (rows, columns) in pairs. */
static void transpose(const bfloat16 *pairs, size_t rows, size_t columns, bfloat16 *out) {
    const uint32_t *from = (const uint32_t *)pairs;
    uint32_t *to = (uint32_t *)out;
    size_t pair_rows = rows / 2;
    for (size_t i = 0; i < pair_rows; i += 16)
        for (size_t j = 0; j < columns; j += 16) {
            __m512i a[16], b[16];
            for (int k = 0; k < 16; k++) a[k] = _mm512_loadu_si512(from + (i + k) * columns + j);
            for (int k = 0; k < 16; k += 2) {
                b[k] = _mm512_unpacklo_epi32(a[k], a[k + 1]);
                b[k + 1] = _mm512_unpackhi_epi32(a[k], a[k + 1]);
            }
            for (int k = 0; k < 16; k += 4) {
                a[k] = _mm512_unpacklo_epi64(b[k], b[k + 2]);
                a[k + 1] = _mm512_unpackhi_epi64(b[k], b[k + 2]);
                a[k + 2] = _mm512_unpacklo_epi64(b[k + 1], b[k + 3]);
                a[k + 3] = _mm512_unpackhi_epi64(b[k + 1], b[k + 3]);
            }
            for (int k = 0; k < 4; k++) {
                __m512i first = _mm512_shuffle_i32x4(a[k], a[k + 4], 0x88);
                __m512i second = _mm512_shuffle_i32x4(a[k], a[k + 4], 0xdd);
                __m512i third = _mm512_shuffle_i32x4(a[k + 8], a[k + 12], 0x88);
                __m512i fourth = _mm512_shuffle_i32x4(a[k + 8], a[k + 12], 0xdd);
                b[k] = _mm512_shuffle_i32x4(first, third, 0x88);
                b[k + 4] = _mm512_shuffle_i32x4(second, fourth, 0x88);
                b[k + 8] = _mm512_shuffle_i32x4(first, third, 0xdd);
                b[k + 12] = _mm512_shuffle_i32x4(second, fourth, 0xdd);
            }
            for (int k = 0; k < 16; k++) _mm512_storeu_si512(to + (j + k) * pair_rows + i, b[k]);
        }
}

/* ------------------------------------------------------------------------------------------- neighbourhoods --- */

/* As memcpy, which is slow for a few bytes. */
ALWAYS_INLINE void copy(bfloat16 *to, const bfloat16 *from, size_t n) {
    for (size_t i = 0; i < n; i += 32) {
        __mmask32 mask = n - i < 32 ? (1u << (n - i)) - 1 : 0xffffffff;
        _mm512_mask_storeu_epi16(to + i, mask, _mm512_maskz_loadu_epi16(mask, from + i));
    }
}

/* The 3x3 neighbourhood of every pixel (pixels, 9 * channels), zeros outside, up to the width and in rows left over. */
static void gather(
    const bfloat16 *x, size_t patches, size_t h, size_t w, size_t channels, size_t width, bfloat16 *out
) {
    size_t row = 3 * channels, pixels = patches * h * w;
    memset(out + pixels * width, 0, (up_to_32(pixels) - pixels) * width * sizeof *out);
    for (size_t patch = 0; patch < patches; patch++)
        for (size_t i = 0; i < h; i++)
            for (size_t j = 0; j < w; j++, out += width) {
                for (size_t k = 0; k < width; k += 32) _mm512_storeu_si512(out + k, _mm512_setzero_si512());
                size_t left = j ? 0 : channels, right = j + 1 < w ? 0 : channels;
                for (size_t k = 0; k < 3; k++) {
                    if (i + k < 1 || i + k > h) continue;
                    const bfloat16 *from = x + (((patch * h + i + k - 1) * w + j) * channels - channels + left);
                    copy(out + k * row + left, from, row - left - right);
                }
            }
}

/* --------------------------------------------------------------------------------------------- channel map --- */

/* y = M x + bias at every pixel; M is transposed, (channels, padded), padded to a multiple of 16. */
static void map_channels(
    const float *x, size_t pixels, size_t channels, size_t padded, const float *transposed, const float *bias, float *y
) {
    for (size_t i = 0; i < pixels; i++, x += channels, y += channels)
        for (size_t c = 0; c < channels; c += 16) {
            __m512 even = bias ? _mm512_loadu_ps(bias + c) : _mm512_setzero_ps(), odd = _mm512_setzero_ps();
            size_t k = 0;
            for (; k + 1 < channels; k += 2) {
                even = _mm512_fmadd_ps(_mm512_set1_ps(x[k]), _mm512_loadu_ps(transposed + k * padded + c), even);
                odd = _mm512_fmadd_ps(_mm512_set1_ps(x[k + 1]), _mm512_loadu_ps(transposed + (k + 1) * padded + c), odd);
            }
            if (k < channels)
                even = _mm512_fmadd_ps(_mm512_set1_ps(x[k]), _mm512_loadu_ps(transposed + k * padded + c), even);
            _mm512_mask_storeu_ps(y + c, first_of_16(channels - c), _mm512_add_ps(even, odd));
        }
}

/* Adds the sum over pixels of y times x transposed (channels, padded), and that of y. */
static void add_map_gradients(
    const float *x, const float *y, size_t pixels, size_t channels, size_t padded, float *sum, float *bias_sum
) {
    for (size_t c = 0; c < channels; c += 16) {
        __mmask16 mask = first_of_16(channels - c);
        for (size_t first = 0; first < channels; first += 8) {
            size_t n = channels - first < 8 ? channels - first : 8;
            __m512 sums[8];
            for (size_t o = 0; o < 8; o++) sums[o] = _mm512_setzero_ps();
            for (size_t i = 0; i < pixels; i++) {
                __m512 row = _mm512_maskz_loadu_ps(mask, x + i * channels + c);
                const float *from = y + i * channels + first;
                if (n == 8)
                    for (size_t o = 0; o < 8; o++) sums[o] = _mm512_fmadd_ps(_mm512_set1_ps(from[o]), row, sums[o]);
                else
                    for (size_t o = 0; o < n; o++) sums[o] = _mm512_fmadd_ps(_mm512_set1_ps(from[o]), row, sums[o]);
            }
            for (size_t o = 0; o < n; o++) {
                float *to = sum + (first + o) * padded + c;
                _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), sums[o]));
            }
        }
        __m512 total = _mm512_setzero_ps();
        for (size_t i = 0; i < pixels; i++) total = _mm512_add_ps(total, _mm512_maskz_loadu_ps(mask, y + i * channels + c));
        _mm512_storeu_ps(bias_sum + c, _mm512_add_ps(_mm512_loadu_ps(bias_sum + c), total));
    }
}

/* ---------------------------------------------------------------------------------------------- affine part --- */

/* Scale, its logarithm, and the derivative of the logarithm, of n raw scales. */
static void scales(size_t n, const float *raw, float *scale, float *log_scale, float *derivative) {
    for (size_t i = 0; i < n; i++) {
        float r = raw[i] + 2;
        float clamped = r < SMALLEST_LOGIT ? SMALLEST_LOGIT : r;
        float e = exp_of_negative(clamped < 0 ? clamped : -clamped);
        float larger = 1 / (1 + e), smaller = e * larger;
        scale[i] = clamped < 0 ? smaller : larger;
        log_scale[i] = (clamped < 0 ? clamped : 0) - log_of_one_plus(e);
        float slope = clamped < 0 ? larger : smaller;
        derivative[i] = r < SMALLEST_LOGIT ? 0 : slope;
    }
}

/* --------------------------------------------------------------------------------------------- a step --- */

/* Sizes, and the parameters laid out for the products. */
typedef struct {
    size_t h, w, channels, pixels;     /* of a patch after the squeeze */
    size_t padded;                     /* channels, to a multiple of 16 */
    size_t through, changed, outputs;  /* channels that go through, that change, and twice the latter */
    size_t hidden, around_in, around_out; /* padded: hidden channels, 9 * through, 9 * outputs */
    size_t block, rows;                /* patches that go through together, and their pixels, padded */
    size_t zeroed;                     /* bytes of the parameters and of the sums, which begin with zeros */
    bfloat16 *first, *middle, *last;   /* forwards */
    bfloat16 *first_back, *middle_back, *last_back;
    float *first_bias, *middle_bias, *last_bias;
    float *map, *map_bias, *map_back, *map_inverse; /* transposed, (channels, padded); map_back is not */
    /* A block of patches. */
    float *mapped;
    uint32_t *neighbours, *has_neighbour; /* by pixel, bits of neighbours; by neighbour, bits of pixels */
    bfloat16 *through_bf16, *around, *hidden_1, *hidden_2, *hidden_1_pairs, *hidden_2_pairs;
    float *products, *network;         /* (rows, around_out), (rows, outputs) */
    float *raw, *scale, *log_scale, *derivative; /* (rows, changed) */
    /* The same in the backward pass. */
    bfloat16 *network_grad, *around_grad, *hidden_1_grad, *hidden_2_grad, *grad_pairs;
    bfloat16 *pairs, *planes, *transposed;
    float *back_products, *through_grad, *mapped_grad;
    float *map_sum, *map_bias_sum; /* (channels, padded), (padded,) */
    float *first_sum, *middle_sum, *last_sum; /* gradients of the weights: (around_in, hidden) and so on */
    float *first_bias_sum, *middle_bias_sum, *shift_bias_sum, *raw_bias_sum;
} Step;

static _Thread_local char *space;
static _Thread_local size_t space_size;

/* A piece of memory of this thread; where there is none yet, only its size is added up. */
static void *take(size_t *used, size_t bytes, char *from) {
    void *piece = from ? from + *used : NULL;
    *used += (bytes + 127) / 64 * 64;
    return piece;
}

static size_t lay_out(Step *c, char *from, int is_backward) {
    size_t used = 0, wide = c->hidden > c->around_in ? c->hidden : c->around_in;
    if (c->around_out > wide) wide = c->around_out;
#define BF16(field, n) c->field = take(&used, (n) * sizeof(bfloat16), from)
#define FLOATS(field, n) c->field = take(&used, (n) * sizeof(float), from)
    FLOATS(map, c->channels * c->padded);
    FLOATS(map_bias, c->padded);
    FLOATS(map_inverse, c->channels * c->padded);
    BF16(first, c->around_in * c->hidden);
    BF16(middle, c->hidden * c->hidden);
    BF16(last, c->hidden * c->around_out);
    FLOATS(first_bias, c->hidden);
    FLOATS(middle_bias, c->hidden);
    FLOATS(last_bias, c->outputs);
    if (is_backward) {
        FLOATS(map_back, c->channels * c->padded);
        FLOATS(map_sum, c->channels * c->padded);
        FLOATS(map_bias_sum, c->padded);
        BF16(first_back, c->hidden * c->around_in);
        BF16(middle_back, c->hidden * c->hidden);
        BF16(last_back, c->around_out * c->hidden);
        FLOATS(first_sum, c->around_in * c->hidden);
        FLOATS(middle_sum, c->hidden * c->hidden);
        FLOATS(last_sum, c->around_out * c->hidden);
        FLOATS(first_bias_sum, c->hidden);
        FLOATS(middle_bias_sum, c->hidden);
        FLOATS(shift_bias_sum, c->padded);
        FLOATS(raw_bias_sum, c->padded);
    }
    c->zeroed = used;
    FLOATS(mapped, c->rows * c->channels);
    c->neighbours = take(&used, c->rows * sizeof(uint32_t), from);
    c->has_neighbour = take(&used, 9 * c->rows / 8, from);
    BF16(through_bf16, c->rows * c->through);
    BF16(around, c->rows * c->around_in);
    BF16(hidden_1, c->rows * c->hidden);
    BF16(hidden_2, c->rows * c->hidden);
    c->hidden_1_pairs = c->hidden_2_pairs = NULL;
    FLOATS(products, c->rows * c->around_out);
    FLOATS(network, c->rows * c->outputs);
    FLOATS(raw, c->rows * c->changed);
    FLOATS(scale, c->rows * c->changed);
    FLOATS(log_scale, c->rows * c->changed);
    FLOATS(derivative, c->rows * c->changed);
    if (is_backward) {
        BF16(network_grad, c->rows * c->outputs);
        BF16(around_grad, c->rows * c->around_out);
        BF16(hidden_1_grad, c->rows * c->hidden);
        BF16(hidden_2_grad, c->rows * c->hidden);
        BF16(hidden_1_pairs, c->rows * c->hidden);
        BF16(hidden_2_pairs, c->rows * c->hidden);
        BF16(grad_pairs, c->rows * c->hidden);
        BF16(pairs, c->rows * up_to_32(c->outputs));
        BF16(planes, c->rows * up_to_32(c->outputs));
        BF16(transposed, c->rows * wide);
        FLOATS(back_products, c->rows * c->around_in);
        FLOATS(through_grad, c->rows * c->through);
        FLOATS(mapped_grad, c->rows * c->channels);
    }
#undef BF16
#undef FLOATS
    return used;
}

/* An element of a right-hand side in pairs with this many columns. */
static size_t paired(size_t row, size_t column, size_t columns) {
    return row / 2 * 2 * columns + 2 * column + row % 2;
}

static int set_up(
    Step *c, long h, long w, long channels, long hidden, const float *const *parameters, int is_backward,
    const float *inverse
) {
    c->h = h, c->w = w, c->channels = channels, c->pixels = h * w;
    c->padded = (channels + 15) / 16 * 16;
    c->through = (channels + 1) / 2, c->changed = channels / 2, c->outputs = 2 * c->changed;
    c->hidden = up_to_32(hidden), c->around_in = up_to_32(9 * c->through), c->around_out = up_to_32(9 * c->outputs);
    c->block = c->pixels < BLOCK_PIXELS ? BLOCK_PIXELS / c->pixels : 1;
    c->rows = up_to_32(c->block * c->pixels);
    size_t needed = lay_out(c, NULL, is_backward);
    if (needed > space_size) {
        free(space);
        space = aligned_alloc(64, (needed + 63) / 64 * 64);
        space_size = space ? needed : 0;
        if (!space) return 0;
    }
    lay_out(c, space, is_backward);
    memset(space, 0, c->zeroed);
    const float *map = parameters[0], *w1 = parameters[2], *w2 = parameters[4], *w3 = parameters[6];
    memcpy(c->map_bias, parameters[1], channels * sizeof(float));
    memcpy(c->first_bias, parameters[3], hidden * sizeof(float));
    memcpy(c->middle_bias, parameters[5], hidden * sizeof(float));
    memcpy(c->last_bias, parameters[7], c->outputs * sizeof(float));
    for (size_t o = 0; o < c->channels; o++)
        for (size_t i = 0; i < c->channels; i++) {
            c->map[i * c->padded + o] = map[o * c->channels + i];
            if (is_backward) c->map_back[o * c->padded + i] = map[o * c->channels + i];
            if (inverse) c->map_inverse[i * c->padded + o] = inverse[o * c->channels + i];
        }
    for (size_t o = 0; o < (size_t)hidden; o++) {
        for (size_t i = 0; i < c->through; i++)
            for (size_t tap = 0; tap < 9; tap++) {
                bfloat16 value = rounded(w1[(o * c->through + i) * 9 + tap]);
                c->first[paired(tap * c->through + i, o, c->hidden)] = value;
                if (is_backward) c->first_back[paired(o, (8 - tap) * c->through + i, c->around_in)] = value;
            }
        for (size_t i = 0; i < (size_t)hidden; i++) {
            bfloat16 value = rounded(w2[o * hidden + i]);
            c->middle[paired(i, o, c->hidden)] = value;
            if (is_backward) c->middle_back[paired(o, i, c->hidden)] = value;
        }
    }
    for (size_t o = 0; o < c->outputs; o++)
        for (size_t i = 0; i < (size_t)hidden; i++)
            for (size_t tap = 0; tap < 9; tap++) {
                bfloat16 value = rounded(w3[(o * hidden + i) * 9 + tap]);
                c->last[paired(i, tap * c->outputs + o, c->around_out)] = value;
                if (is_backward) c->last_back[paired((8 - tap) * c->outputs + o, i, c->hidden)] = value;
            }
    begin_tiles();
    return 1;
}

/* Which of a pixel's nine neighbours are in its patch, as bits, for the pixels of so many patches. */
static void find_neighbours(Step *c, size_t patches) {
    memset(c->neighbours, 0, c->rows * sizeof *c->neighbours);
    memset(c->has_neighbour, 0, 9 * c->rows / 8);
    for (size_t pixel = 0; pixel < patches * c->pixels; pixel++) {
        size_t i = pixel % c->pixels / c->w, j = pixel % c->w;
        for (size_t tap = 0; tap < 9; tap++) {
            size_t row = i + tap / 3, column = j + tap % 3;
            if (row < 1 || row > c->h || column < 1 || column > c->w) continue;
            c->neighbours[pixel] |= 1u << tap;
            c->has_neighbour[tap * c->rows / 32 + pixel / 32] |= 1u << pixel % 32;
        }
    }
}

/* How many pixels after a pixel its neighbour comes. */
ALWAYS_INLINE ptrdiff_t neighbour(const Step *c, size_t tap) {
    return ((ptrdiff_t)(tap / 3) - 1) * (ptrdiff_t)c->w + (ptrdiff_t)(tap % 3) - 1;
}

/* Neighbourhoods again, transposed: (9 * channels, rows), and zeros up to a multiple of 32. */
static void gather_transposed(Step *c, const bfloat16 *x, size_t rows, size_t channels) {
    size_t columns = up_to_32(channels);
    put_in_pairs(x, channels, rows, columns, c->pairs);
    transpose(c->pairs, rows, columns, c->planes);
    bfloat16 *to = c->transposed;
    for (size_t tap = 0; tap < 9; tap++) {
        const uint32_t *has_neighbour = c->has_neighbour + tap * c->rows / 32;
        for (size_t channel = 0; channel < channels; channel++, to += rows) {
            const bfloat16 *from = c->planes + channel * rows + neighbour(c, tap);
            for (size_t i = 0; i < rows; i += 32)
                _mm512_storeu_si512(to + i, _mm512_maskz_loadu_epi16(has_neighbour[i / 32], from + i));
        }
    }
    memset(to, 0, (up_to_32(9 * channels) - 9 * channels) * rows * sizeof *to);
}

/* The other way: what each of its nine neighbours has for a pixel, added up; products (pixels, width). */
static void add_up(
    const Step *c, const float *products, size_t patches, size_t channels, size_t width, const float *bias, float *out
) {
    for (size_t pixel = 0; pixel < patches * c->pixels; pixel++)
        for (size_t j = 0; j < channels; j += 16) {
            __mmask16 mask = first_of_16(channels - j);
            __m512 sum = bias ? _mm512_maskz_loadu_ps(mask, bias + j) : _mm512_setzero_ps();
            __m512 other_sum = _mm512_setzero_ps();
            for (size_t tap = 0; tap < 9; tap++) {
                __mmask16 there = mask & (__mmask16) - (c->neighbours[pixel] >> tap & 1);
                const float *from = products + ((ptrdiff_t)pixel + neighbour(c, tap)) * (ptrdiff_t)width + tap * channels + j;
                if (tap % 2)
                    other_sum = _mm512_add_ps(other_sum, _mm512_maskz_loadu_ps(there, from));
                else
                    sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(there, from));
            }
            _mm512_mask_storeu_ps(out + pixel * channels + j, mask, _mm512_add_ps(sum, other_sum));
        }
}

/* Shift, scale and so on of a block of patches, from the mapped channels (pixels, channels); hidden layers are kept. */
static void run_network(Step *c, size_t patches, const float *mapped) {
    size_t pixels = patches * c->pixels, rows = up_to_32(pixels);
    for (size_t i = 0; i < pixels; i++)
        for (size_t j = 0; j < c->through; j += 16) {
            __mmask16 mask = first_of_16(c->through - j);
            __m512 through = _mm512_maskz_loadu_ps(mask, mapped + i * c->channels + j);
            store_rounded(c->through_bf16 + i * c->through + j, mask, through);
        }
    gather(c->through_bf16, patches, c->h, c->w, c->through, c->around_in, c->around);
    product(
        ADD_BIAS_AND_RELU, rows, c->hidden, c->around_in, c->around, c->first, c->first_bias, NULL, NULL, c->hidden_1,
        c->hidden_1_pairs
    );
    product(
        ADD_BIAS_AND_RELU, rows, c->hidden, c->hidden, c->hidden_1, c->middle, c->middle_bias, NULL, NULL, c->hidden_2,
        c->hidden_2_pairs
    );
    product(KEEP, rows, c->around_out, c->hidden, c->hidden_2, c->last, NULL, NULL, NULL, c->products, NULL);
    add_up(c, c->products, patches, c->outputs, c->around_out, c->last_bias, c->network);
    for (size_t i = 0; i < pixels; i++)
        for (size_t j = 0; j < c->changed; j += 16) {
            __mmask16 mask = first_of_16(c->changed - j);
            __m512 raw = _mm512_maskz_loadu_ps(mask, c->network + i * c->outputs + c->changed + j);
            _mm512_mask_storeu_ps(c->raw + i * c->changed + j, mask, raw);
        }
    scales(pixels * c->changed, c->raw, c->scale, c->log_scale, c->derivative);
}

/* Output y of x's shape (n, h, w, channels), and the log-determinant (n,) of the coupling alone. Parameters: matrix and
   bias of the map, w1, b1, w2, b2, w3, b3. Returns 0 where there is no memory. */
int step_forward(
    long n, long h, long w, long channels, long hidden, const float *const *parameters, const float *x, float *y,
    float *log_det
) {
    Step c;
    if (!set_up(&c, h, w, channels, hidden, parameters, 0, NULL)) return 0;
    for (size_t start = 0; start < (size_t)n; start += c.block) {
        size_t patches = n - start < c.block ? n - start : c.block, pixels = patches * c.pixels;
        size_t at = start * c.pixels * c.channels;
        if (start == 0 || patches < c.block) find_neighbours(&c, patches);
        map_channels(x + at, pixels, c.channels, c.padded, c.map, c.map_bias, y + at);
        run_network(&c, patches, y + at);
        for (size_t i = 0; i < pixels; i++)
            for (size_t j = 0; j < c.changed; j += 16) {
                __mmask16 mask = first_of_16(c.changed - j);
                float *to = y + at + i * c.channels + c.through + j;
                __m512 shift = _mm512_maskz_loadu_ps(mask, c.network + i * c.outputs + j);
                __m512 scale = _mm512_maskz_loadu_ps(mask, c.scale + i * c.changed + j);
                __m512 changed = _mm512_mul_ps(_mm512_add_ps(_mm512_maskz_loadu_ps(mask, to), shift), scale);
                _mm512_mask_storeu_ps(to, mask, changed);
            }
        for (size_t patch = 0; patch < patches; patch++) {
            float sum = 0;
            for (size_t i = 0; i < c.pixels * c.changed; i++) sum += c.log_scale[patch * c.pixels * c.changed + i];
            log_det[start + patch] = sum;
        }
    }
    _tile_release();
    return 1;
}

/* From the gradients at the output of the coupling those at what its network gave, and at the half that it changes; of
   one pixel. Where the mapped channels are those of the output, they are taken back to the input. */
ALWAYS_INLINE void affine_backward(Step *c, size_t i, int of_output, const float *y_grad, float log_det_grad) {
    for (size_t j = 0; j < c->changed; j += 16) {
        __mmask16 mask = first_of_16(c->changed - j);
        size_t at = i * c->channels + c->through + j, of_network = i * c->outputs + j, of_changed = i * c->changed + j;
        __m512 shift = _mm512_maskz_loadu_ps(mask, c->network + of_network);
        __m512 scale = _mm512_mask_loadu_ps(_mm512_set1_ps(1), mask, c->scale + of_changed);
        __m512 derivative = _mm512_maskz_loadu_ps(mask, c->derivative + of_changed);
        __m512 b = _mm512_maskz_loadu_ps(mask, c->mapped + at), y = b;
        if (of_output) {
            b = _mm512_sub_ps(_mm512_div_ps(y, scale), shift);
            _mm512_mask_storeu_ps(c->mapped + at, mask, b);
        } else {
            y = _mm512_mul_ps(_mm512_add_ps(b, shift), scale);
        }
        __m512 of_y = _mm512_maskz_loadu_ps(mask, y_grad + i * c->channels + c->through + j);
        __m512 of_shift = _mm512_mul_ps(of_y, scale);
        __m512 of_raw = _mm512_mul_ps(_mm512_fmadd_ps(of_y, y, _mm512_set1_ps(log_det_grad)), derivative);
        _mm512_mask_storeu_ps(c->mapped_grad + at, mask, of_shift);
        _mm512_storeu_ps(c->shift_bias_sum + j, _mm512_add_ps(_mm512_loadu_ps(c->shift_bias_sum + j), of_shift));
        _mm512_storeu_ps(c->raw_bias_sum + j, _mm512_add_ps(_mm512_loadu_ps(c->raw_bias_sum + j), of_raw));
        store_rounded(c->network_grad + of_network, mask, of_shift);
        store_rounded(c->network_grad + of_network + c->changed, mask, of_raw);
    }
}

/* The convolutions' backward pass: from network_grad to through_grad and the sums of the weights' gradients. */
static void network_backward(Step *c, size_t patches) {
    size_t rows = up_to_32(patches * c->pixels);
    gather_transposed(c, c->network_grad, rows, c->outputs);
    product(
        ADD_TO_SUM, c->around_out, c->hidden, rows, c->transposed, c->hidden_2_pairs, NULL, NULL, NULL, c->last_sum, NULL
    );
    gather(c->network_grad, patches, c->h, c->w, c->outputs, c->around_out, c->around_grad);
    product(
        THROUGH_RELU, rows, c->hidden, c->around_out, c->around_grad, c->last_back, NULL, c->hidden_2,
        c->middle_bias_sum, c->hidden_2_grad, c->grad_pairs
    );
    transpose(c->hidden_1_pairs, rows, c->hidden, c->transposed);
    product(ADD_TO_SUM, c->hidden, c->hidden, rows, c->transposed, c->grad_pairs, NULL, NULL, NULL, c->middle_sum, NULL);
    product(
        THROUGH_RELU, rows, c->hidden, c->hidden, c->hidden_2_grad, c->middle_back, NULL, c->hidden_1,
        c->first_bias_sum, c->hidden_1_grad, c->grad_pairs
    );
    gather_transposed(c, c->through_bf16, rows, c->through);
    product(ADD_TO_SUM, c->around_in, c->hidden, rows, c->transposed, c->grad_pairs, NULL, NULL, NULL, c->first_sum, NULL);
    product(
        KEEP, rows, c->around_in, c->hidden, c->hidden_1_grad, c->first_back, NULL, NULL, NULL, c->back_products, NULL
    );
    add_up(c, c->back_products, patches, c->through, c->around_in, NULL, c->through_grad);
}

/* The sums, as the parameters lie. */
static void write_sums(const Step *c, size_t hidden, float *const *sums) {
    for (size_t o = 0; o < c->channels; o++)
        memcpy(sums[0] + o * c->channels, c->map_sum + o * c->padded, c->channels * sizeof(float));
    memcpy(sums[1], c->map_bias_sum, c->channels * sizeof(float));
    for (size_t o = 0; o < hidden; o++) {
        for (size_t i = 0; i < c->through; i++)
            for (size_t tap = 0; tap < 9; tap++)
                sums[2][(o * c->through + i) * 9 + tap] = c->first_sum[(tap * c->through + i) * c->hidden + o];
        for (size_t i = 0; i < hidden; i++) sums[4][o * hidden + i] = c->middle_sum[i * c->hidden + o];
    }
    memcpy(sums[3], c->first_bias_sum, hidden * sizeof(float));
    memcpy(sums[5], c->middle_bias_sum, hidden * sizeof(float));
    for (size_t o = 0; o < c->outputs; o++)
        for (size_t i = 0; i < hidden; i++)
            for (size_t tap = 0; tap < 9; tap++)
                sums[6][(o * hidden + i) * 9 + tap] = c->last_sum[((8 - tap) * c->outputs + o) * c->hidden + i];
    memcpy(sums[7], c->shift_bias_sum, c->changed * sizeof(float));
    memcpy(sums[7] + c->changed, c->raw_bias_sum, c->changed * sizeof(float));
}

/* The gradient at the step's input (n, h, w, channels), and those of the parameters in their order.
   x is the input. Or, where `inverse` is given, the inverse of the map's matrix, x is the output: the input is then
   computed and put into `input`. */
int step_backward(
    long n, long h, long w, long channels, long hidden, const float *const *parameters, const float *x,
    const float *y_grad, const float *log_det_grad, float *x_grad, float *const *sums, const float *inverse,
    float *input
) {
    Step c;
    if (!set_up(&c, h, w, channels, hidden, parameters, 1, inverse)) return 0;
    for (size_t start = 0; start < (size_t)n; start += c.block) {
        size_t patches = n - start < c.block ? n - start : c.block, pixels = patches * c.pixels;
        size_t at = start * c.pixels * c.channels;
        if (start == 0 || patches < c.block) find_neighbours(&c, patches);
        if (inverse)
            memcpy(c.mapped, x + at, pixels * c.channels * sizeof(float));
        else
            map_channels(x + at, pixels, c.channels, c.padded, c.map, c.map_bias, c.mapped);
        run_network(&c, patches, c.mapped);
        for (size_t i = 0; i < pixels; i++)
            affine_backward(&c, i, !!inverse, y_grad + at, log_det_grad[start + i / c.pixels]);
        network_backward(&c, patches);
        for (size_t i = 0; i < pixels; i++)
            for (size_t j = 0; j < c.through; j++)
                c.mapped_grad[i * c.channels + j] =
                    y_grad[at + i * c.channels + j] + c.through_grad[i * c.through + j];
        if (inverse) {
            for (size_t i = 0; i < pixels; i++)
                for (size_t j = 0; j < c.channels; j++) c.mapped[i * c.channels + j] -= c.map_bias[j];
            map_channels(c.mapped, pixels, c.channels, c.padded, c.map_inverse, NULL, input + at);
        }
        const float *from = inverse ? input + at : x + at;
        add_map_gradients(from, c.mapped_grad, pixels, c.channels, c.padded, c.map_sum, c.map_bias_sum);
        map_channels(c.mapped_grad, pixels, c.channels, c.padded, c.map_back, NULL, x_grad + at);
    }
    write_sums(&c, hidden, sums);
    _tile_release();
    return 1;
}
