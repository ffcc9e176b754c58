/* A model of a run by a team (host/team_leader.c, host/team_member.c): what happens when, from what
 * it costs, without playing anything. Each rank has one worker and a thread for messages, which do
 * not disturb each other. */
#ifndef BENCH_TEAM_MODEL_H
#define BENCH_TEAM_MODEL_H

#include <graveler.h>

/* Seconds. */
typedef struct team_costs {
    double latency; /* of a message between two ranks */
    double message; /* that rank 0 spends on a message, taken or sent */
    double look;    /* that rank 0 spends on a rank each time it looks how things stand */
    double range;   /* that rank 0 spends on each range, when it sorts those played into its list */
    double merge;   /* of two tallies */
    double words;   /* that the words of a tally are under way, beside the latency */
    double chunk;   /* that a worker spends on a chunk beside playing */
} team_costs;

/* How a team works together: what host/team_rules.h has as constants. Seconds. */
typedef struct team_rules {
    double exchange_s;          /* between looks for messages */
    double chunk_s;             /* that a chunk takes */
    double portion_s;           /* that a portion takes, at least */
    double portion_s_each;      /* or so much for each rank */
    double low_s;               /* what is left when a rank asks for more */
    double tell_s, tell_s_each; /* between messages without news, likewise */
    double merge_s;             /* between merges, at most */
    double first_speed;         /* sessions per second, before any were played */
} team_rules;

team_rules team_rules_now(void);

typedef struct team_model {
    const double *speeds; /* sessions per second, by rank */
    uint32_t ranks;
    uint64_t sessions;
    double checkpoint_s; /* between merges while all play; 0: only the one at the end */
    team_costs costs;
    team_rules rules;
} team_model;

typedef struct team_forecast {
    double seconds;    /* of the run */
    double ideal_s;    /* if all played at their speed until the end */
    double tail_s;     /* from when the first worker has nothing more to do until the last has */
    double merge_s;    /* from then on until all is merged */
    double busy_s;     /* of rank 0's thread for messages */
    uint64_t messages; /* that rank 0 took and sent */
    uint64_t portions; /* that rank 0 handed out */
    uint64_t sessions; /* played by all */
    uint64_t merges;   /* reductions */
} team_forecast;

/* Plays the model. played: sessions by rank, or NULL. GRAV_ERROR_INVALID: rank 0 cannot keep up,
 * and the run would take a hundred times as long as it should. */
grav_status team_model_play(const team_model *model, uint64_t *played, team_forecast *out,
                            grav_error *err);

#endif
