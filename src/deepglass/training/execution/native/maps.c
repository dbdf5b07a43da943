/* Maps of features in bfloat16 between convolutions: each function takes as few passes over memory as can be.

Maps lie channels last: the channels of a pixel, pixel after pixel, example after example. A bfloat16 is the upper half of a
float32, so numbers from 0 on keep their order when their bits are read as whole numbers, and negative ones are negative there
too. Sums are taken in float32, a TILE of them side by side, and put together in double, one thread's after another's: the
same number of threads gives the same bits. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_thread_num(void) { return 0; }
#endif

#define TILE 512 /* numbers taken at once, where channels are fewer */
#define NOBODY 4 /* the place that takes the gradient of a window in which nothing is above 0 */

typedef uint16_t bfloat;

static inline float wide(bfloat x)
{
    union { uint32_t bits; float number; } of = {(uint32_t)x << 16};
    return of.number;
}

static inline bfloat narrow(float x) /* to the nearest, and to the even one of two that are as near */
{
    union { float number; uint32_t bits; } of = {x};
    return (of.bits + 0x7fff + (of.bits >> 16 & 1)) >> 16;
}

/* The largest of 0 and each 2 x 2 window, and its place there: 0 to 3 in the order of reading, the first of equal ones. */
void positive_max(const int16_t *x, int16_t *y, int8_t *places, long examples, long height, long width, long channels,
                  int threads)
{
    const long rows = height / 2, columns = width / 2;
    #pragma omp parallel for schedule(static) num_threads(threads)
    for (long row = 0; row < examples * rows; row++) {
        const int16_t *top = x + (row / rows * height + row % rows * 2) * width * channels;
        for (long column = 0; column < columns; column++) {
            const long at = (row * columns + column) * channels;
            const int16_t *restrict a = top + 2 * column * channels, *restrict b = a + channels;
            const int16_t *restrict c = a + width * channels, *restrict d = c + channels;
            int16_t *restrict largest = y + at;
            int8_t *restrict place = places + at;
            #pragma omp simd
            for (long k = 0; k < channels; k++) {
                int16_t best = 0;
                int8_t found = NOBODY;
                if (a[k] > best) best = a[k], found = 0;
                if (b[k] > best) best = b[k], found = 1;
                if (c[k] > best) best = c[k], found = 2;
                if (d[k] > best) best = d[k], found = 3;
                largest[k] = best, place[k] = found;
            }
        }
    }
}

/* The gradient of each window goes to its place; everybody else has 0. */
void to_positive_max(const int16_t *gradient, const int8_t *places, int16_t *x, long examples, long height, long width,
                     long channels, int threads)
{
    const long rows = height / 2, columns = width / 2, line = width * channels;
    #pragma omp parallel for schedule(static) num_threads(threads)
    for (long row = 0; row < examples * rows; row++) {
        int16_t *top = x + (row / rows * height + row % rows * 2) * line;
        for (long column = 0; column < columns; column++) {
            const long at = (row * columns + column) * channels;
            int16_t *restrict a = top + 2 * column * channels, *restrict b = a + channels;
            int16_t *restrict c = a + line, *restrict d = c + channels;
            const int16_t *restrict from = gradient + at;
            const int8_t *restrict place = places + at;
            #pragma omp simd
            for (long k = 0; k < channels; k++) {
                a[k] = place[k] == 0 ? from[k] : 0;
                b[k] = place[k] == 1 ? from[k] : 0;
                c[k] = place[k] == 2 ? from[k] : 0;
                d[k] = place[k] == 3 ? from[k] : 0;
            }
        }
        for (long below = 0; width % 2 && below < 2; below++) /* the column and the row that are in no window */
            memset(top + below * line + 2 * columns * channels, 0, channels * sizeof *x);
        if (height % 2 && row % rows == rows - 1) memset(top + 2 * line, 0, line * sizeof *x);
    }
}

static long tile_of(long channels) { return channels * (channels < TILE ? TILE / channels : 1); }

static void fill(float *tile, long count, const float *values, long channels)
{
    for (long k = 0; k < count; k++) tile[k] = values[k % channels];
}

static double sum_of(const float *parts, int threads, long tile, long channel, long channels)
{
    double sum = 0;
    for (long t = 0; t < threads; t++)
        for (long k = channel; k < tile; k += channels) sum += parts[2 * t * tile + k];
    return sum;
}

/* y = (x - mean) / deviation * weight + bias, then + other where there is one, then 0 for what is below 0 where `positive`.
 *
 * With `learning`, mean and deviation are those of x, and the running ones follow by `momentum`; else they are the running
 * ones. `mean` and `inverse` (1 / deviation) are written for the way back. Sums are of x less its first pixel, so that a mean
 * far from 0 takes no digits (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983). */
void normalized(const bfloat *x, const float *weight, const float *bias, float *running_mean, float *running_variance,
                const bfloat *other, bfloat *y, float *mean, float *inverse, double momentum, double least, long numbers,
                long channels, int learning, int positive, int threads)
{
    const long tile = tile_of(channels), blocks = (numbers + tile - 1) / tile, pixels = numbers / channels;
    float *space = calloc((2 * threads + 2) * tile, sizeof *space), *one = space + 2 * threads * tile, *two = one + tile;
    if (learning) {
        for (long k = 0; k < tile; k++) one[k] = wide(x[k % channels]);
        #pragma omp parallel num_threads(threads)
        {
            float *restrict sums = space + 2 * omp_get_thread_num() * tile, *restrict squares = sums + tile;
            #pragma omp for schedule(static)
            for (long block = 0; block < blocks; block++) {
                const long start = block * tile, count = numbers - start < tile ? numbers - start : tile;
                #pragma omp simd
                for (long k = 0; k < count; k++) {
                    const float apart = wide(x[start + k]) - one[k];
                    sums[k] += apart, squares[k] += apart * apart;
                }
            }
        }
        for (long c = 0; c < channels; c++) {
            const double apart = sum_of(space, threads, tile, c, channels) / pixels;
            const double variance = fmax(0, sum_of(space + tile, threads, tile, c, channels) / pixels - apart * apart);
            mean[c] = one[c] + apart, inverse[c] = 1 / sqrt(variance + least);
            running_mean[c] += momentum * (mean[c] - running_mean[c]);
            running_variance[c] += momentum * (variance * pixels / (pixels - 1) - running_variance[c]);
        }
    } else {
        for (long c = 0; c < channels; c++) mean[c] = running_mean[c], inverse[c] = 1 / sqrt(running_variance[c] + least);
    }
    for (long k = 0; k < tile; k++) {
        const long c = k % channels;
        one[k] = inverse[c] * weight[c], two[k] = bias[c] - mean[c] * one[k];
    }
    const float floor = positive ? 0 : -INFINITY;
    #pragma omp parallel for schedule(static) num_threads(threads)
    for (long block = 0; block < blocks; block++) {
        const long start = block * tile, count = numbers - start < tile ? numbers - start : tile;
        const bfloat *restrict from = x + start, *restrict also = other ? other + start : from;
        bfloat *restrict to = y + start;
        if (other) {
            #pragma omp simd
            for (long k = 0; k < count; k++) {
                const float z = wide(from[k]) * one[k] + two[k] + wide(also[k]);
                to[k] = narrow(z < floor ? floor : z);
            }
        } else {
            #pragma omp simd
            for (long k = 0; k < count; k++) {
                const float z = wide(from[k]) * one[k] + two[k];
                to[k] = narrow(z < floor ? floor : z);
            }
        }
    }
    free(space);
}

/* The way back of `normalized`, from the gradient of y to those of x, weight and bias.
 *
 * g is the gradient where y is above 0, else 0; all of it where y is not given. It is written to `passed` where that is given,
 * which may be the gradient itself: it is the gradient of `other` as well. */
void to_normalized(const bfloat *gradient, const bfloat *y, const bfloat *x, const float *weight, const float *mean,
                   const float *inverse, bfloat *passed, bfloat *to_x, float *to_weight, float *to_bias, long numbers,
                   long channels, int learning, int threads)
{
    const long tile = tile_of(channels), blocks = (numbers + tile - 1) / tile, pixels = numbers / channels;
    float *space = calloc((2 * threads + 3) * tile, sizeof *space);
    float *one = space + 2 * threads * tile, *two = one + tile, *three = two + tile;
    fill(one, tile, mean, channels);
    #pragma omp parallel num_threads(threads)
    {
        float *restrict sums = space + 2 * omp_get_thread_num() * tile, *restrict products = sums + tile;
        #pragma omp for schedule(static)
        for (long block = 0; block < blocks; block++) {
            const long start = block * tile, count = numbers - start < tile ? numbers - start : tile;
            const bfloat *of_x = x + start, *of_gradient = gradient + start;
            const int16_t *of_y = y ? (const int16_t *)y + start : 0;
            bfloat *on = passed ? passed + start : 0;
            if (y && passed) {
                #pragma omp simd
                for (long k = 0; k < count; k++) {
                    const bfloat kept = of_y[k] > 0 ? of_gradient[k] : 0;
                    const float g = wide(kept);
                    on[k] = kept, sums[k] += g, products[k] += g * (wide(of_x[k]) - one[k]);
                }
            } else {
                #pragma omp simd
                for (long k = 0; k < count; k++) {
                    const float g = wide(of_gradient[k]);
                    sums[k] += g, products[k] += g * (wide(of_x[k]) - one[k]);
                }
            }
        }
    }
    for (long c = 0; c < channels; c++) {
        const double sum = sum_of(space, threads, tile, c, channels);
        const double product = sum_of(space + tile, threads, tile, c, channels) * inverse[c];
        const double scale = (double)inverse[c] * weight[c], slope = learning ? -scale * product / pixels * inverse[c] : 0;
        to_weight[c] = product, to_bias[c] = sum;
        one[c] = scale, two[c] = slope, three[c] = learning ? -scale * sum / pixels - slope * mean[c] : 0;
    }
    for (long k = channels; to_x && k < tile; k++) one[k] = one[k - channels], two[k] = two[k - channels], three[k] = three[k - channels];
    const bfloat *masked = y ? passed : gradient;
    #pragma omp parallel for schedule(static) num_threads(threads)
    for (long block = 0; block < (to_x ? blocks : 0); block++) {
        const long start = block * tile, count = numbers - start < tile ? numbers - start : tile;
        const bfloat *restrict g = masked + start, *restrict of_x = x + start;
        bfloat *restrict to = to_x + start;
        #pragma omp simd
        for (long k = 0; k < count; k++) to[k] = narrow(wide(g[k]) * one[k] + wide(of_x[k]) * two[k] + three[k]);
    }
    free(space);
}
