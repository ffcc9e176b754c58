/* graveler-mpi: the same commands, played by all processes of an MPI job. */
#include <signal.h>
#include <stdio.h>

#include "options.h"
#include "program.h"
#include "team_mpi.h"

/* Signals are for rank 0, which ends the run in order; whoever starts jobs sends them to all. */
static void leave_signals_to_rank_0(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_IGN);
}

/* Ends all processes, whatever they are doing. */
static void abort_job(const grav_team *team, const grav_error *why, int code)
{
    fprintf(stderr, "%s: rank %d on %s: %s\n", cli_program, team->rank, team->host, why->message);
    MPI_Abort(MPI_COMM_WORLD, code);
}

/* Runs the command on rank 0, which the others serve. */
static int lead_or_serve(grav_team *team, int argc, char **argv)
{
    grav_error err = {0};
    int code = CLI_DONE;
    if (team->rank == 0) {
        cli_team = team;
        code = cli_main(&cli_graveler_mpi, argc, argv);
        err.status = grav_team_dismiss(team, &err);
    } else {
        leave_signals_to_rank_0();
        err.status = grav_team_serve(team, &err);
    }
    if (err.status != GRAV_OK)
        abort_job(team, &err, code == CLI_DONE ? CLI_FAILED : code);
    return code;
}

int main(int argc, char **argv)
{
    int level, code = CLI_FAILED;
    grav_team *team;
    grav_error err = {0};
    cli_program = cli_graveler_mpi.program;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
    if (level < MPI_THREAD_FUNNELED) {
        fprintf(stderr, "%s: this MPI allows no threads beside it\n", cli_program);
        MPI_Abort(MPI_COMM_WORLD, CLI_FAILED);
    }
    if (grav_team_mpi_create(&team, &err) != GRAV_OK) {
        fprintf(stderr, "%s: %s\n", cli_program, err.message);
        MPI_Abort(MPI_COMM_WORLD, CLI_FAILED);
    }
    code = lead_or_serve(team, argc, argv);
    grav_team_mpi_destroy(team);
    MPI_Finalize();
    return code;
}
