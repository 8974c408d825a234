/* The network inside a coupling in float32, without gradients: conv3x3(relu(conv1x1(relu(conv3x3(x))))).

   Patches go through in blocks whose hidden layers stay in the cache. Channels come last. Every convolution is a
   product of pixels and weights: ROWS pixels and three vectors of outputs at a time are added up in registers. The
   first convolution reads the three lines around a pixel from patches with a border of zeros. The last one multiplies
   every pixel once with the weights of all nine neighbours, and then adds up what each pixel has for another.

   Weights are matrices (inputs, outputs) whose outputs are padded with zeros to a multiple of 16.
*/

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define BLOCK_PIXELS 256
#define PADDED_TO 16

#ifdef __AVX512F__
typedef __m512 Vector;
#define LANES 16
#define ROWS 8
#define load _mm512_loadu_ps
#define store _mm512_storeu_ps
#define all _mm512_set1_ps
#define multiply_add _mm512_fmadd_ps
#define largest _mm512_max_ps
#else
typedef __m256 Vector;
#define LANES 8
#define ROWS 4
#define load _mm256_loadu_ps
#define store _mm256_storeu_ps
#define all _mm256_set1_ps
#define multiply_add _mm256_fmadd_ps
#define largest _mm256_max_ps
#endif

static size_t up_to(size_t multiple, size_t n) { return (n + multiple - 1) / multiple * multiple; }

/* ROWS pixels times `vectors` vectors of outputs. Each pixel has `lines` lines of `length` inputs, `line` apart. */
ALWAYS_INLINE void outputs_of_rows(
    int vectors, size_t lines, size_t line, size_t length, const float *const *rows, const float *weight, size_t width,
    const float *bias, float *out
) {
    Vector sum[ROWS][3];
    for (int row = 0; row < ROWS; row++)
        for (int j = 0; j < vectors; j++) sum[row][j] = bias ? load(bias + j * LANES) : all(0);
    for (size_t i = 0; i < lines; i++)
        for (size_t k = 0; k < length; k++, weight += width) {
            Vector w[3];
            for (int j = 0; j < vectors; j++) w[j] = load(weight + j * LANES);
            for (int row = 0; row < ROWS; row++) {
                Vector x = all(rows[row][i * line + k]);
                for (int j = 0; j < vectors; j++) sum[row][j] = multiply_add(x, w[j], sum[row][j]);
            }
        }
    for (int row = 0; row < ROWS; row++)
        for (int j = 0; j < vectors; j++) /* in this order of largest NaN stays NaN */
            store(out + row * width + j * LANES, bias ? largest(all(0), sum[row][j]) : sum[row][j]);
}

/* (pixels, inputs) times (inputs, width); with a bias also its addition and a ReLU. */
static void product(
    size_t pixels, size_t lines, size_t line, size_t length, const float *const *rows, const float *weight,
    size_t width, const float *bias, float *out
) {
    for (size_t j = 0; j < width;) {
        size_t vectors = (width - j) / LANES < 3 ? (width - j) / LANES : 3;
        for (size_t i = 0; i < pixels; i += ROWS) {
            const float *of_bias = bias ? bias + j : NULL;
            float *to = out + i * width + j;
            if (vectors == 3)
                outputs_of_rows(3, lines, line, length, rows + i, weight + j, width, of_bias, to);
            else if (vectors == 2)
                outputs_of_rows(2, lines, line, length, rows + i, weight + j, width, of_bias, to);
            else
                outputs_of_rows(1, lines, line, length, rows + i, weight + j, width, of_bias, to);
        }
        j += vectors * LANES;
    }
}

/* Patches (h, w, inputs) with a border of zeros. */
static void pad(const float *x, size_t patches, size_t h, size_t w, size_t inputs, float *out) {
    size_t line = (w + 2) * inputs;
    for (size_t patch = 0; patch < patches; patch++)
        for (size_t i = 0; i < h; i++, x += w * inputs)
            memcpy(out + (patch * (h + 2) + i + 1) * line + inputs, x, w * inputs * sizeof *x);
}

/* What each of its nine neighbours has for a pixel, added up; products (pixels, width). */
static void add_up(
    const float *products, size_t patches, size_t h, size_t w, size_t outputs, size_t width, const float *bias,
    float *out
) {
    for (size_t patch = 0; patch < patches; patch++, products += h * w * width)
        for (size_t i = 0; i < h; i++)
            for (size_t j = 0; j < w; j++, out += outputs) {
                for (size_t o = 0; o < outputs; o++) out[o] = bias[o];
                for (size_t tap = 0; tap < 9; tap++) {
                    size_t line = i + tap / 3, column = j + tap % 3; /* of the neighbour, counted from 1 */
                    if (line < 1 || line > h || column < 1 || column > w) continue;
                    const float *from = products + ((line - 1) * w + column - 1) * width + tap * outputs;
                    for (size_t o = 0; o < outputs; o++) out[o] += from[o];
                }
            }
}

/* Output (n, h, w, outputs) of x (n, h, w, inputs). Parameters: weights (9 * inputs, hidden), (hidden, hidden) and
   (hidden, 9 * outputs), each followed by its bias. Returns 0 where there is no memory. */
int three_convolutions(
    long n, long h, long w, long inputs, long hidden, long outputs, const float *const *parameters, const float *x,
    float *out
) {
    size_t pixels = h * w, block = pixels < BLOCK_PIXELS ? BLOCK_PIXELS / pixels : 1, line = (w + 2) * inputs;
    if (block > (size_t)n) block = n;
    size_t rows = up_to(ROWS, block * pixels), hidden_width = up_to(PADDED_TO, hidden);
    size_t products_width = up_to(PADDED_TO, 9 * outputs), padded_size = block * (h + 2) * line;
    float *memory = calloc(padded_size + rows * (2 * hidden_width + products_width), sizeof *memory);
    const float **pointers = malloc(2 * rows * sizeof *pointers);
    if (memory && pointers) {
        float *padded = memory, *hidden_1 = padded + padded_size, *hidden_2 = hidden_1 + rows * hidden_width;
        float *products = hidden_2 + rows * hidden_width;
        const float **around = pointers, **of_hidden = pointers + rows;
        for (size_t row = 0; row < rows; row++) {
            size_t patch = row / pixels, i = row % pixels / w, j = row % w; /* rows left over read the first pixel */
            around[row] = row < block * pixels ? padded + (patch * (h + 2) + i) * line + j * inputs : padded;
        }
        for (size_t start = 0; start < (size_t)n; start += block) {
            size_t patches = n - start < block ? n - start : block, now = patches * pixels;
            pad(x + start * pixels * inputs, patches, h, w, inputs, padded);
            product(now, 3, line, 3 * inputs, around, parameters[0], hidden_width, parameters[1], hidden_1);
            for (size_t row = 0; row < rows; row++) of_hidden[row] = hidden_1 + row * hidden_width;
            product(now, 1, 0, hidden, of_hidden, parameters[2], hidden_width, parameters[3], hidden_2);
            for (size_t row = 0; row < rows; row++) of_hidden[row] = hidden_2 + row * hidden_width;
            product(now, 1, 0, hidden, of_hidden, parameters[4], products_width, NULL, products);
            add_up(products, patches, h, w, outputs, products_width, parameters[5], out + start * pixels * outputs);
        }
    }
    free(memory);
    free(pointers);
    return memory && pointers;
}
