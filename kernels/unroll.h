/* GRAV_UNROLL(times) asks for the next loop to be unrolled: with constant bounds it becomes
 * straight code. */
#ifndef GRAV_UNROLL_H
#define GRAV_UNROLL_H

#define GRAV_PRAGMA(text) _Pragma(#text)
#ifdef __CUDA_ARCH__
#define GRAV_UNROLL(times) GRAV_PRAGMA(unroll times)
#elif defined(__CUDACC__) || defined(GRAV_NO_UNROLL) /* not in a hurry: a .cu file's host part */
#define GRAV_UNROLL(times)
#elif defined(__clang__)
#define GRAV_UNROLL(times) GRAV_PRAGMA(clang loop unroll_count(times))
#else
#define GRAV_UNROLL(times) GRAV_PRAGMA(GCC unroll times)
#endif

#endif
