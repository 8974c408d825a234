/* Steps of flow in float32. Gradients of the weights are PyTorch's.

   The network inside a coupling is conv3x3(relu(conv1x1(relu(conv3x3(x))))). It turns the first half of the channels
   into a shift t and a raw scale s, and the second half b becomes (b + t) * sigmoid(max(s + 2, -6)).

   Patches go through in blocks whose hidden layers stay in the cache. Channels come last. Every convolution is a
   product of pixels and weights: ROWS pixels and three vectors of outputs at a time are added up in registers. The
   first convolution reads the three lines around a pixel from patches with a border of zeros. The last one multiplies
   every pixel once with the weights of all nine neighbours, and then adds up what each pixel has for another.

   Weights are matrices (inputs, outputs) whose outputs are padded with zeros to a multiple of 16.
*/

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#include "scales.h"

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

/* The first `inputs` channels of patches (h, w, channels), with a border of zeros. */
static void pad(const float *x, size_t patches, size_t h, size_t w, size_t channels, size_t inputs, float *out) {
    for (size_t patch = 0; patch < patches; patch++)
        for (size_t i = 0; i < h; i++)
            for (size_t j = 0; j < w; j++, x += channels) {
                float *to = out + ((patch * (h + 2) + i + 1) * (w + 2) + j + 1) * inputs;
                for (size_t k = 0; k < inputs; k++) to[k] = x[k];
            }
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

/* Sizes of a network, and memory for a block of patches. */
typedef struct {
    size_t h, w, pixels, inputs, outputs, hidden, line; /* line: of a patch with its border */
    size_t hidden_width, products_width;                /* hidden and 9 * outputs, padded */
    size_t block, rows;                                 /* patches that go through together, and their pixels, padded */
    float *padded, *hidden_1, *hidden_2, *products, *network, *raw;
    const float **around, **of_hidden; /* by pixel: its neighbourhood, its hidden layer */
} Network;

static int set_up(Network *c, long n, long h, long w, long inputs, long hidden, long outputs) {
    *c = (Network){.h = h, .w = w, .pixels = h * w, .inputs = inputs, .outputs = outputs, .hidden = hidden};
    c->line = (w + 2) * inputs;
    c->hidden_width = up_to(PADDED_TO, hidden), c->products_width = up_to(PADDED_TO, 9 * outputs);
    c->block = c->pixels < BLOCK_PIXELS ? BLOCK_PIXELS / c->pixels : 1;
    if (c->block > (size_t)n) c->block = n;
    c->rows = up_to(ROWS, c->block * c->pixels);
    size_t padded = c->block * (h + 2) * c->line, hidden_size = c->rows * c->hidden_width;
    size_t products = c->rows * c->products_width, of_network = c->rows * outputs;
    c->padded = calloc(padded + 2 * hidden_size + products + 2 * of_network, sizeof(float));
    c->around = malloc(2 * c->rows * sizeof *c->around);
    if (!c->padded || !c->around) return 0;
    c->hidden_1 = c->padded + padded, c->hidden_2 = c->hidden_1 + hidden_size;
    c->products = c->hidden_2 + hidden_size, c->network = c->products + products, c->raw = c->network + of_network;
    c->of_hidden = c->around + c->rows;
    for (size_t row = 0; row < c->rows; row++) {
        size_t patch = row / c->pixels, i = row % c->pixels / w, j = row % w; /* rows left over read the first pixel */
        int is_there = row < c->block * c->pixels;
        c->around[row] = is_there ? c->padded + (patch * (h + 2) + i) * c->line + j * inputs : c->padded;
    }
    return 1;
}

static void tear_down(Network *c) {
    free(c->padded);
    free(c->around);
}

/* A gradient after a ReLU becomes the one before it: zero where the layer (pixels, hidden) is. */
static void through_relu(const Network *c, size_t pixels, const float *layer, float *gradient) {
    for (size_t i = 0; i < pixels; i++, layer += c->hidden, gradient += c->hidden_width)
        for (size_t k = 0; k < c->hidden; k++) gradient[k] = layer[k] <= 0 ? 0 : gradient[k];
}

/* Patches of which the first `inputs` of so many channels go through the network: out (pixels, outputs). Of gradients,
   the two layers (pixels, hidden) whose ReLU they go through; otherwise NULL. */
static void run_network(
    Network *c, size_t patches, size_t channels, const float *const *parameters, const float *x, float *out,
    const float *const *layers
) {
    size_t pixels = patches * c->pixels;
    pad(x, patches, c->h, c->w, channels, c->inputs, c->padded);
    product(
        pixels, 3, c->line, 3 * c->inputs, c->around, parameters[0], c->hidden_width, parameters[1], c->hidden_1
    );
    if (layers) through_relu(c, pixels, layers[0], c->hidden_1);
    for (size_t row = 0; row < c->rows; row++) c->of_hidden[row] = c->hidden_1 + row * c->hidden_width;
    product(pixels, 1, 0, c->hidden, c->of_hidden, parameters[2], c->hidden_width, parameters[3], c->hidden_2);
    if (layers) through_relu(c, pixels, layers[1], c->hidden_2);
    for (size_t row = 0; row < c->rows; row++) c->of_hidden[row] = c->hidden_2 + row * c->hidden_width;
    product(pixels, 1, 0, c->hidden, c->of_hidden, parameters[4], c->products_width, NULL, c->products);
    add_up(c->products, patches, c->h, c->w, c->outputs, c->products_width, parameters[5], out);
}

/* A hidden layer of a block without its padding: out (pixels, hidden). */
static void keep(const Network *c, size_t pixels, const float *layer, float *out) {
    for (size_t i = 0; i < pixels; i++)
        memcpy(out + i * c->hidden, layer + i * c->hidden_width, c->hidden * sizeof *out);
}

/* Output (n, h, w, outputs) of x (n, h, w, inputs), and, unless NULL, both hidden layers (n, h, w, hidden). Parameters:
   weights (9 * inputs, hidden), (hidden, hidden) and (hidden, 9 * outputs), each followed by its bias. Returns 0 where
   there is no memory. */
int network_forward(
    long n, long h, long w, long inputs, long hidden, long outputs, const float *const *parameters, const float *x,
    float *out, float *hidden_1, float *hidden_2
) {
    Network c;
    int done = set_up(&c, n, h, w, inputs, hidden, outputs);
    for (size_t start = 0; done && start < (size_t)n; start += c.block) {
        size_t patches = n - start < c.block ? n - start : c.block, at = start * c.pixels;
        run_network(&c, patches, inputs, parameters, x + at * inputs, out + at * outputs, NULL);
        if (hidden_1) keep(&c, patches * c.pixels, c.hidden_1, hidden_1 + at * hidden);
        if (hidden_2) keep(&c, patches * c.pixels, c.hidden_2, hidden_2 + at * hidden);
    }
    tear_down(&c);
    return done;
}

/* Gradient x_grad (n, h, w, inputs) of the input of a network, and those before both ReLUs (n, h, w, hidden), from that
   of its output y_grad (n, h, w, outputs) and its hidden layers. They go through the network backwards, so parameters
   are those of `network_forward` with weights turned around and without biases, but for the last, which is zero. */
int network_backward(
    long n, long h, long w, long inputs, long hidden, long outputs, const float *const *parameters, const float *y_grad,
    const float *hidden_1, const float *hidden_2, float *x_grad, float *hidden_1_grad, float *hidden_2_grad
) {
    Network c;
    int done = set_up(&c, n, h, w, outputs, hidden, inputs);
    for (size_t start = 0; done && start < (size_t)n; start += c.block) {
        size_t patches = n - start < c.block ? n - start : c.block, at = start * c.pixels;
        const float *layers[2] = {hidden_2 + at * hidden, hidden_1 + at * hidden};
        run_network(&c, patches, outputs, parameters, y_grad + at * outputs, x_grad + at * inputs, layers);
        keep(&c, patches * c.pixels, c.hidden_1, hidden_2_grad + at * hidden);
        keep(&c, patches * c.pixels, c.hidden_2, hidden_1_grad + at * hidden);
    }
    tear_down(&c);
    return done;
}

/* -------------------------------------------------------------------------------------------------- a step --- */

/* An affine map of the channels of every pixel; the matrix lies transposed, (channels, padded). */
static void map_channels(
    const float *x, size_t pixels, size_t channels, size_t padded, const float *transposed, const float *bias, float *y
) {
    float out[LANES];
    for (size_t i = 0; i < pixels; i++, x += channels, y += channels)
        for (size_t o = 0; o < channels; o += LANES) {
            Vector sum = load(bias + o);
            for (size_t k = 0; k < channels; k++)
                sum = multiply_add(all(x[k]), load(transposed + k * padded + o), sum);
            store(out, sum);
            for (size_t lane = 0; lane < LANES && o + lane < channels; lane++) y[o + lane] = out[lane];
        }
}

/* The scale of n raw scales, and its logarithm in their place. */
static void scales(size_t n, float *raw, float *scale) {
    for (size_t i = 0; i < n; i++) {
        float r = raw[i] + 2;
        float clamped = r < SMALLEST_LOGIT ? SMALLEST_LOGIT : r;
        float e = exp_of_negative(clamped < 0 ? clamped : -clamped);
        float larger = 1 / (1 + e), smaller = e * larger;
        scale[i] = clamped < 0 ? smaller : larger;
        raw[i] = (clamped < 0 ? clamped : 0) - log_of_one_plus(e);
    }
}

/* From mapped channels: shifts in c->network, scales in the result, their logarithms in c->raw. */
static float *run_coupling(
    Network *c, size_t patches, size_t channels, const float *const *parameters, const float *mapped
) {
    size_t pixels = patches * c->pixels, changed = channels / 2;
    float *scale = c->raw + pixels * changed;
    run_network(c, patches, channels, parameters, mapped, c->network, NULL);
    for (size_t i = 0; i < pixels; i++)
        for (size_t j = 0; j < changed; j++) c->raw[i * changed + j] = c->network[i * c->outputs + changed + j];
    scales(pixels * changed, c->raw, scale);
    return scale;
}

/* Output y of x's shape (n, h, w, channels), and the log-determinant (n,) of the coupling alone. Parameters: the
   transposed matrix (channels, padded) and the bias (padded) of the affine map, then those of the network. Returns 0
   where there is no memory. */
int step_forward(
    long n, long h, long w, long channels, long hidden, const float *const *parameters, const float *x, float *y,
    float *log_det
) {
    Network c;
    size_t through = (channels + 1) / 2, changed = channels / 2, padded = up_to(PADDED_TO, channels);
    int done = set_up(&c, n, h, w, through, hidden, 2 * changed);
    for (size_t start = 0; done && start < (size_t)n; start += c.block) {
        size_t patches = n - start < c.block ? n - start : c.block, pixels = patches * c.pixels;
        float *to = y + start * c.pixels * channels;
        map_channels(x + start * c.pixels * channels, pixels, channels, padded, parameters[0], parameters[1], to);
        const float *scale = run_coupling(&c, patches, channels, parameters + 2, to);
        for (size_t i = 0; i < pixels; i++)
            for (size_t j = 0; j < changed; j++) {
                float *b = to + i * channels + through + j;
                *b = (*b + c.network[i * c.outputs + j]) * scale[i * changed + j];
            }
        for (size_t patch = 0; patch < patches; patch++) {
            double sum = 0;
            for (size_t i = 0; i < c.pixels * changed; i++) sum += c.raw[patch * c.pixels * changed + i];
            log_det[start + patch] = (float)sum;
        }
    }
    tear_down(&c);
    return done;
}

/* The input x of a step, from its output y; both (n, h, w, channels). Parameters: the transposed matrix and the bias of
   the inverse map, then those of the network. Returns 0 where there is no memory. */
int step_inverse(
    long n, long h, long w, long channels, long hidden, const float *const *parameters, const float *y, float *x
) {
    Network c;
    size_t through = (channels + 1) / 2, changed = channels / 2, padded = up_to(PADDED_TO, channels);
    int done = set_up(&c, n, h, w, through, hidden, 2 * changed);
    float *mapped = done ? malloc(c.rows * channels * sizeof *mapped) : NULL;
    done = mapped != NULL;
    for (size_t start = 0; done && start < (size_t)n; start += c.block) {
        size_t patches = n - start < c.block ? n - start : c.block, pixels = patches * c.pixels;
        const float *from = y + start * c.pixels * channels, *scale;
        scale = run_coupling(&c, patches, channels, parameters + 2, from);
        memcpy(mapped, from, pixels * channels * sizeof *mapped);
        for (size_t i = 0; i < pixels; i++)
            for (size_t j = 0; j < changed; j++) {
                float *b = mapped + i * channels + through + j;
                *b = *b / scale[i * changed + j] - c.network[i * c.outputs + j];
            }
        float *to = x + start * c.pixels * channels;
        map_channels(mapped, pixels, channels, padded, parameters[0], parameters[1], to);
    }
    free(mapped);
    tear_down(&c);
    return done;
}
