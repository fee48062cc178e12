/* measure.h - what the load generator and the receiver share: clocks and a histogram of latencies. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* CLOCK_REALTIME, because the moment travels inside the payload from one process to another. */
static inline int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Latencies in buckets that grow with the value: 64 per power of two, so a percentile is exact to 1.6 %. */
enum { STEPS = 64, BUCKETS = 64 * STEPS };

typedef struct histogram {
    uint64_t counts[BUCKETS];
    uint64_t total;
    int64_t largest;
} histogram;

static inline int bucket_of(uint64_t value) {
    if (value < STEPS) return (int)value;
    int shift = 63 - __builtin_clzll(value) - 6;
    return (shift + 1) * STEPS + (int)((value >> shift) - STEPS);
}

static inline uint64_t bucket_floor(int bucket) {
    if (bucket < STEPS) return (uint64_t)bucket;
    return (uint64_t)(bucket % STEPS + STEPS) << (bucket / STEPS - 1);
}

static inline void record(histogram *latencies, int64_t nanoseconds) {
    if (nanoseconds < 0) nanoseconds = 0;
    latencies->counts[bucket_of((uint64_t)nanoseconds)] += 1;
    latencies->total += 1;
    if (nanoseconds > latencies->largest) latencies->largest = nanoseconds;
}

static inline double percentile_ms(const histogram *latencies, double share) {
    uint64_t rank = (uint64_t)((double)latencies->total * share), seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        seen += latencies->counts[bucket];
        if (seen > rank) return (double)bucket_floor(bucket) / 1e6;
    }
    return (double)latencies->largest / 1e6;
}

static inline void print_latencies(const histogram *latencies) {
    printf("\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f", percentile_ms(latencies, 0.50),
           percentile_ms(latencies, 0.90), percentile_ms(latencies, 0.99), (double)latencies->largest / 1e6);
}

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

#endif
