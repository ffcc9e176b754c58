/* How the text of a result file ends: with the checksum of all that comes before it. */
#ifndef GRAV_HOST_SEAL_H
#define GRAV_HOST_SEAL_H

#define GRAV_JSON_END "\n}\n" /* of an object without it */
#define GRAV_SEAL_START " \"checksum\": \""
#define GRAV_SEAL_END "\"\n}\n"

#endif
