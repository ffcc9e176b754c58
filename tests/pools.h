// What the tests of pools share.
#ifndef GRAV_TESTS_POOLS_H
#define GRAV_TESTS_POOLS_H

#include "support.h"

namespace pools {

using Pool = std::unique_ptr<grav_pool, support::Destroyer<grav_pool_destroy>>;
using Batch = std::unique_ptr<grav_batch, support::Destroyer<grav_batch_destroy>>;

inline Pool MakePool(const grav_pool_spec &spec)
{
    grav_pool *pool = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_pool_create(&spec, &pool, &err), GRAV_OK) << err.message;
    return Pool(pool);
}

inline Pool MakePool(unsigned threads)
{
    grav_pool_spec spec;
    grav_pool_spec_init(&spec);
    spec.backend = GRAV_BACKEND_CPU;
    spec.threads = threads;
    return MakePool(spec);
}

inline Batch MakeBatch(const Pool &pool)
{
    grav_batch *batch = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_batch_create(pool.get(), &batch, &err), GRAV_OK) << err.message;
    return Batch(batch);
}

inline grav_task_spec Task(const support::Experiment &experiment, uint64_t sessions,
                           uint64_t seed = 42)
{
    grav_task_spec task = {};
    task.experiment = experiment.get();
    grav_run_spec_init(&task.run);
    task.run.seed = seed;
    task.run.sessions = sessions;
    return task;
}

constexpr uint64_t kEndless = uint64_t{1} << 60; // sessions that nobody waits for

// The task's number; 0, and the test fails, where it is refused.
inline grav_task Submit(const Batch &batch, const grav_task_spec &task)
{
    grav_task number = 0;
    grav_error err = {};
    EXPECT_EQ(grav_batch_submit(batch.get(), &task, &number, &err), GRAV_OK) << err.message;
    return number;
}

inline grav_batch_progress Look(const Batch &batch)
{
    grav_batch_progress progress;
    grav_batch_look(batch.get(), &progress);
    return progress;
}

} // namespace pools

#endif
