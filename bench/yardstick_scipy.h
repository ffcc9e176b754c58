/* The yardstick in Python: GravelerPy's method, run by yardstick.py in a process of its own. */
#ifndef BENCH_YARDSTICK_SCIPY_H
#define BENCH_YARDSTICK_SCIPY_H

#include "subject.h"

/* Starts it, once a process, and adds it; python NULL: python3. GRAV_ERROR_DEVICE: there is no
 * Python with SciPy. */
grav_status bench_scipy_add(bench_subjects *subjects, const char *python, uint64_t seed,
                            grav_error *err);

/* Ends it; nothing if it was not started. */
void bench_scipy_end(void);

#endif
