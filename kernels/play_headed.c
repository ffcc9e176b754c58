/* Single sessions, for the variants to leave the rare ones to. */
#include "lane_scalar.h"

#include "cpu.h"
#include "philox.h"
#include "session.h"

uint32_t grav_play_headed(const grav_plan *plan, const uint32_t *words, uint64_t session)
{
    philox_keys keys = philox_keys_make(plan->seed);
    philox_block head[GRAV_HEAD_BLOCKS];
    session_pair_words(words, head);
    session_source source = session_source_make(&keys, plan->philox_rounds,
                                                (uint32_t)(session >> 32), (uint32_t)session);
    source.head = head;
    return (uint32_t)session_score(plan, &source);
}
