/* A team whose messages MPI carries: the processes of MPI_COMM_WORLD. MPI-3, called from one
 * thread.
 */
#ifndef GRAV_MPI_TEAM_MPI_H
#define GRAV_MPI_TEAM_MPI_H

#include <mpi.h>

#include "team.h"

/* Made once MPI is initialized, by all processes together. */
grav_status grav_team_mpi_create(grav_team **out, grav_error *err);

/* Waits until all that was sent has gone; before MPI is finalized, by all processes. */
void grav_team_mpi_destroy(grav_team *team);

#endif
